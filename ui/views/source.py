"""One source's page: how it is, its runs, and its settings, schedule and readers."""

from __future__ import annotations

from html import escape

import streamlit as st

from ui import asking, navigation, render, session, source_texts, texts, widgets
from ui.client import ApiError
from ui.runs import Source
from ui.views import access, run_list, source_card, source_settings

POLL_SECONDS = 1.5
_RUNS = 10
_ASKING = "asking-of-source"
_VIEWS = ("runs", "settings", "schedule", "readers")


def page(name: str) -> None:
    """Draw a source."""
    navigation.link("sources", texts.SOURCES, icon=":material/arrow_back:")
    listed = widgets.latest(session.attempt(session.client().sources), "source")
    if listed is None:
        return
    found = _named(listed, name)
    if found is None:
        widgets.notice(source_texts.gone(name), source_texts.GONE_HINT, kind="quiet")
        return
    running = session.attempt(session.client().running)
    runs = () if isinstance(running, ApiError) else running
    busy = session.run_expected() or _waits(found) or isinstance(running, ApiError)
    busy = busy or any(run.source == name for run in runs)
    st.fragment(_live, run_every=POLL_SECONDS if busy else None)(name, busy)
    _views(found, busy)


def _named(sources: tuple[Source, ...], name: str) -> Source | None:
    return next((one for one in sources if one.name == name), None)


def _live(name: str, was_busy: bool) -> None:
    """Draw what changes while a run is under way."""
    api = session.client()
    session.look_for_run()
    found = session.attempt(lambda: (_named(api.sources(), name), api.running()))
    if isinstance(found, ApiError):
        widgets.failure(found, "source-live")
        return
    source, runs = found
    run = next((one for one in runs if one.source == name), None)
    if source is None or (was_busy and run is None and not session.run_expected() and not _waits(source)):
        st.session_state.pop("status", None)
        st.rerun()
    head = render.element("h1", escape(source.name), "as-heading") + source_card.badge(source, run)
    st.html(render.element("div", head, "as-source") + source_card.about(source))
    source_card.what_is(source, run)
    if run is not None:
        navigation.link("runs", source_texts.FOLLOW_RUN, icon=":material/monitoring:", query={"run": run.id})
    with st.container(horizontal=True, gap="small"):
        source_card.actions(source, run)
        st.button(
            source_texts.FULL_SYNC,
            key=f"full-{source.name}",
            icon=":material/sync_lock:",
            type="tertiary",
            help=source_texts.FULL_SYNC_HELP,
            on_click=_set_asking,
            args=("full", source.name),
            disabled=run is not None or source.removing,
        )
        if source_card.manages():
            st.button(
                texts.REMOVE,
                key=f"remove-{source.name}",
                icon=":material/delete:",
                type="tertiary",
                help=render.plain(source.name),
                on_click=_set_asking,
                args=("remove", source.name),
                disabled=source.removing,
            )
    asked = asking.about(_ASKING)
    if asked == ("remove", source.name):
        _confirm_removal(source)
    elif asked == ("full", source.name) and run is None:
        _confirm_full_sync(source)


def _waits(source: Source) -> bool:
    """Return whether something is to be done with it when a worker is free."""
    return source.removing or source.is_asked


def _set_asking(what: str = "", name: str = "") -> None:
    """Remember what the user is asked about a source: on the page, as a dialog would close at the next poll."""
    asking.ask(_ASKING, (what, name))


def _confirm_full_sync(source: Source) -> None:
    asked = source_texts.FULL_SYNC_TITLE, source_texts.FULL_SYNC_BODY
    label, icon = source_texts.FULL_SYNC, ":material/sync_lock:"
    if not widgets.confirmed(*asked, "full", _set_asking, label, icon):
        return
    outcome = session.attempt(lambda: source_card.sync(source.name, full=True))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _set_asking()
    st.session_state.said = source_texts.full_sync_asked(source.name)
    st.rerun()


def _confirm_removal(source: Source) -> None:
    asked = texts.REMOVE_TITLE, f"{texts.remove_body(source.name, source.documents)} {source_texts.FOR_GOOD}"
    if not widgets.confirmed(*asked, "remove", _set_asking):
        return
    outcome = session.attempt(lambda: session.client().remove(source.name))
    if isinstance(outcome, ApiError):
        widgets.notice(outcome.message, outcome.hint, kind="error")
        return
    _set_asking()
    st.session_state.said = texts.removed(source.name)
    session.expect_run()
    st.session_state.pop("status", None)
    st.query_params.clear()
    st.rerun()


def _views(source: Source, busy: bool) -> None:
    if not source_card.manages():
        _runs(source, busy)
        return
    views = _VIEWS[:1] if source.kind == "uploads" else _VIEWS  # those are brought by people, who say who reads them
    wanted = st.query_params.get("view", "runs")
    view = st.segmented_control(
        source_texts.VIEW,
        views,
        default=wanted if wanted in views else "runs",
        format_func=lambda one: source_texts.VIEWS[one],
        key=f"view-{source.name}-{wanted}",
        label_visibility="collapsed",
    )
    if view == "settings":
        source_settings.configuration(source, st.query_params.get("field", "") if wanted == "settings" else "")
        source_settings.passwords(source)
    elif view == "schedule":
        source_settings.schedule(source)
    elif view == "readers":
        access.rule_editor(source.name)
    else:
        _runs(source, busy)


def _runs(source: Source, busy: bool) -> None:
    """Draw the last runs; they are asked for again while one is under way."""
    st.fragment(_last_runs, run_every=POLL_SECONDS if busy else None)(source.name)


def _last_runs(name: str) -> None:
    found = session.attempt(lambda: session.client().find_runs(source=name, limit=_RUNS))
    if isinstance(found, ApiError):
        widgets.failure(found, "source-runs")
        return
    st.html(render.element("h2", escape(texts.RUNS), "as-heading"))
    run_list.rows(found.runs, named=False)
    if found.total > len(found.runs):
        navigation.link("runs", source_texts.ALL_RUNS, icon=":material/history:", query={"of": name})
