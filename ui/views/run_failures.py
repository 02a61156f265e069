"""What a run could not index: by cause, with what to do about it, and ways to try again or let it rest."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Literal

import streamlit as st

from ui import causes, formats, render, run_texts, session, times, widgets
from ui.causes import Cause
from ui.client import ApiError
from ui.runs import Failed, OpenFailure, Run

_SHOWN = 30


def show(run: Run) -> None:
    """Draw the failures of a run that has ended."""
    if not run.failures:
        return
    found = session.attempt(lambda: session.client().open_failures(run.source))
    if isinstance(found, ApiError):
        widgets.failure(found, "open-failures")
        return
    listed, count = found
    still = {one.key: one for one in listed}
    st.html(render.element("h2", escape(run_texts.FAILURES), "as-heading"))
    if count > len(listed):
        widgets.notice(*run_texts.not_looked_up(len(listed), count), kind="warning")
    with st.container(horizontal=True, gap="small", key="failures-ways"):
        _retry(run_texts.RETRY_ALL, "all", run, None if count > len(listed) else _open(run.failures, still))
        st.download_button(
            run_texts.DOWNLOAD,
            causes.as_csv(run.failures, still),
            file_name=run_texts.file_name(run),
            mime="text/csv",
            key="failures-csv",
            icon=":material/download:",
            on_click="ignore",
        )
    for cause in causes.by_cause(run.failures):
        _cause(run, cause, still, all_known=count == len(listed))


def _open(failures: tuple[Failed, ...], still: dict[str, OpenFailure]) -> list[str]:
    """Return the keys that may be tried again: since the run, others were mended or are gone."""
    return [one.key for one in failures if one.key in still]


def _cause(run: Run, cause: Cause, still: dict[str, OpenFailure], *, all_known: bool) -> None:
    title, advice = run_texts.CAUSES.get(cause.code, (run_texts.OTHER_CAUSE, run_texts.OTHER_ADVICE))
    with st.container(border=True, key=f"cause-{cause.code or 'other'}"):
        head = render.element("h3", escape(title)) + render.element(
            "span", escape(formats.number(len(cause.failures))), "as-badge"
        )
        st.html(render.element("div", head, "as-source") + render.element("p", escape(advice), "as-quiet-text"))
        left = _open(cause.failures, still)
        with st.container(horizontal=True, gap="small"):
            _retry(run_texts.retry(len(left)), cause.code or "other", run, left)
            _ignore(run_texts.ignore(len(left)), cause.code or "other", run, [k for k in left if not still[k].ignored])
        shown = st.expander(
            run_texts.documents(len(cause.failures)), key=f"list-{cause.code or 'other'}", on_change="rerun"
        )
        if shown.open:
            with shown:
                _documents(run, cause, still, all_known=all_known)


def _documents(run: Run, cause: Cause, still: dict[str, OpenFailure], *, all_known: bool) -> None:
    for number, one in enumerate(cause.failures[:_SHOWN]):
        with st.container(gap=None, key=f"failed-{cause.code or 'other'}-{number}"):
            is_known = all_known or one.key in still
            state = run_texts.now(still.get(one.key), times.browser_zone()) if is_known else run_texts.NOT_KNOWN
            st.html(
                render.element("div", escape(one.key), "as-path")
                + render.element("div", escape(one.error))
                + render.element("div", escape(state), "as-quiet-text")
            )
            if one.key in still:
                with st.container(horizontal=True, gap="small"):
                    _retry(run_texts.RETRY_ONE, f"{cause.code}-{number}", run, [one.key], plain=True)
                    if not still[one.key].ignored:
                        _ignore(run_texts.IGNORE_ONE, f"{cause.code}-{number}", run, [one.key], plain=True)
    if len(cause.failures) > _SHOWN:
        st.html(render.element("p", escape(run_texts.more(len(cause.failures) - _SHOWN)), "as-quiet-text"))


def _retry(label: str, key: str, run: Run, keys: list[str] | None, *, plain: bool = False) -> None:
    """Draw the button that tries these documents again, None: all that failed of the source."""

    def again() -> str:
        session.client().retry_failures(run.source, keys)
        session.expect_run()
        return run_texts.RETRYING_ALL if keys is None else run_texts.retrying(len(keys))

    kind: Literal["secondary", "tertiary"] = "tertiary" if plain else "secondary"
    if st.button(label, key=f"retry-{key}", icon=":material/refresh:", type=kind, disabled=keys == []):
        _do(again)


def _ignore(label: str, key: str, run: Run, keys: list[str], *, plain: bool = False) -> None:
    def rest() -> str:
        return run_texts.ignored(session.client().ignore_failures(run.source, keys))

    kind: Literal["secondary", "tertiary"] = "tertiary" if plain else "secondary"
    icon, said = ":material/notifications_off:", run_texts.IGNORE_HELP
    if st.button(label, key=f"ignore-{key}", icon=icon, type=kind, disabled=not keys, help=said):
        _do(rest)


def _do(action: Callable[[], str]) -> None:
    """Do something and say so, or what went wrong."""
    said = session.attempt(action)
    if isinstance(said, ApiError):
        widgets.notice(said.message, said.hint, kind="error")
        return
    st.session_state.said = said
    st.rerun()
