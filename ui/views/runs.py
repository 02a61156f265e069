"""The runs page: what is under way, and what was, with filters; or one run."""

from __future__ import annotations

import time
from html import escape

import streamlit as st

from ui import pager, render, run_texts, session, widgets
from ui.client import ApiError
from ui.runs import Source
from ui.views import run, run_list

POLL_SECONDS = 1.5
PAGE_SIZE = 20
_OFFSET = "runs-offset"
_DAYS = {"always": None, "day": 1, "week": 7, "month": 30}
_STATES = ("running", "done", "failed", "interrupted", "cancelled")


def page() -> None:
    """Draw the run that the address names, or the list."""
    query = st.query_params
    if query.get("run"):
        run.page(query["run"])
        return
    st.html(render.element("h1", escape(run_texts.RUNS), "as-heading"))
    api = session.client()
    found = session.attempt(lambda: (api.sources(), api.running()))
    if isinstance(found, ApiError):
        widgets.failure(found, "runs")
        return
    sources, running = found
    busy = session.run_expected() or bool(running)
    _filters(sources)
    st.fragment(_list, run_every=POLL_SECONDS if busy else None)(busy)


def _filters(sources: tuple[Source, ...]) -> None:
    """Draw the filters; what they hold is in the session's state."""
    names = ["", *(one.name for one in sources)]
    named = st.query_params.get("of", "")
    if named in names and "runs-source" not in st.session_state:
        st.session_state["runs-source"] = named
    if st.session_state.get("runs-source", "") not in names:
        st.session_state["runs-source"] = ""
    left, middle, right = st.columns([3, 3, 2])
    left.selectbox(
        run_texts.SOURCE,
        names,
        key="runs-source",
        format_func=lambda name: name or run_texts.ALL_SOURCES,
        on_change=_first_page,
    )
    middle.multiselect(
        run_texts.STATE,
        _STATES,
        key="runs-states",
        format_func=lambda state: run_texts.STATES[state],
        placeholder=run_texts.ALL_STATES,
        on_change=_first_page,
    )
    right.selectbox(
        run_texts.PERIOD,
        list(_DAYS),
        key="runs-days",
        format_func=lambda one: run_texts.PERIODS[one],
        on_change=_first_page,
    )


def _first_page() -> None:
    pager.first_page(_OFFSET)


def _list(was_busy: bool) -> None:
    kept = st.session_state
    offset, days = pager.offset_of(_OFFSET), _DAYS[kept.get("runs-days") or "always"]
    api = session.client()
    session.look_for_run()
    found = session.attempt(
        lambda: api.find_runs(
            source=kept.get("runs-source") or None,
            states=kept.get("runs-states") or (),
            since=None if days is None else time.time() - days * 86_400,
            limit=PAGE_SIZE,
            offset=offset,
        )
    )
    if isinstance(found, ApiError):
        widgets.failure(found, "runs-list")
        return
    may_rest = was_busy and not session.run_expected() and not any(one.running for one in found.runs)
    if may_rest and session.attempt(api.running) == ():
        st.rerun()  # nothing is under way any more, whatever the filter and the page: look once more, then rest
    if not found.total and (kept.get("runs-source") or kept.get("runs-states") or days):
        widgets.notice(run_texts.NO_MATCH, run_texts.NO_MATCH_HINT, kind="quiet")
        return
    pager.must_be_there(_OFFSET, len(found.runs), found.total)
    run_list.rows(found.runs)
    pager.draw(_OFFSET, offset, PAGE_SIZE, found.total)
