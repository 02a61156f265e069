"""Turns the pages of a long list."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import render, texts


def draw(key: str, offset: int, size: int, total: int) -> None:
    """Draw where in the list the page is, with buttons to the ones before and after; nothing where all is shown.

    Args:
        key: of the session's state that holds the offset.
        offset: entries before the page.
        size: entries of a page.
        total: entries in all.
    """
    if total <= size:
        return

    def turn_to(target: int) -> None:
        st.session_state[key] = target

    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-pager"):
        st.button(
            texts.PREVIOUS,
            key=f"{key}-previous",
            icon=":material/chevron_left:",
            disabled=offset == 0,
            on_click=turn_to,
            args=(max(0, offset - size),),
        )
        shown = texts.range_of(offset + 1, min(total, offset + size), total)
        st.html(render.element("p", escape(shown), "as-quiet-text"), width="content")
        st.button(
            texts.NEXT,
            key=f"{key}-next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=offset + size >= total,
            on_click=turn_to,
            args=(offset + size,),
        )
