"""What is shown of a source in every place: its state in words, what it does now, and the buttons for it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Literal

import streamlit as st

from ui import held, navigation, render, run_texts, schedule_texts, schedules, session, source_texts, texts, widgets
from ui.client import ApiError
from ui.runs import Condition, Run, Source

Style = Literal["secondary", "tertiary"]
_BADGES: dict[Condition, str] = {
    "removing": "busy",
    "first": "busy",
    "running": "busy",
    "paused": "off",
    "partial": "bad",
    "failing": "bad",
    "never": "off",
    "healthy": "on",
}


def manages() -> bool:
    """Whether the person adds and removes sources, and does not only look after some."""
    status = session.attempt(session.status)
    return not isinstance(status, ApiError) and status.manages


def show(source: Source, run: Run | None) -> None:
    """Draw a source of the list, with the run of it that is under way."""
    with st.container(border=True, key=f"source-{source.name}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            navigation.link("sources", source.name, query={"source": source.name})
            st.html(badge(source, run), width="content")
            key = f"buttons-of-{source.name}"
            with st.container(horizontal=True, horizontal_alignment="right", wrap=False, gap="small", key=key):
                actions(source, run, plain=True)
        st.html(about(source))
        what_is(source, run)


def badge(source: Source, run: Run | None) -> str:
    """Return the word for how a source is, as HTML."""
    condition = source.condition(running=run is not None)
    return render.element("span", escape(source_texts.CONDITIONS[condition]), f"as-badge as-badge-{_BADGES[condition]}")


def about(source: Source) -> str:
    """Return the facts on a source in a line, as HTML."""
    facts = [source_texts.kind_name(source.kind)]
    if source.documents is not None:
        facts.append(source_texts.documents(source.documents))
    facts.append(schedule_texts.read_back(schedules.read(source.schedule), source.time_zone).removesuffix("."))
    if source.last_success_at is not None:
        facts.append(source_texts.last_success(texts.ago(source.last_success_at)))
    elif source.last_sync_at is not None:
        facts.append(source_texts.NO_SUCCESS)
    if source.next_sync_at is not None and not source.paused:
        facts.append(source_texts.next_sync(schedule_texts.until(source.next_sync_at)))
    path = str(source.config.get("path") or "")
    shown = render.element("span", escape(path), "as-path") if path else ""
    return render.element("div", shown + "".join(render.element("span", escape(fact)) for fact in facts), "as-about")


def what_is(source: Source, run: Run | None) -> None:
    """Draw how far its run is, or what is wrong with it."""
    if run is not None:
        progress(run)
    elif source.is_asked and not source.removing:
        st.html(render.element("p", escape(source_texts.ASKED), "as-doing"))
    if run is None and source.last_error and not source.removing:
        partial = source.condition(running=False) == "partial"
        widgets.notice(source.last_error, source_texts.PARTIAL_HINT if partial else "", kind="error")
        if manages():
            navigation.link(
                "sources",
                source_texts.MEND,
                icon=":material/build:",
                query={"source": source.name, "view": "settings", "field": pointed(source.last_error)},
            )


def pointed(error: str) -> str | None:
    """Return which fields an error of a source is about: `secrets` where its sign-in is refused, else None."""
    said = error.casefold()
    return "secrets" if any(word in said for word in _SIGN_IN) else None


_SIGN_IN = ("sign-in", "sign in", "password", "token", "credential", "401", "403", "unauthori", "forbidden", "the key")


def progress(run: Run) -> None:
    """Draw how far a run is: its phase, counts, pace, time left, and a bar."""
    st.progress(run.share, text=f"{run_texts.phase(run)}: {run_texts.pace(run)}")


def actions(source: Source, run: Run | None, *, plain: bool = False) -> None:
    """Draw the buttons that everybody has who looks after the source; `plain`: without frames, for a list."""
    style: Style = "tertiary" if plain else "secondary"
    at_work = run is not None or source.removing
    _action(texts.SYNC, ":material/sync:", source, sync, style, disabled=at_work)
    if source.paused:
        _action(texts.RESUME, ":material/play_arrow:", source, session.client().resume, style)
    else:
        _action(texts.PAUSE, ":material/pause:", source, session.client().pause, style, disabled=source.removing)


def sync(name: str, *, full: bool = False) -> None:
    """Ask for a sync of a source, and have the page follow the run that comes. Raises ApiError."""
    api = session.client()
    before = api.find_runs(source=name, limit=1).runs
    session.expect_run(name, before[0].id if before else "")  # before: after the sync the script may be ended there
    api.sync(name, full=full)


def _action(
    label: str, icon: str, source: Source, call: Callable[[str], None], style: Style, *, disabled: bool = False
) -> None:
    key, help_text = f"{label}-{source.name}", render.plain(source.name)
    wish = held.button(label, key, icon=icon, type=style, disabled=disabled, help=help_text)
    if wish is not None:
        outcome = held.do(wish, lambda: call(source.name))
        if isinstance(outcome, ApiError):
            widgets.notice(outcome.message, outcome.hint, kind="error")
        else:
            st.rerun()
