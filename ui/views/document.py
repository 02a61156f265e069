"""One document: its text for those who may read it, what is known of it for those who look after its source."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import inventory_texts, navigation, render, session, texts, times, widgets
from ui.client import ApiError
from ui.inventory import Inspected
from ui.models import TextWindow
from ui.views import composer, document_care, document_parts

READ_CHARACTERS = 6_000
_CARE = ("about", "readers", "history")


def page(source: str, key: str) -> None:
    """Draw the document, as far as it is for whoever is signed in."""
    navigation.link("documents", texts.BACK, icon=":material/arrow_back:")
    inspected = _inspected(source, key)
    if inspected is not None:
        readable = inspected.known.may_read
        _head(source, key, inspected.known.name.title)
        document_care.banner(inspected, readable=readable)
    else:
        first = session.attempt(lambda: session.client().text(source, key, 0, 1))
        if isinstance(first, ApiError):
            widgets.failure(first, "reader")
            return
        readable = True
        _head(source, key, first.document.title)
        if first.opened_until is not None:
            widgets.notice(*inventory_texts.opened(first.opened_until, times.browser_zone()), kind="warning")
        composer.about_link(first.document)
    part = _part(readable=readable, cared=inspected is not None)
    if part == "text":
        _text(source, key)
    elif part in _CARE and inspected is not None:
        document_care.draw(part, inspected)
    else:
        document_parts.draw(part, source, key)


def _inspected(source: str, key: str) -> Inspected | None:
    """Return what is known of the document for those who look after its source; None for all others."""
    status = session.attempt(session.status)
    if isinstance(status, ApiError) or not status.curates:
        return None
    found = session.attempt(lambda: session.client().inspect(source, key))
    return None if isinstance(found, ApiError) else found


def _head(source: str, key: str, title: str) -> None:
    st.html(
        render.element("h1", escape(title), "as-heading")
        + render.element("div", render.element("span", escape(f"{source} / {key}"), "as-path"), "as-about")
    )


def _part(*, readable: bool, cared: bool) -> str:
    """Draw the choice of what of the document is shown, and return which it is."""
    parts = (["text", "page", "blocks", "chunks"] if readable else []) + (list(_CARE) if cared else [])
    if not cared:
        parts = ["text", "page"]
    if len(parts) < 2:
        return parts[0]
    chosen = st.segmented_control(
        inventory_texts.PART,
        parts,
        default=parts[0],
        key="document-part",
        format_func=lambda one: inventory_texts.TABS[one],
        label_visibility="collapsed",
    )
    return str(chosen) if chosen in parts else parts[0]


def _number(name: str) -> int | None:
    text = st.query_params.get(name, "")
    return int(text) if text.isdigit() else None


def _text(source: str, key: str) -> None:
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
