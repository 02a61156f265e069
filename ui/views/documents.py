"""The page of documents: those that may be read, or all of the sources that one looks after; and one of them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from ui import inventory_texts, navigation, pager, render, session, texts, widgets
from ui.client import ApiError
from ui.inventory import Known
from ui.models import ListedDocument
from ui.views import document

PAGE_SIZE = 50
_OFFSET = "document-offset"
_STATES = ("", "current", "waiting", "failed", "flagged")
_BADGES = {"failed": "bad", "waiting": "busy", "flagged": "bad"}


def page() -> None:
    """Draw the document that the address names, else the list."""
    query = st.query_params
    if query.get("source") and query.get("key"):
        document.page(query["source"], query["key"])
    else:
        _list()


def _list() -> None:
    st.html(render.element("h1", escape(texts.DOCUMENTS), "as-heading"))
    _take_state(st.query_params.get("state", ""))
    if _looks_after() and _scope() == "all":
        _all()
    else:
        _mine()


def _take_state(named: str) -> None:
    """Filter by the state that a link names, once: what is chosen afterwards stays."""
    if named == st.session_state.get("document-state-named", ""):
        return
    st.session_state["document-state-named"] = named
    if named and named in _STATES:
        st.session_state["document-state"], st.session_state["document-scope"] = named, "all"
        _first_page()


def _looks_after() -> bool:
    status = session.attempt(session.status)
    return not isinstance(status, ApiError) and status.curates


def _scope() -> str:
    """Draw the choice between what may be read and what is looked after, and return which it is."""
    chosen = st.segmented_control(
        inventory_texts.SHOW,
        list(inventory_texts.SCOPES),
        default=None if "document-scope" in st.session_state else "mine",
        key="document-scope",
        format_func=lambda one: inventory_texts.SCOPES[one],
        help=inventory_texts.SCOPES_HELP,
        label_visibility="collapsed",
        on_change=_first_page,
        persist_state="session",
    )
    return str(chosen or "mine")


def _filters() -> tuple[str, str | None]:
    """Draw the filter by name and the choice of a source, and return both."""
    sources = session.attempt(session.client().sources)
    # Who may not manage sources may still read documents: only the choice of a source is missing then.
    names = [] if isinstance(sources, ApiError) else [item.name for item in sources]
    left, right = st.columns([3, 2])
    wanted = left.text_input(
        texts.FILTER,
        key="document-filter",
        placeholder=texts.FILTER_PLACEHOLDER,
        on_change=_first_page,
        persist_state="session",
    )
    source = right.selectbox(
        texts.SOURCE,
        ["", *names],
        key="document-source",
        on_change=_first_page,
        format_func=lambda one: one or texts.ALL_SOURCES,
        persist_state="session",
    )
    return (wanted or "").strip(), source or None


def _type(types: Iterable[tuple[str, int]], place: st.delta_generator.DeltaGenerator) -> list[str]:
    """Draw the choice of types, and return those that are chosen."""
    known = dict(types)
    held = [one for one in st.session_state.get("document-type", []) if one in known]
    if "document-type" in st.session_state:
        st.session_state["document-type"] = held
    chosen = place.multiselect(
        inventory_texts.TYPE,
        list(known),
        key="document-type",
        placeholder=inventory_texts.ANY_TYPE,
        format_func=lambda one: inventory_texts.type_of(one, known.get(one, 0)),
        on_change=_first_page,
        persist_state="session",
    )
    return list(chosen)


def _mine() -> None:
    api = session.client()
    wanted, source = _filters()
    types = session.attempt(lambda: api.document_types(source))
    chosen = [] if isinstance(types, ApiError) or len(types) < 2 else _type(types, st.container())
    offset = pager.offset_of(_OFFSET)
    found = session.attempt(
        lambda: api.documents(source=source, query=wanted, media_types=chosen, limit=PAGE_SIZE, offset=offset)
    )
    if isinstance(found, ApiError):
        widgets.failure(found, "documents")
        return
    shown, total = found
    if not total:
        _nothing(filtered=bool(wanted or source or chosen))
        return
    pager.must_be_there(_OFFSET, len(shown), total)
    _rows(shown)
    _pager(offset, total)


def _all() -> None:
    api = session.client()
    wanted, source = _filters()
    left, right = st.columns([3, 2])
    state = right.selectbox(
        inventory_texts.STATE,
        _STATES,
        key="document-state",
        on_change=_first_page,
        format_func=lambda one: inventory_texts.STATES.get(one, inventory_texts.ANY_STATE),
        persist_state="session",
    )
    offset = pager.offset_of(_OFFSET)
    held = list(st.session_state.get("document-type", []))
    found = session.attempt(
        lambda: api.inventory(
            source=source, query=wanted, media_types=held, state=state or "", limit=PAGE_SIZE, offset=offset
        )
    )
    if isinstance(found, ApiError):
        widgets.failure(found, "documents")
        return
    if set(_type(found.types, left)) != set(held):
        st.rerun()  # a type that is not there any more is not asked for
    if not found.total:
        _nothing(filtered=bool(wanted or source or held or state))
        return
    pager.must_be_there(_OFFSET, len(found.documents), found.total)
    _known_rows(found.documents)
    _pager(offset, found.total)


def _nothing(*, filtered: bool) -> None:
    if filtered:
        widgets.notice(texts.NO_MATCH, inventory_texts.NO_MATCH_HINT, kind="quiet")
        return
    status = session.attempt(session.status)
    adds = not isinstance(status, ApiError) and status.manages
    hint = texts.NO_DOCUMENTS_HINT if adds else texts.NOTHING_TO_READ
    widgets.notice(texts.NO_DOCUMENTS, hint, kind="quiet")
    navigation.link("sources", texts.SOURCES, icon=":material/folder:")


def _first_page() -> None:
    pager.first_page(_OFFSET)


def _rows(documents: Iterable[ListedDocument]) -> None:
    with st.container(key="document-list", gap=None):
        for item in documents:
            size = texts.page_count(item.pages) if item.pages else texts.passage_count(item.chunks)
            with st.container(gap=None):
                navigation.document_link(
                    item.name, item.name.title, page=1 if item.pages else None, icon=":material/description:"
                )
                st.html(_about(f"{item.name.source} / {item.name.key}", [render.element("span", escape(size))]))


def _known_rows(documents: Iterable[Known]) -> None:
    with st.container(key="document-list", gap=None):
        for item in documents:
            icon = _icon(item)
            parts = []
            if item.state != "current":
                badge = f"as-badge as-badge-{_BADGES[item.state]}"
                parts.append(render.element("span", escape(inventory_texts.STATES[item.state]), badge))
            if item.is_there:
                parts.append(render.element("span", escape(inventory_texts.length(item))))
            with st.container(gap=None):
                navigation.document_link(item.name, item.name.title, icon=icon)
                st.html(_about(f"{item.name.source} / {item.name.key}", parts))
                said = inventory_texts.work(item)[0] if item.state == "failed" else ""
                if said:
                    st.html(render.element("p", escape(said), "as-error-text as-row"))


def _icon(item: Known) -> str:
    if not item.is_there:
        return ":material/error:"
    return ":material/description:" if item.may_read else ":material/lock:"


def _about(place: str, parts: list[str]) -> str:
    return render.element("div", render.element("span", escape(place), "as-path") + "".join(parts), "as-about as-row")


def _pager(offset: int, total: int) -> None:
    if total <= PAGE_SIZE:
        st.html(render.element("p", escape(texts.document_count(total)), "as-quiet-text"))
    pager.draw(_OFFSET, offset, PAGE_SIZE, total, name="list")
