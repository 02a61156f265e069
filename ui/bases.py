"""What a form was drawn from: its fields keep what they held, whatever somebody else changes meanwhile."""

from __future__ import annotations

from typing import TypeVar, cast

import streamlit as st

T = TypeVar("T")


def base(widget: str, current: T) -> T:
    """Return what a form was drawn from when it came on the page; that is `current` where it comes there now.

    Args:
        widget: the key of one of its fields: the form is as old as that.
        current: what it shows, as the API has it now.
    """
    name = _name(widget)
    if widget not in st.session_state or name not in st.session_state:
        st.session_state[name] = current
    return cast(T, st.session_state[name])


def take(widget: str, current: T) -> None:
    """Let a form count as drawn from `current`: the person has been told what it is."""
    st.session_state[_name(widget)] = current


def drop(widget: str) -> None:
    """Let a form be drawn from what is there at the next time: what it held was stored."""
    st.session_state.pop(_name(widget), None)


def _name(widget: str) -> str:
    return f"base-of-{widget}"
