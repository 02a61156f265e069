"""The sources page: where documents come from, how each source is, and what can be done with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import streamlit as st

from ui import pager, render, session, source_texts, texts, widgets
from ui.client import ApiError
from ui.runs import Run, Source
from ui.views import add_source, source, source_card

POLL_SECONDS = 2.0
PAGE_SIZE = 20
_OFFSET = "sources-offset"
Found = tuple[tuple[Source, ...], tuple[Run, ...]]


def page() -> None:
    """Draw the source that the address names, the form for another one, or the list."""
    query = st.query_params
    if query.get("source"):
        source.page(query["source"])
    elif "add" in query and source_card.manages():
        add_source.page()
    else:
        _list()


def _list() -> None:
    st.html(render.element("h1", escape(texts.SOURCES), "as-heading"))
    found = session.attempt(_found)
    busy = session.run_expected() or isinstance(found, ApiError) or _is_busy(*found)
    if source_card.manages():
        st.button(
            source_texts.ADD_SOURCE,
            key="add-source",
            type="primary",
            icon=":material/add:",
            on_click=st.query_params.from_dict,
            args=({"add": "1"},),
        )
    # A run that is under way is followed; without one, nothing is polled.
    st.fragment(_overview, run_every=POLL_SECONDS if busy else None)(busy, [found])


def _found() -> Found:
    """Return all sources, and the runs that are under way."""
    api = session.client()
    return api.sources(), api.running()


def _overview(was_busy: bool, asked: list[Found | ApiError]) -> None:
    """Draw the list; `asked` holds what was just asked for, until it is drawn for the first time."""
    session.look_for_run()
    found = asked.pop() if asked else session.attempt(_found)
    if isinstance(found, ApiError):
        widgets.failure(found, "sources")
        return
    sources, runs = found
    if was_busy and not session.run_expected() and not _is_busy(sources, runs):
        st.session_state.pop("status", None)
        st.rerun()
    if not sources:
        widgets.notice(texts.NO_SOURCES, source_texts.NO_SOURCES_HINT, kind="quiet")
        return
    by_source = {run.source: run for run in runs}
    shown = _filtered(sources, by_source) if len(sources) > 1 else list(sources)
    if not shown:
        widgets.notice(source_texts.NO_MATCH, source_texts.NO_MATCH_HINT, kind="quiet")
        return
    offset = min(int(st.session_state.get(_OFFSET, 0)), (len(shown) - 1) // PAGE_SIZE * PAGE_SIZE)
    for one in shown[offset : offset + PAGE_SIZE]:
        source_card.show(one, by_source.get(one.name))
    pager.draw(_OFFSET, offset, PAGE_SIZE, len(shown))


def _is_busy(sources: Sequence[Source], runs: Sequence[Run]) -> bool:
    """Return whether something goes on, or will when a worker is free."""
    return bool(runs) or any(one.is_asked for one in sources)


def _filtered(sources: Sequence[Source], runs: dict[str, Run]) -> list[Source]:
    """Draw the filters, and return the sources that pass them."""
    conditions = {one.name: one.condition(running=one.name in runs) for one in sources}
    counted = Counter[str](conditions.values())
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    wanted = left.text_input(
        source_texts.FIND, key="source-find", placeholder=source_texts.FIND_PLACEHOLDER, on_change=_first_page
    )
    kinds = sorted({one.kind for one in sources})
    kind = right.selectbox(
        source_texts.KIND,
        [source_texts.ALL_KINDS, *kinds],
        key="source-kind-filter",
        format_func=source_texts.kind_name,
        on_change=_first_page,
    )
    states = [state for state in source_texts.CONDITIONS if counted[state]]
    chosen = st.pills(
        source_texts.STATE,
        states,
        selection_mode="multi",
        format_func=lambda state: f"{source_texts.CONDITIONS[state]} ({counted[state]})",
        key="source-states",
        on_change=_first_page,
    )
    words = (wanted or "").strip().casefold()
    return [
        one
        for one in sources
        if words in f"{one.name} {one.config.get('path', '')}".casefold()
        and kind in {source_texts.ALL_KINDS, one.kind}
        and (not chosen or conditions[one.name] in chosen)
    ]


def _first_page() -> None:
    pager.first_page(_OFFSET)
