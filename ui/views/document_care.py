"""A document for those who look after its source: what is known, who reads it and why, what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from ui import (
    access_texts,
    asking,
    facts,
    formats,
    held,
    inventory_texts,
    pager,
    render,
    session,
    texts,
    times,
    widgets,
)
from ui.client import ApiError
from ui.inventory import Inspected
from ui.models import DocumentName
from ui.views import access, run_list

_ASKING, _OPENING = "document-asking", "document-opening"
_MOST_MINUTES, _MINUTES = 60, 15
_LEAST_REASON, _MOST_REASON = 10, 1000
_RUNS, _RUNS_OFFSET = 10, "document-runs-offset"


def banner(found: Inspected, *, readable: bool) -> None:
    """Draw what has to be known before anything else: that it is open by break-glass, suspicious, or not to be read."""
    widgets.complaint()
    name = found.known.name
    if found.opened_until is not None:
        widgets.notice(*inventory_texts.opened(found.opened_until, times.browser_zone()), kind="warning")
        st.button(
            inventory_texts.END_NOW,
            key="opening-end",
            icon=":material/lock:",
            on_click=_act,
            args=(lambda: session.client().end_opening(found.opening), inventory_texts.ENDED),
        )
    elif not readable and found.known.is_there:
        widgets.notice(inventory_texts.NOT_YOURS, inventory_texts.NOT_YOURS_BODY, kind="quiet")
        status = session.attempt(session.status)
        if not isinstance(status, ApiError) and status.role == "admin":
            asked = (name.source, name.key)
            icon = ":material/lock_open:"
            st.button(inventory_texts.OPEN, key="opening-ask", icon=icon, on_click=_ask_to_open, args=(asked,))
            if st.session_state.get(_OPENING) == asked:
                st.dialog(inventory_texts.OPEN_TITLE, on_dismiss=_ask_to_open)(_open)(name)
    said, more = inventory_texts.work(found.known)
    if said:
        widgets.notice(said, more, kind="error" if found.known.state == "failed" else "info")
    _warned(found)


def draw(part: str, found: Inspected) -> None:
    """Draw a part: `about`, `readers` or `history`."""
    if part == "about":
        _about(found)
        _actions(found)
    elif part == "readers":
        _readers(found)
    else:
        _history(found)


def _warned(found: Inspected) -> None:
    warning = found.warning
    if warning is None or not warning.flagged:
        return
    name = found.known.name
    widgets.notice(inventory_texts.SUSPICIOUS_TITLE, inventory_texts.warned(warning), kind="warning")
    st.button(
        inventory_texts.REVIEWED,
        key="document-reviewed",
        icon=":material/task_alt:",
        on_click=_act,
        args=(lambda: session.client().review_warning(name.source, name.key), inventory_texts.REVIEW_DONE),
    )


def _open(name: DocumentName) -> None:
    st.html(render.element("p", escape(inventory_texts.OPEN_BODY)))
    with st.form("opening", border=False, enter_to_submit=False):
        reason = st.text_area(
            inventory_texts.REASON,
            key="opening-reason",
            placeholder=inventory_texts.REASON_PLACEHOLDER,
            help=inventory_texts.REASON_HELP,
            max_chars=_MOST_REASON,
            height=100,
        )
        minutes = st.number_input(
            inventory_texts.MINUTES,
            1,
            _MOST_MINUTES,
            _MINUTES,
            key="opening-minutes",
            help=inventory_texts.MINUTES_HELP,
            width=160,
        )
        given = held.filled("opening-")
        wish = held.submit(inventory_texts.OPEN_NOW, "opening", given, type="primary", icon=":material/lock_open:")
    if wish is None:
        return
    if len(" ".join((reason or "").split())) < _LEAST_REASON:
        held.drop("opening")
        widgets.notice(inventory_texts.REASON_SHORT, kind="error")
        return
    api = session.client()
    outcome = held.do(wish, lambda: api.open_document(name.source, name.key, (reason or "").strip(), int(minutes)))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _ask_to_open()
    st.session_state.pop("document-part", None)  # its text is what was asked for
    st.session_state.said = inventory_texts.OPENED
    st.rerun()


def _ask_to_open(asked: tuple[str, str] | None = None) -> None:
    st.session_state[_OPENING] = asked


def _about(found: Inspected) -> None:
    known, name = found.known, found.known.name
    st.html(
        facts.facts(
            [
                (inventory_texts.TITLE, name.title),
                (inventory_texts.SOURCE, name.source),
                (inventory_texts.KEY, name.key),
                (inventory_texts.MEDIA_TYPE, known.media_type),
                (inventory_texts.SIZE, inventory_texts.sizes(known) if known.is_there else ""),
                (inventory_texts.AUTHORS, ", ".join(known.authors)),
                (inventory_texts.CREATED, formats.iso_day(known.created)),
                (inventory_texts.MODIFIED, formats.iso_day(known.modified)),
                (inventory_texts.LANGUAGE, known.language),
                (inventory_texts.URI, name.uri),
                (inventory_texts.UPDATED, texts.ago(known.updated_at) if known.updated_at else ""),
                (inventory_texts.VERSION, found.version),
                (inventory_texts.INSIDE, found.inside),
                (inventory_texts.MEMBERS, inventory_texts.members(found.members)),
            ]
        )
    )
    warning = found.warning
    if warning is None:
        st.html(render.element("p", escape(inventory_texts.NO_SIGNS), "as-quiet-text"))
    elif not warning.flagged:
        st.html(render.element("p", escape(inventory_texts.warned(warning)), "as-quiet-text"))


def _actions(found: Inspected) -> None:
    name = found.known.name
    with st.container(horizontal=True, gap="small"):
        st.button(
            inventory_texts.INGEST,
            key="document-ingest",
            icon=":material/sync:",
            help=inventory_texts.INGEST_HELP,
            on_click=_act,
            args=(lambda: session.client().ingest_document(name.source, name.key), inventory_texts.INGEST_DONE),
        )
        st.button(
            inventory_texts.DELETE,
            key="document-delete",
            icon=":material/delete:",
            type="tertiary",
            on_click=_ask,
            args=((name.source, name.key),),
        )
    if asking.about(_ASKING) == (name.source, name.key):
        _confirm(name)


def _ask(asked: tuple[str, str] | None) -> None:
    asking.ask(_ASKING, asked)


def _confirm(name: DocumentName) -> None:
    asked = inventory_texts.DELETE_TITLE, inventory_texts.DELETE_BODY
    if not widgets.confirmed(*asked, "document", lambda: _ask(None), inventory_texts.DELETE):
        return
    _ask(None)
    outcome = session.attempt(lambda: session.client().delete_document(name.source, name.key))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    st.session_state.said = inventory_texts.DELETE_DONE
    st.query_params.clear()
    st.rerun()


def _act(act: Callable[[], None], said: str) -> None:
    outcome = session.attempt(act)
    if isinstance(outcome, ApiError):
        session.complain(outcome)
    else:
        st.session_state.said = said


def _readers(found: Inspected) -> None:
    known, name = found.known, found.known.name
    origin = inventory_texts.FROM_SOURCE if known.access_from_source else inventory_texts.FROM_RULE
    st.html(
        facts.facts(
            [
                (inventory_texts.READERS, ", ".join(known.allow) or inventory_texts.NOBODY),
                (inventory_texts.BUT_NOT, ", ".join(known.deny)),
                (inventory_texts.READERS_FROM, origin),
            ]
        )
    )
    with st.form("document-why", border=False):
        who = st.text_input(
            inventory_texts.WHY,
            key="document-who",
            placeholder=inventory_texts.WHO_PLACEHOLDER,
            help=access_texts.WHO_HELP,
            max_chars=300,
        )
        sent = st.form_submit_button(inventory_texts.LOOK, icon=":material/search:")
    if not sent or not who.strip():
        return
    why = session.attempt(lambda: session.client().why(who.strip(), name.source, name.key))
    if isinstance(why, ApiError):
        widgets.notice(why.message, why.hint, kind="error")
        return
    access.draw_why(why, name.key)


def _history(found: Inspected) -> None:
    st.html(render.element("h2", escape(inventory_texts.FAILURES), "as-heading"))
    if not found.failures:
        st.html(render.element("p", escape(inventory_texts.NO_FAILURES), "as-quiet-text"))
    else:
        lines = [
            render.element(
                "li", render.element("strong", escape(texts.ago(one.at))) + render.element("span", escape(one.error))
            )
            for one in found.failures
        ]
        st.html(render.element("ul", "".join(lines), "as-failures"))
    _runs(found.known.name.source)


def _runs(source: str) -> None:
    """Draw the runs of the document's source, a page of them at a time: each was a chance to read it."""
    st.html(
        render.element("h2", escape(inventory_texts.RUNS), "as-heading")
        + render.element("p", escape(inventory_texts.RUNS_HELP), "as-quiet-text")
    )
    offset = pager.offset_of(_RUNS_OFFSET)
    found = session.attempt(lambda: session.client().find_runs(source=source, limit=_RUNS, offset=offset))
    if isinstance(found, ApiError):
        widgets.failure(found, "document-runs")
        return
    pager.must_be_there(_RUNS_OFFSET, len(found.runs), found.total)  # it may be of another document's source
    run_list.rows(found.runs, named=False)
    pager.draw(_RUNS_OFFSET, offset, _RUNS, found.total)
