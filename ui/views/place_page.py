"""The page of a quoted place: drawn with the quote marked, turned, and enlarged."""

from __future__ import annotations

from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import streamlit as st

from ui import opened, place_texts, render, session, texts, widgets
from ui.client import ApiError
from ui.models import Citation
from ui.opened import Opened

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

# What is printed to be looked at; its text has no pages of its own.
_PRINTED = frozenset({".doc", ".docx", ".odp", ".ods", ".odt", ".ppt", ".pptx", ".rtf", ".xls", ".xlsx"})
_NO_PAGE = frozenset({"UnsupportedFormatError", "NotFoundError"})  # no pages, or not on them: the text says it all

Room = tuple["DeltaGenerator", "DeltaGenerator"]


def room(citation: Citation, state: Opened) -> Room:
    """Take the room for the page, so that what is drawn sooner stands below it. Returns the bar's and the page's."""
    bar = st.container(key="place-bar", horizontal=True, vertical_alignment="center", gap=None)
    frame = st.container(key="place-page")
    frame.html(f"<style>.st-key-place-page img {{ width: {state.zoom}% !important; }}</style>")
    spot = frame.empty()
    shown = state.images.get(state.page or 0)
    if shown is not None:
        _image(spot, shown, state)
    elif citation.page or PurePosixPath(citation.document.key.lower()).suffix in _PRINTED:
        waiting = render.element("span", escape(place_texts.DRAWING), "as-hidden")
        spot.html(render.element("div", waiting, "as-skeleton as-skeleton-page", role="status"))
    return bar, spot


def draw(where: Room, citation: Citation, state: Opened, pages: int | None) -> None:
    """Draw the page, and the ways to others.

    Args:
        where: from `room`.
        citation: the place.
        state: which page, and how large.
        pages: how many the document has; None: nobody counted, as with what is printed to be looked at.
    """
    bar, spot = where
    marked = _marked(citation)
    if isinstance(marked, ApiError):
        spot.empty()
        if marked.code not in _NO_PAGE:
            widgets.failure(marked, "page")
        return
    image = state.images.get(state.page or 0)
    if image is None:
        found = _fetch(citation, state, marked)
        if isinstance(found, ApiError):
            spot.empty()
            if found.code not in _NO_PAGE:
                widgets.failure(found, "page")
            return
        image = found
        _image(spot, image, state)
    with bar:
        _bar(citation, state, marked, pages)


def _marked(citation: Citation) -> tuple[int, ...] | ApiError:
    """Return which pages show the quote."""
    name = citation.document
    if citation.start >= citation.end:
        return (citation.page,) if citation.page else ApiError("", code="NotFoundError")
    return session.attempt(lambda: session.client().marked_pages(name.source, name.key, citation.start, citation.end))


def _fetch(citation: Citation, state: Opened, marked: tuple[int, ...]) -> bytes | ApiError:
    """Return the page that is looked at, and keep it; behind the last page, one stays at the last."""
    name, api = citation.document, session.client()
    page = state.page
    has_quote = citation.start < citation.end and (page is None or page in marked)
    start, end = (citation.start, citation.end) if has_quote else (None, None)
    image = session.attempt(lambda: api.page_image(name.source, name.key, start, end, page or citation.page))
    if isinstance(image, ApiError) and image.code == "NotFoundError" and page and page > 1:
        state.last_page = state.page = page - 1
        return _fetch(citation, state, marked)
    if not isinstance(image, ApiError):
        state.images[page or 0] = image
    return image


def _image(spot: DeltaGenerator, image: bytes, state: Opened) -> None:
    words = place_texts.OTHER_PAGE if state.page else place_texts.MARKED_PAGE
    spot.image(image, width="stretch", alt=words)


def _bar(citation: Citation, state: Opened, marked: tuple[int, ...], pages: int | None) -> None:
    quoted = marked[0] if marked else citation.page or 1
    page = state.page or quoted
    last = pages or state.last_page
    _button("former-page", place_texts.FORMER_PAGE, "chevron_left", page > 1, state, _page_or_quote(page - 1, quoted))
    st.html(render.element("span", escape(texts.page(page, last or 0)), "as-quiet-text"), width="content")
    more = last is None or page < last
    _button("next-page", place_texts.NEXT_PAGE, "chevron_right", more, state, _page_or_quote(page + 1, quoted))
    if state.page:
        _button("quote", place_texts.TO_THE_QUOTE, "my_location", True, state, None)
    if len(marked) > 1:
        st.html(render.element("span", escape(place_texts.quoted_on(marked)), "as-quiet-text"), width="content")
    with st.container(key="place-zoom", horizontal=True, horizontal_alignment="right", gap=None):
        for name, label, icon, step in (
            ("smaller", place_texts.SMALLER, "zoom_out", -1),
            ("larger", place_texts.LARGER, "zoom_in", 1),
        ):
            st.button(
                label,
                key=f"place-icon-{name}",
                icon=f":material/{icon}:",
                type="tertiary",
                help=label,
                disabled=state.zoom == (opened.ZOOMS[0] if step < 0 else opened.ZOOMS[-1]),
                on_click=opened.resize,
                args=(state, step),
            )


def _page_or_quote(page: int, quoted: int) -> int | None:
    return None if page == quoted else page


def _button(name: str, label: str, icon: str, possible: bool, state: Opened, page: int | None) -> None:
    st.button(
        label,
        key=f"place-icon-{name}",
        icon=f":material/{icon}:",
        type="tertiary",
        help=label,
        disabled=not possible,
        on_click=opened.turn_to,
        args=(state, page),
    )
