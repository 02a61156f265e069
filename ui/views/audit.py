"""The page of the audit log: entries by filters, an export, and the check that nothing was changed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from ui import audit_texts, formats, held, render, session, widgets
from ui.audit import Entry
from ui.client import ApiError

_AT_ONCE = 50
_BADGES = {"done": "on", "refused": "off", "failed": "bad", "begun": "off"}
_EXPORT = "audit-export-made"


def page() -> None:
    """Draw the entries that match, with what is done with them below."""
    st.html(
        render.element("h1", escape(audit_texts.AUDIT), "as-heading")
        + render.element("p", escape(audit_texts.LEAD), "as-quiet-text")
    )
    wanted = _filters()
    before = st.session_state.get("audit-before")
    found = session.attempt(lambda: session.client().audit(wanted, before, _AT_ONCE))
    if isinstance(found, ApiError):
        widgets.failure(found, "audit")
        return
    entries, more = found
    if entries:
        st.html(_table(entries))
    else:
        widgets.notice(audit_texts.NO_ENTRIES, audit_texts.NO_ENTRIES_HINT, kind="quiet")
    _pager(before, more)
    with st.container(border=True, key="audit-check"):
        _check()
    with st.container(key="audit-export", horizontal=True):
        _export(wanted)


def _filters() -> dict[str, str]:
    """Draw the filters, and return those that are filled in, as the API names them."""
    asked = st.query_params
    with st.form("audit-filters", border=False):
        left, middle, right = st.columns(3)
        given = {
            "who": left.text_input(audit_texts.WHO, key="audit-who", help=audit_texts.WHO_HELP),
            "action": middle.text_input(audit_texts.ACTION, key="audit-action", help=audit_texts.ACTION_HELP),
            "text": right.text_input(audit_texts.TEXT, key="audit-text", help=audit_texts.TEXT_HELP),
        }
        left, middle, right = st.columns(3)  # a row of their own: on a phone they follow one another as they belong
        given["since"] = left.text_input(audit_texts.SINCE, key="audit-since", help=audit_texts.DATE_HELP)
        given["until"] = middle.text_input(audit_texts.UNTIL, key="audit-until", help=audit_texts.DATE_HELP)
        choices = ["", *audit_texts.OUTCOMES]
        given["outcome"] = right.selectbox(
            audit_texts.OUTCOME,
            choices,
            key="audit-outcome",
            format_func=lambda one: audit_texts.OUTCOMES.get(one, audit_texts.ANY_OUTCOME),
        )
        narrow, wide = st.columns([1, 2])
        given["source"] = narrow.text_input(audit_texts.DOCUMENT_SOURCE, asked.get("source", ""), key="audit-source")
        given["key"] = wide.text_input(audit_texts.DOCUMENT_KEY, asked.get("key", ""), key="audit-key")
        st.form_submit_button(
            audit_texts.SHOW, type="primary", icon=":material/search:", on_click=_turn_to, args=(None,)
        )
    return {name: value.strip() for name, value in given.items() if value and value.strip()}


def _turn_to(before: int | None) -> None:
    st.session_state["audit-before"] = before
    st.session_state.pop(_EXPORT, None)


def _table(entries: Iterable[Entry]) -> str:
    head = "".join(render.element("th", escape(title)) for title in audit_texts.COLUMNS)
    rows = "".join(render.element("tr", _row(entry)) for entry in entries)
    table = render.element("thead", render.element("tr", head)) + render.element("tbody", rows)
    return render.element("div", render.element("table", table), "as-entries")


def _row(entry: Entry) -> str:
    moment = formats.instant(entry.at)
    badge = f"as-badge as-badge-{_BADGES.get(entry.outcome, 'off')}"
    outcome = render.element("span", escape(audit_texts.OUTCOMES.get(entry.outcome, entry.outcome)), badge)
    cells = (str(entry.number), moment, audit_texts.who(entry), entry.action)
    shown = "".join(render.element("td", escape(cell)) for cell in cells)
    return shown + render.element("td", outcome) + render.element("td", escape(audit_texts.told(entry)))


def _pager(before: int | None, more: int | None) -> None:
    if before is None and more is None:
        return
    with st.container(horizontal=True, key="audit-pager"):
        st.button(
            audit_texts.NEWEST,
            key="audit-newest",
            icon=":material/first_page:",
            disabled=before is None,
            on_click=_turn_to,
            args=(None,),
        )
        st.button(
            audit_texts.OLDER,
            key="audit-older",
            icon=":material/chevron_right:",
            disabled=more is None,
            on_click=_turn_to,
            args=(more,),
        )


def _check() -> None:
    head = st.text_input(audit_texts.HEAD, key="audit-head", help=audit_texts.HEAD_HELP)
    wish = held.button(audit_texts.CHECK, "audit-verify", icon=":material/verified_user:")
    if wish is None:
        return
    api = session.client()
    found = held.do(wish, lambda: api.audit_verify(head.strip()))
    if isinstance(found, ApiError):
        widgets.notice(found.message, found.hint, kind="error")
    elif found.good:
        widgets.notice(audit_texts.GOOD, audit_texts.verdict(found))
    else:
        widgets.notice(audit_texts.BAD, audit_texts.verdict(found), kind="error")


def _export(wanted: dict[str, str]) -> None:
    """Make an export when it is asked for: it may be long."""
    wish = held.button(audit_texts.EXPORT, "audit-make", icon=":material/inventory_2:")
    if wish is not None:
        api = session.client()
        made = held.do(wish, lambda: api.audit_export(wanted))
        if isinstance(made, ApiError):
            widgets.notice(made.message, made.hint, kind="error")
            return
        st.session_state[_EXPORT] = made
    if _EXPORT in st.session_state:
        st.download_button(
            audit_texts.DOWNLOAD,
            st.session_state[_EXPORT],
            file_name="audit.jsonl",
            mime="application/x-ndjson",
            key="audit-download",
            icon=":material/download:",
        )
