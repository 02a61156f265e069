"""Turns the pages of a long list."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import render, texts


def offset_of(key: str) -> int:
    """Return how many entries stand before the page that the session's state holds under `key`."""
    return int(st.session_state.get(key, 0))


def first_page(key: str) -> None:
    """Go back to the first page, such as where a filter was changed."""
    st.session_state[key] = 0


def must_be_there(key: str, shown: int, total: int) -> None:
    """Go back to the first page where there is nothing on this one, but in the list: it is of another list."""
    if total and not shown:
        first_page(key)
        st.rerun()


def draw(key: str, offset: int, size: int, total: int, *, name: str = "") -> None:
    """Draw where in the list the page is, with buttons to the ones before and after; nothing where all is shown.

    Args:
        key: of the session's state that holds the offset.
        offset: entries before the page.
        size: entries of a page.
        total: entries in all.
        name: what the keys of the buttons begin with; default: `key`.
    """
    if total <= size:
        return
    name = name or key

    def turn_to(target: int) -> None:
        st.session_state[key] = target

    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}-pager"):
        st.button(
            texts.PREVIOUS,
            key=f"{name}-previous",
            icon=":material/chevron_left:",
            disabled=offset == 0,
            on_click=turn_to,
            args=(max(0, offset - size),),
        )
        shown = texts.range_of(offset + 1, min(total, offset + size), total)
        st.html(render.element("p", escape(shown), "as-quiet-text"), width="content")
        st.button(
            texts.NEXT,
            key=f"{name}-next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=offset + size >= total,
            on_click=turn_to,
            args=(offset + size,),
        )
