"""The documents page: the list of what may be read, and one document's text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from ui import access_texts, navigation, render, session, texts, widgets
from ui.client import ApiClient, ApiError
from ui.models import ListedDocument, TextWindow
from ui.views import composer

PAGE_SIZE = 50
SCAN_SIZE = 500
SCAN_LIMIT = 5_000
READ_CHARACTERS = 6_000


def page() -> None:
    """Draw the document that the address names, else the list."""
    query = st.query_params
    if query.get("source") and query.get("key"):
        _reader(query["source"], query["key"])
    else:
        _list()


def _number(name: str) -> int | None:
    text = st.query_params.get(name, "")
    return int(text) if text.isdigit() else None


def _list() -> None:
    st.html(render.element("h1", escape(texts.DOCUMENTS), "as-heading"))
    api = session.client()
    sources = session.attempt(api.sources)
    # Who may not manage sources may still read documents: only the choice of a source is missing then.
    names = [] if isinstance(sources, ApiError) else [item.name for item in sources]
    left, right = st.columns([3, 2])
    wanted = left.text_input(
        texts.FILTER, key="document-filter", placeholder=texts.FILTER_PLACEHOLDER, on_change=_first_page
    )
    source = right.selectbox(
        texts.SOURCE,
        [texts.ALL_SOURCES, *names],
        key="document-source",
        on_change=_first_page,
    )
    chosen = None if source == texts.ALL_SOURCES else source
    offset = int(st.session_state.get("document-offset", 0))
    found = session.attempt(lambda: _find(api, chosen, (wanted or "").strip().casefold(), offset))
    if isinstance(found, ApiError):
        widgets.failure(found, "documents")
        return
    shown, total, remark = found
    if remark:
        widgets.notice(remark, kind="warning")
    if not total:
        if wanted or chosen:
            widgets.notice(texts.NO_MATCH, texts.NO_MATCH_HINT, kind="quiet")
        else:
            widgets.notice(texts.NO_DOCUMENTS, texts.NO_DOCUMENTS_HINT, kind="quiet")
            navigation.link("sources", texts.SOURCES, icon=":material/folder:")
        return
    _rows(shown)
    _pager(offset, len(shown), total)


def _first_page() -> None:
    st.session_state["document-offset"] = 0


def _find(api: ApiClient, source: str | None, wanted: str, offset: int) -> tuple[tuple[ListedDocument, ...], int, str]:
    """Return a page of the documents, how many match, and a remark where not all were looked at."""
    if not wanted:
        shown, total = api.documents(source=source, limit=PAGE_SIZE, offset=offset)
        return shown, total, ""
    matching: list[ListedDocument] = []
    looked, total = 0, 1
    while looked < min(total, SCAN_LIMIT):
        batch, total = api.documents(source=source, limit=SCAN_SIZE, offset=looked)
        if not batch:
            break
        looked += len(batch)
        matching += [
            item for item in batch if wanted in item.name.title.casefold() or wanted in item.name.key.casefold()
        ]
    remark = texts.filter_stopped(looked, total) if looked < total else ""
    return tuple(matching[offset : offset + PAGE_SIZE]), len(matching), remark


def _rows(documents: Iterable[ListedDocument]) -> None:
    with st.container(key="document-list", gap=None):
        for item in documents:
            size = texts.page_count(item.pages) if item.pages else texts.passage_count(item.chunks)
            with st.container(gap=None):
                navigation.document_link(
                    item.name, item.name.title, page=1 if item.pages else None, icon=":material/description:"
                )
                place = f"{item.name.source} / {item.name.key}"
                st.html(
                    render.element(
                        "div",
                        render.element("span", escape(place), "as-path") + render.element("span", escape(size)),
                        "as-about as-row",
                    )
                )


def _pager(offset: int, shown: int, total: int) -> None:
    if total <= PAGE_SIZE:
        st.html(render.element("p", escape(texts.document_count(total)), "as-quiet-text"))
        return

    def turn_to(target: int) -> None:
        st.session_state["document-offset"] = target

    with st.container(horizontal=True, vertical_alignment="center", key="document-pager"):
        st.button(
            texts.PREVIOUS,
            key="list-previous",
            icon=":material/chevron_left:",
            disabled=offset == 0,
            on_click=turn_to,
            args=(max(0, offset - PAGE_SIZE),),
        )
        st.html(
            render.element("p", escape(texts.range_of(offset + 1, offset + shown, total)), "as-quiet-text"),
            width="content",
        )
        st.button(
            texts.NEXT,
            key="list-next",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=offset + shown >= total,
            on_click=turn_to,
            args=(offset + PAGE_SIZE,),
        )


def _reader(source: str, key: str) -> None:
    navigation.link("documents", texts.BACK, icon=":material/arrow_back:")
    api = session.client()
    number, start, end = _number("page"), _number("start"), _number("end")
    if number is not None:
        window = session.attempt(lambda: api.page(source, key, number))
    else:
        first = (start or 0) // READ_CHARACTERS * READ_CHARACTERS
        last = max(first + READ_CHARACTERS, end or 0)
        window = session.attempt(lambda: api.text(source, key, first, last))
    if isinstance(window, ApiError):
        widgets.failure(window, "reader")
        return
    st.html(
        render.element("h1", escape(window.document.title), "as-heading")
        + render.element("div", render.element("span", escape(f"{source} / {key}"), "as-path"), "as-about")
    )
    if window.opened_until is not None:
        widgets.notice(*access_texts.opened_until(window.opened_until), kind="warning")
    composer.about_link(window.document)
    _turner(source, key, window, "top")
    st.html(render.excerpt(window, start or 0, end or 0))
    _turner(source, key, window, "bottom")


def _step(source: str, key: str, label: str, icon: str, target: dict[str, int]) -> None:
    navigation.link("documents", label, icon=icon, query={"source": source, "key": key, **target})


def _turner(source: str, key: str, window: TextWindow, place: str) -> None:
    """Show where the window is in the document, with links to the ones before and after."""
    if window.page is not None:
        where = texts.page(window.page, window.pages)
        before = {"page": window.page - 1} if window.page > 1 else None
        after = {"page": window.page + 1} if window.page < window.pages else None
    else:
        where = texts.characters(window.start, window.end, window.length)
        before = {"start": max(0, window.start - READ_CHARACTERS)} if window.start else None
        after = {"start": window.end} if window.end < window.length else None
    if place == "bottom" and not (before or after):
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"turner-{place}"):
        if before:
            _step(source, key, texts.PREVIOUS, ":material/chevron_left:", before)
        st.html(render.element("p", escape(where), "as-quiet-text"), width="content")
        if after:
            _step(source, key, texts.NEXT, ":material/chevron_right:", after)
