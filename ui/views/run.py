"""One run's page: how far it is, where its time goes, and what could not be indexed, by cause."""

from __future__ import annotations

import time
from html import escape

import streamlit as st

from ui import formats, navigation, render, run_texts, session, texts, times, widgets
from ui.client import ApiError
from ui.runs import Run
from ui.views import run_failures, run_list, source_card

POLL_SECONDS = 1.0


def page(run_id: str) -> None:
    """Draw a run."""
    navigation.link("runs", run_texts.RUNS, icon=":material/arrow_back:")
    found = session.attempt(lambda: session.client().run(run_id))
    if isinstance(found, ApiError):
        widgets.failure(found, "run")
        return
    if found.running:
        st.fragment(_live, run_every=POLL_SECONDS)(run_id)
    else:
        _show(found)
        run_failures.show(found)


def _live(run_id: str) -> None:
    """Draw a run that is under way; where it has ended by now, the page is drawn anew."""
    found = session.attempt(lambda: session.client().run(run_id, failures=False))
    if isinstance(found, ApiError):
        widgets.failure(found, "run-live")
        return
    if not found.running:
        st.session_state.pop("status", None)
        st.rerun()
    _show(found)
    if failed := found.counts["failed"]:
        st.html(render.element("p", escape(run_texts.failing_so_far(failed)), "as-quiet-text"))


def _show(run: Run) -> None:
    head = render.element("h1", escape(run_texts.title(run)), "as-heading") + run_list.badge(run)
    facts = [run_texts.began(run.started_at, times.browser_zone()), run_texts.trigger(run.trigger)]
    if run.finished_at is not None:
        facts.append(run_texts.took(run.finished_at - run.started_at))
    about = "".join(render.element("span", escape(fact)) for fact in facts if fact)
    st.html(render.element("div", head, "as-source") + render.element("div", about, "as-about"))
    if run.running:
        source_card.progress(run)
    _ways(run)
    if run.error:
        _error(run)
    st.html(_figures(run))
    if run.phases:
        st.html(render.element("h2", escape(run_texts.PHASES), "as-heading") + _phases(run))


def _ways(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        navigation.link(
            "sources", run_texts.to_source(run.source), icon=":material/folder:", query={"source": run.source}
        )
        if run.running and st.button(
            run_texts.CANCEL,
            key="cancel-run",
            icon=":material/stop_circle:",
            disabled=run.cancelled,
            help=run_texts.CANCEL_HELP,
        ):
            outcome = session.attempt(lambda: session.client().cancel_run(run.id))
            if isinstance(outcome, ApiError):
                widgets.notice(outcome.message, outcome.hint, kind="error")
            else:
                st.session_state.said = run_texts.CANCELLING
                st.rerun()


def _error(run: Run) -> None:
    if run.state == "cancelled" or (run.running and not run.cancelled):
        widgets.notice(run.error, kind="warning")
        return
    widgets.notice(run.error, run_texts.ERROR_HINTS.get(run.state, ""), kind="error")
    if not source_card.manages():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        field = source_card.pointed(run.error)
        query = {"source": run.source, "view": "settings", "field": field}
        navigation.link(
            "sources", run_texts.MEND_SECRET if field else run_texts.MEND, icon=":material/build:", query=query
        )
        if st.button(run_texts.RETRY_SYNC, key="retry-sync", icon=":material/refresh:"):
            outcome = session.attempt(lambda: source_card.sync(run.source))
            if isinstance(outcome, ApiError):
                widgets.notice(outcome.message, outcome.hint, kind="error")
                return
            st.session_state.said = run_texts.retried(run.source)
            st.query_params.clear()
            st.rerun()


def _figures(run: Run) -> str:
    """Return the counts as a row of figures."""
    shown = [(texts.COUNT_NAMES[name], formats.number(run.counts[name])) for name in texts.COUNT_NAMES]
    shown.append((run_texts.PASSAGES, formats.number(run.chunks)))
    if run.bytes:
        shown.append((run_texts.FETCHED, run_texts.size(run.bytes)))
    pace = run.per_minute(time.time())
    if pace is not None:
        shown.append((run_texts.PACE, run_texts.per_minute(pace)))
    pairs = "".join(
        render.element("div", render.element("dt", escape(name)) + render.element("dd", escape(value)))
        for name, value in shown
    )
    return render.element("dl", pairs, "as-amounts")


def _phases(run: Run) -> str:
    """Return where the time went, as a table with bars."""
    whole = sum(run.phases.values()) or 1.0
    names = [*(name for name in run_texts.PHASE_NAMES if name in run.phases)]
    names += sorted(run.phases.keys() - set(names))
    rows = []
    for name in names:
        seconds = run.phases[name]
        bar = render.element("div", "", "as-bar", style=f"width: {100 * seconds / whole:.1f}%")
        rows.append(
            render.element("th", escape(run_texts.PHASE_NAMES.get(name, name)), scope="row")
            + render.element("td", escape(run_texts.took(seconds)))
            + render.element("td", bar, "as-bar-cell", aria_hidden="true")
        )
    body = "".join(render.element("tr", row) for row in rows)
    note = render.element("caption", escape(run_texts.PHASES_HELP), "as-quiet-text")
    return render.element("div", render.element("table", note + render.element("tbody", body)), "as-phases")
