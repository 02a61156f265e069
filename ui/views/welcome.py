"""What a new chat shows: how to add documents while there are none, first questions once there are some."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import navigation, render, session, texts, widgets
from ui.client import ApiError
from ui.models import Status
from ui.views import add_folder

SUGGESTIONS = 3
POLL_SECONDS = 1.0
PROGRESS_SECONDS = 3.0


def show(status: Status) -> bool:
    """Draw the empty chat.

    Returns:
        True where there is nothing to ask about yet, so that the page needs no question field.
    """
    if status.documents:
        _suggestions(status)
        return False
    if not status.manages:
        _hero(texts.GREETING, texts.NOTHING_TO_READ)
        return True
    _hero(texts.WELCOME, texts.WELCOME_BODY)
    if status.sources:
        _first_run()
    st.html(
        render.element("h2", escape(texts.ADD_FOLDER), "as-heading")
        + render.element("p", escape(texts.ADD_FOLDER_BODY), "as-quiet-text")
    )
    add_folder.form("first")
    return True


def _hero(title: str, body: str) -> None:
    st.html(render.element("div", render.element("h1", escape(title)) + render.element("p", escape(body)), "as-hero"))


@st.fragment(run_every=POLL_SECONDS)
def _first_run() -> None:
    """Follow the first run; as soon as a document is in, the page turns into the question page."""
    runs = session.attempt(session.client().runs)
    if isinstance(runs, ApiError):
        widgets.failure(runs, "runs")
        return
    if (runs and runs[0].running) or session.run_expected():
        if runs:
            add_folder.progress(runs[0])
        else:
            st.progress(0.0, text=texts.STARTING)
        st.html(render.element("p", escape(texts.FIRST_RESULTS), "as-quiet-text"))
    else:
        widgets.notice(texts.NOTHING_INDEXED, texts.NOTHING_INDEXED_HINT, kind="warning")
        navigation.link("sources", texts.SOURCES, icon=":material/folder:")
    current = session.attempt(lambda: session.status(fresh=True))
    if not isinstance(current, ApiError) and current.documents:
        st.rerun()


@st.fragment(run_every=PROGRESS_SECONDS)
def _still_indexing() -> None:
    """Follow the runs that go on while questions can already be asked."""
    runs = session.attempt(session.client().runs)
    for run in () if isinstance(runs, ApiError) else runs:
        if run.running:
            add_folder.progress(run)


def _suggestions(status: Status) -> None:
    _hero(texts.GREETING, texts.greeting_body(status))
    runs = session.attempt(session.client().runs) if status.curates else ()
    if not isinstance(runs, ApiError) and any(run.running for run in runs):
        _still_indexing()
    listed = session.attempt(lambda: session.client().documents(limit=SUGGESTIONS))
    documents = () if isinstance(listed, ApiError) else listed[0]
    if not documents:
        return
    st.html(render.element("h2", escape(texts.TRY_ONE), "as-label"))
    for index, document in enumerate(documents):
        question = texts.suggestion(document.name.title, index)
        st.button(
            render.plain(question),
            key=f"suggestion-{index}",
            icon=":material/arrow_forward:",
            width="stretch",
            on_click=session.ask,
            args=(question,),
        )
