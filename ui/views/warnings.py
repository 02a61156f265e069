"""The page of warnings: documents that read like orders to an assistant, and that somebody looked at them."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import asking, navigation, render, session, texts, warning_texts, widgets
from ui.client import ApiError
from ui.measures import Suspicion
from ui.models import DocumentName

_ASKED = "warning-asked"
SHOWN = 100


def page() -> None:
    """Draw the warnings, the worst first."""
    st.html(
        render.element("h1", escape(warning_texts.WARNINGS), "as-heading")
        + render.element("p", escape(warning_texts.LEAD), "as-quiet-text")
    )
    reviewed = st.toggle(warning_texts.ALSO_REVIEWED, key="warnings-reviewed")
    found = session.attempt(lambda: session.client().warnings(reviewed=reviewed))
    if isinstance(found, ApiError):
        widgets.failure(found, "warnings")
        return
    if not found:
        widgets.notice(warning_texts.NONE, warning_texts.NONE_HINT, kind="quiet")
        return
    for at, one in enumerate(found[:SHOWN]):
        _warning(at, one)
    if len(found) > SHOWN:
        st.html(render.element("p", escape(texts.and_more(len(found) - SHOWN)), "as-quiet-text"))


def _warning(at: int, one: Suspicion) -> None:
    with st.container(border=True, key=f"warning-{at}"):
        badge = "as-badge as-badge-bad" if one.reviewed_at is None else "as-badge"
        said = warning_texts.score(one.score)
        if one.reviewed_at is not None:
            said = warning_texts.reviewed(one.reviewed_by, texts.ago(one.reviewed_at))
        signs = "".join(render.element("li", escape(warning_texts.sign(*sign))) for sign in one.signs)
        st.html(
            render.element(
                "div", render.element("h2", escape(one.key)) + render.element("span", escape(said), badge), "as-source"
            )
            + render.element("div", render.element("span", escape(one.source), "as-path"), "as-about")
            + render.element("ul", signs, "as-failures")
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            name = DocumentName(one.source, one.key, one.key, "")
            navigation.document_link(name, warning_texts.OPEN, icon=":material/description:")
            if one.reviewed_at is None:
                st.button(
                    warning_texts.REVIEW,
                    key=f"review-{at}",
                    icon=":material/check:",
                    help=render.plain(one.key),
                    on_click=_ask,
                    args=((one.source, one.key),),
                )
        if asking.about(_ASKED) == (one.source, one.key):
            _confirm(one)


def _ask(document: tuple[str, str] | None) -> None:
    asking.ask(_ASKED, document)


def _confirm(one: Suspicion) -> None:
    asked = warning_texts.REVIEW_TITLE, warning_texts.REVIEW_BODY
    if not widgets.confirmed(*asked, "review", lambda: _ask(None), label=warning_texts.REVIEW, icon=":material/check:"):
        return
    outcome = session.attempt(lambda: session.client().review_warning(one.source, one.key))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _ask(None)
    st.session_state.said = warning_texts.done(one.key)
    st.rerun()
