"""What a new chat shows: three steps to the first answer while there is nothing to ask, first questions after it."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import ask_texts, navigation, render, session, texts, widgets
from ui.client import ApiError
from ui.models import Status
from ui.views import add_folder, bringing, suggesting

POLL_SECONDS = 1.0
PROGRESS_SECONDS = 3.0
_STARTED = "first-start"  # in the session's state: the three steps were shown, and are to their end


def show(status: Status) -> bool:
    """Draw the empty chat.

    Returns:
        True where there is nothing to ask about yet, so that the page needs no question field.
    """
    if status.documents:
        _ready(status)
        return False
    if not status.manages:
        _hero(texts.GREETING, texts.NOTHING_TO_READ)
        bringing.form("own")
        _first_run()
        return True
    st.session_state[_STARTED] = True
    _hero(texts.WELCOME, texts.WELCOME_BODY)
    reads = bool(status.sources) or session.run_expected()
    _steps(2 if reads else 1)
    if not reads:
        _add()
        return True
    _first_run()
    with st.expander(ask_texts.ADD_MORE):
        _add()
    return True


def _hero(title: str, body: str) -> None:
    st.html(render.element("div", render.element("h1", escape(title)) + render.element("p", escape(body)), "as-hero"))


def _steps(now: int) -> None:
    """Draw the three steps; those before `now` (from 1) are done."""
    items = []
    for number, name in enumerate(ask_texts.STEPS, 1):
        state = "done" if number < now else "now" if number == now else "next"
        mark = render.element("span", "\u2713" if state == "done" else str(number), "as-step-mark", aria_hidden="true")
        current = {"aria_current": "step"} if state == "now" else {}
        items.append(render.element("li", mark + escape(name), f"as-step as-step-{state}", **current))
    st.html(render.element("ol", "".join(items), "as-steps", aria_label=ask_texts.STEPS_NAME))


def _add() -> None:
    """Draw the two ways to the first documents."""
    ways = {"folder": ask_texts.WAY_FOLDER, "files": ask_texts.WAY_FILES}
    way = st.segmented_control(
        ask_texts.WAY, list(ways), default="folder", required=True, key="first-way", format_func=lambda way: ways[way]
    )
    if way == "files":
        bringing.form("first")
        return
    st.html(render.element("p", escape(texts.ADD_FOLDER_BODY), "as-quiet-text"))
    add_folder.form("first")


@st.fragment(run_every=POLL_SECONDS)
def _first_run() -> None:
    """Follow the first documents on their way in; as soon as one is there, the page turns into the question page."""
    files = bringing.progress()
    runs = session.attempt(session.client().runs) if _curates() else ()
    if isinstance(runs, ApiError):
        widgets.failure(runs, "runs")
        return
    # a run that was broken off leaves documents that are still to be read: another one goes on with them
    goes_on = bool(runs) and (runs[0].running or runs[0].done < runs[0].counts["seen"])
    if goes_on or session.run_expected():
        if runs:
            add_folder.progress(runs[0])
        elif not files:
            st.progress(0.0, text=texts.STARTING)
        st.html(render.element("p", escape(texts.FIRST_RESULTS), "as-quiet-text"))
    elif runs and not files:
        widgets.notice(texts.NOTHING_INDEXED, texts.NOTHING_INDEXED_HINT, kind="warning")
        navigation.link("sources", texts.SOURCES, icon=":material/folder:")
    current = session.attempt(lambda: session.status(fresh=True))
    if not isinstance(current, ApiError) and current.documents:
        st.rerun()


def _curates() -> bool:
    status = session.attempt(session.status)
    return not isinstance(status, ApiError) and status.curates


@st.fragment(run_every=PROGRESS_SECONDS)
def _still_indexing() -> None:
    """Follow the runs that go on while questions can already be asked."""
    runs = session.attempt(session.client().runs)
    for run in () if isinstance(runs, ApiError) else runs:
        if run.running:
            add_folder.progress(run)


def _ready(status: Status) -> None:
    _hero(texts.GREETING, texts.greeting_body(status))
    if st.session_state.get(_STARTED):
        _steps(3)
    bringing.refused()
    runs = session.attempt(session.client().runs) if status.curates else ()
    if not isinstance(runs, ApiError) and any(run.running for run in runs):
        _still_indexing()
    suggesting.first()
