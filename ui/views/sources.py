"""The sources page: where documents come from, and how their syncs went."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from ui import admin_texts, render, session, texts, widgets
from ui.client import ApiError
from ui.runs import Run, Source
from ui.views import add_folder, add_source

POLL_SECONDS = 1.5
RUNS_SHOWN = 10
FAILURES_SHOWN = 200


def page() -> None:
    """Draw the sources, the form for another one, and the recent runs."""
    st.html(render.element("h1", escape(texts.SOURCES), "as-heading"))
    runs = session.attempt(session.client().runs)
    busy = session.run_expected() or (not isinstance(runs, ApiError) and any(run.running for run in runs))
    # A run that is under way is followed; without one, nothing is polled.
    st.fragment(_overview, run_every=POLL_SECONDS if busy else None)(busy)
    if not _manages():
        return
    with st.expander(texts.ADD_FOLDER, icon=":material/create_new_folder:", key="add-another"):
        st.html(render.element("p", escape(texts.ADD_FOLDER_BODY), "as-quiet-text"))
        add_folder.form("another")
    with st.expander(admin_texts.ADD_SOURCE, icon=":material/add:", key="add-source"):
        add_source.form()


def _manages() -> bool:
    """Whether the person adds and removes sources, and does not only look after some."""
    status = session.attempt(session.status)
    return not isinstance(status, ApiError) and status.manages


def _overview(was_busy: bool) -> None:
    api = session.client()
    found = session.attempt(lambda: (api.sources(), api.runs()))
    if isinstance(found, ApiError):
        widgets.failure(found, "sources")
        return
    sources, runs = found
    if was_busy and not session.run_expected() and not any(run.running for run in runs):
        st.session_state.pop("status", None)
        st.rerun()
    if not sources:
        widgets.notice(texts.NO_SOURCES, texts.NO_SOURCES_HINT, kind="quiet")
    for source in sources:
        _source(source, next((run for run in runs if run.source == source.name), None))
    _runs(runs[:RUNS_SHOWN])


def _source(source: Source, last: Run | None) -> None:
    running = last is not None and last.running
    with st.container(border=True, key=f"source-{source.name}"):
        st.html(_source_head(source, running))
        if last and running:
            add_folder.progress(last)
        elif source.last_error:
            widgets.notice(source.last_error, kind="error")
        with st.container(horizontal=True, gap="small"):
            _action(texts.SYNC, ":material/sync:", source, _sync, disabled=running or source.removing)
            if source.paused:
                _action(texts.RESUME, ":material/play_arrow:", source, session.client().resume)
            else:
                _action(texts.PAUSE, ":material/pause:", source, session.client().pause, disabled=source.removing)
            if not _manages():
                return
            st.button(
                texts.REMOVE,
                key=f"remove-{source.name}",
                icon=":material/delete:",
                type="tertiary",
                help=_named(source),
                on_click=_set_removing,
                args=(source.name,),
                disabled=source.removing,
            )
        if st.session_state.get("removing") == source.name:
            _confirm_removal(source)


def _set_removing(name: str | None) -> None:
    """Remember which source the user is asked about: in the card, as a dialog would close at the next poll."""
    st.session_state.removing = name


def _sync(name: str) -> None:
    session.client().sync(name)
    session.expect_run()


def _named(source: Source) -> str:
    return render.plain(source.name)


def _source_head(source: Source, running: bool) -> str:
    state = texts.SYNCING if running and not source.removing else texts.STATES.get(source.state, source.state)
    badge = "busy" if running or source.removing else "off" if source.paused else "on"
    css = f"as-badge as-badge-{badge}"
    head = render.element("h2", escape(source.name)) + render.element("span", escape(state), css)
    facts = [str(source.config["path"])] if source.config.get("path") else [source.kind]
    if source.documents is not None:
        facts.append(texts.document_count(source.documents))
    facts.append(texts.schedule(source.schedule))
    facts.append(texts.NEVER_SYNCED if source.last_sync_at is None else texts.ago(source.last_sync_at))
    about = "".join(
        render.element("span", escape(fact), "as-path" if not index else "") for index, fact in enumerate(facts)
    )
    return render.element("div", head, "as-source") + render.element("div", about, "as-about")


def _action(label: str, icon: str, source: Source, call: Callable[[str], None], *, disabled: bool = False) -> None:
    if st.button(label, key=f"{label}-{source.name}", icon=icon, disabled=disabled, help=_named(source)):
        outcome = session.attempt(lambda: call(source.name))
        if isinstance(outcome, ApiError):
            widgets.notice(outcome.message, outcome.hint, kind="error")
        else:
            st.rerun()


def _confirm_removal(source: Source) -> None:
    asked = texts.REMOVE_TITLE, texts.remove_body(source.name, source.documents)
    if not widgets.confirmed(*asked, "remove", lambda: _set_removing(None)):
        return
    outcome = session.attempt(lambda: session.client().remove(source.name))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _set_removing(None)
    st.session_state.said = texts.removed(source.name)
    session.expect_run()
    st.session_state.pop("status", None)
    st.rerun()


def _runs(runs: tuple[Run, ...]) -> None:
    st.html(render.element("h2", escape(texts.RUNS), "as-heading"))
    if not runs:
        st.html(render.element("p", escape(texts.NO_RUNS), "as-quiet-text"))
    for run in runs:
        st.html(_run(run))
        if run.counts["failed"]:
            _failures(run)


def _run(run: Run) -> str:
    bad = run.state in {"failed", "interrupted"}
    state = texts.RUN_STATES.get(run.state, run.state)
    css = "as-badge-busy" if run.running else "as-badge-bad" if bad else "as-badge-on"
    line = (
        render.element("span", escape(state), f"as-badge {css}")
        + render.element("strong", escape(run.source))
        + render.element("span", escape(texts.run_progress(run) if run.running else texts.run_counts(run)))
        + render.element("span", escape(texts.ago(run.started_at)), "as-when")
    )
    error = render.element("p", escape(run.error), "as-error-text") if run.error else ""
    return render.element("div", line, "as-run") + error


def _failures(run: Run) -> None:
    """Show a run's failures; they are fetched when the list is opened."""
    shown = st.expander(texts.failures(run.counts["failed"]), key=f"failures-{run.id}", on_change="rerun")
    if not shown.open:
        return
    with shown:
        full = session.attempt(lambda: session.client().run(run.id))
        if isinstance(full, ApiError):
            widgets.failure(full, f"failures-{run.id}")
            return
        lines = [
            render.element(
                "li",
                render.element("span", escape(item.key), "as-path")
                + render.element("span", escape(item.error + (f" ({texts.RETRYABLE})" if item.retryable else ""))),
            )
            for item in full.failures[:FAILURES_SHOWN]
        ]
        if len(full.failures) > FAILURES_SHOWN:
            lines.append(render.element("li", escape(texts.and_more(len(full.failures) - FAILURES_SHOWN))))
        st.html(render.element("ul", "".join(lines), "as-failures"))
