"""The search page: documents by words and meaning, narrowed by what was found, each opened beside the list."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from ui import render, search_html, search_texts, session, texts, widgets
from ui.asked import PAGE_SIZE, Asked
from ui.client import ApiError
from ui.models import Citation
from ui.opened import Group
from ui.search_models import FoundDocument, FoundDocuments
from ui.views import place, search_filters, search_pictures

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

MOST_THUMBNAILS = 300  # kept in a session
_PRINTED = frozenset({"docx", "pptx", "xlsx", "odt", "odp", "ods", "doc", "ppt", "xls", "rtf"})  # takes seconds each


def page() -> None:
    """Draw the search that the address holds."""
    asked = Asked.of_address()
    st.html(render.element("h1", escape(search_texts.SEARCH), "as-heading"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="search-box"):
        _box(asked)
        search_pictures.choice()
    if search_pictures.show():
        return
    narrow = st.container(key="search-filters")
    results = st.empty()
    if not asked.query:
        results.html(search_html.tips())
        place.panel(lambda _: None)
        return
    results.html(search_html.skeleton())
    found = session.attempt(lambda: session.client().search_documents(asked.body()))
    if isinstance(found, ApiError):
        with results.container():
            widgets.failure(found, "search")
        return
    with narrow:
        search_filters.show(asked, found)
    places = [citation for document in found.documents for citation in document.citations()]
    place.panel(_finder(asked.name, places))
    with results.container():
        waiting = _results(asked, found)
    _draw_thumbnails(waiting)


def _finder(name: str, places: Sequence[Citation]) -> Callable[[str], Group | None]:
    return lambda wanted: Group(places) if wanted == name else None


def _box(asked: Asked) -> None:
    st.session_state["search-query"] = asked.query
    st.text_input(
        search_texts.QUERY,
        key="search-query",
        placeholder=search_texts.QUERY_PLACEHOLDER,
        label_visibility="collapsed",
        icon=":material/search:",
        max_chars=2_000,
        on_change=_searched,
    )


def _searched() -> None:
    """Search for other words; what the search is narrowed to stays."""
    words = str(st.session_state.get("search-query") or "").strip()
    search_pictures.forget()
    replace(Asked.of_address(), query=words, page=1).to_address()


Waiting = tuple["DeltaGenerator", FoundDocument, list[str]]


def _results(asked: Asked, found: FoundDocuments) -> list[Waiting]:
    """Draw a page of what was found; return the cards that wait for their thumbnails."""
    if not found.documents:
        _nothing(asked, found.total)
        return []
    with st.container(horizontal=True, vertical_alignment="center", key="search-head"):
        count = search_texts.found(found.total, more=found.more)
        st.html(render.element("p", escape(count), "as-quiet-text", role="status"), width="stretch")
        _sort(asked)
    waiting: list[Waiting] = []
    at = 0
    for row, document in enumerate(found.documents):
        targets = [f"{asked.name}:{at + number}" for number in range(1, len(document.places) + 1)]
        at += len(targets)
        with st.container(key=f"found-{row}", gap=None):
            spot = st.empty()
            image = _thumbnails().get(_page_of(document))
            waits = image is None and _has_thumbnail(document)
            spot.html(search_html.card(document, targets, image or None, waits=waits))
            if document.places:
                first = document.citations()[0]
                place.ask_about(first, f"ask-{first.document.source}/{first.document.key}", is_new=True)
            if waits:
                waiting.append((spot, document, targets))
    _pager(asked, found)
    return waiting


def _sort(asked: Asked) -> None:
    st.session_state["search-sort"] = asked.sort
    st.segmented_control(
        search_texts.SORT,
        list(search_texts.SORTS),
        key="search-sort",
        format_func=lambda sort: search_texts.SORTS[sort],
        label_visibility="collapsed",
        required=True,
        on_change=_sorted,
    )


def _sorted() -> None:
    sort = str(st.session_state.get("search-sort") or "relevance")
    replace(Asked.of_address(), sort=sort, page=1).to_address()


def _nothing(asked: Asked, total: int) -> None:
    """Say that nothing was found, and what might be too narrow."""
    if total:
        widgets.notice(search_texts.PAST_THE_END, kind="quiet")
        st.button(search_texts.FIRST_PAGE, key="search-first", on_click=replace(asked, page=1).to_address)
        return
    if not asked.is_narrowed:
        widgets.notice(search_texts.NONE_FOUND, search_texts.NONE_FOUND_HINT, kind="quiet")
        return
    widgets.notice(search_texts.NONE_FOUND, search_texts.NONE_FOUND_NARROWED, kind="quiet")
    with st.container(horizontal=True, gap="small"):
        for number, (label, other) in enumerate(search_filters.looser(asked)):
            st.button(label, key=f"looser-{number}", icon=":material/close:", on_click=other.to_address)
        st.button(search_texts.CLEAR, key="looser-all", on_click=asked.without_filters().to_address)


def _pager(asked: Asked, found: FoundDocuments) -> None:
    if found.total <= PAGE_SIZE:
        return
    first = PAGE_SIZE * (asked.page - 1) + 1
    last = first + len(found.documents) - 1
    with st.container(horizontal=True, vertical_alignment="center", key="search-pager"):
        st.button(
            texts.PREVIOUS,
            key="search-previous",
            icon=":material/chevron_left:",
            disabled=asked.page == 1,
            on_click=replace(asked, page=max(1, asked.page - 1)).to_address,
        )
        st.html(render.element("p", escape(texts.range_of(first, last, found.total)), "as-quiet-text"), width="content")
        st.button(
            texts.NEXT,
            key="search-next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=last >= found.total,
            on_click=replace(asked, page=asked.page + 1).to_address,
        )


Key = tuple[str, str, int, str]


def _thumbnails() -> dict[Key, bytes]:
    """Return the thumbnails that the session knows, empty ones for pages that have none.

    They are shown beside what a search has found just now alone, and so to whom the document is open now.
    """
    known: dict[Key, bytes] = st.session_state.setdefault("thumbnails", {})
    if len(known) > MOST_THUMBNAILS:
        known.clear()
    return known


def _has_thumbnail(document: FoundDocument) -> bool:
    return document.pages > 0 and document.type not in _PRINTED and _page_of(document) not in _thumbnails()


def _page_of(document: FoundDocument) -> Key:
    page = next((found.page for found in document.places if found.page), 1)
    return document.name.source, document.name.key, page, document.modified


def _draw_thumbnails(waiting: Sequence[Waiting]) -> None:
    """Draw the pages of what was found, last of all: the list can be read meanwhile."""
    for spot, document, targets in waiting:
        source, key, number, _ = _page_of(document)
        image = session.attempt(functools.partial(session.client().thumbnail, source, key, number))
        known = b"" if isinstance(image, ApiError) else image
        _thumbnails()[_page_of(document)] = known
        spot.html(search_html.card(document, targets, known or None))
