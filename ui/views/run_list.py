"""Rows of runs, each with a link to its own page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import navigation, render, run_texts, texts, times
from ui.runs import Run
from ui.views import source_card

BAD = frozenset({"failed", "interrupted"})


def rows(runs: Sequence[Run], *, named: bool = True) -> None:
    """Draw runs, newest first; `named`: with the name of their source."""
    if not runs:
        st.html(render.element("p", escape(texts.NO_RUNS), "as-quiet-text"))
        return
    with st.container(key="run-list", gap=None):
        for run in runs:
            _row(run, named)


def _row(run: Run, named: bool) -> None:
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            label = run.source if named else run_texts.began(run.started_at, times.browser_zone())
            navigation.link("runs", label, query={"run": run.id})
            st.html(badge(run), width="content")
        if run.running:
            source_card.progress(run)
        facts = [] if run.running else [texts.run_counts(run)]
        facts += [run_texts.trigger(run.trigger), *([texts.ago(run.started_at)] if named else [])]
        if run.finished_at is not None:
            facts.append(run_texts.took(run.finished_at - run.started_at))
        about = "".join(render.element("span", escape(fact)) for fact in facts if fact)
        error = render.element("p", escape(run.error), "as-error-text") if run.error and run.state in BAD else ""
        st.html(render.element("div", about, "as-about") + error)


def badge(run: Run) -> str:
    """Return the word for a run's state, as HTML."""
    css = "busy" if run.running else "bad" if run.state in BAD or run.counts["failed"] else "on"
    if run.state == "cancelled":
        css = "off"
    return render.element("span", escape(run_texts.state(run)), f"as-badge as-badge-{css}")
