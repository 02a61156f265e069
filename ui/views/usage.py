"""The page of figures of use: what is asked, how quickly it is answered, and what it rests on."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import formats, render, session, usage_texts, widgets
from ui.client import ApiError
from ui.measures import Usage, UsageRow

if TYPE_CHECKING:
    import altair as alt

PERIODS = (7, 30, 90)
_NUMBERS = ("questions", "people", "not_found", "failed", "first_p50", "whole_p50", "whole_p95")
_MORE = ("prompt_tokens", "completion_tokens", "verified")
_OF_QUESTIONS = {"key", "questions"}  # what is told of few people


def page() -> None:
    """Draw the figures of a period."""
    st.html(
        render.element("h1", escape(usage_texts.USAGE), "as-heading")
        + render.element("p", escape(usage_texts.LEAD), "as-quiet-text")
    )
    period = st.segmented_control(
        usage_texts.PERIOD, PERIODS, default=30, key="usage-days", format_func=usage_texts.days, required=True
    )
    with st.spinner(usage_texts.COUNTING):
        found = session.attempt(lambda: session.client().usage(int(period or 30)))
    if isinstance(found, ApiError):
        widgets.failure(found, "usage")
        return
    if not found.total.questions:
        widgets.notice(usage_texts.NOTHING, usage_texts.NOTHING_HINT, kind="quiet")
        return
    st.html(_tiles(found))
    _days(found)
    _parted(usage_texts.BY_MODE, found.modes, usage_texts.MODE, usage_texts.NO_MODE)
    _parted(usage_texts.BY_MODEL, found.models, usage_texts.MODEL, usage_texts.NO_MODEL)
    _sources(found)
    if any(row.withheld for row in (*found.days, *found.modes, *found.models)):
        st.html(render.element("p", escape(usage_texts.withheld(found.few)), "as-quiet-text"))
    st.download_button(
        usage_texts.DOWNLOAD,
        as_csv(found.days),
        file_name=f"usage-{found.since}-{found.until}.csv",
        mime="text/csv",
        key="usage-csv",
        icon=":material/download:",
    )


def _tiles(found: Usage) -> str:
    total = found.total
    first, whole = total.first or (None, None), total.whole or (None, None)
    people = str(total.people) if total.people else usage_texts.fewer_than(found.few)
    tiles = (
        (usage_texts.QUESTIONS, formats.number(total.questions), ""),
        (usage_texts.PEOPLE, people, ""),
        (usage_texts.FIRST, usage_texts.seconds(first[0]), f"{usage_texts.MOST}: {usage_texts.seconds(first[1])}"),
        (usage_texts.WHOLE, usage_texts.seconds(whole[0]), f"{usage_texts.MOST}: {usage_texts.seconds(whole[1])}"),
        (usage_texts.NOT_FOUND, usage_texts.share(total.not_found / total.questions), formats.number(total.not_found)),
        (usage_texts.FAILED, usage_texts.share(total.failed / total.questions), formats.number(total.failed)),
        (
            usage_texts.VERIFIED,
            usage_texts.share(total.verified_share),
            f"{formats.number(total.verified)} / {formats.number(total.citations)}",
        ),
        (usage_texts.TOKENS_READ, formats.number(total.prompt_tokens), ""),
        (usage_texts.TOKENS_WRITTEN, formats.number(total.completion_tokens), ""),
        (usage_texts.CACHED, usage_texts.share(total.cached_share), ""),
        (usage_texts.FALLBACK, usage_texts.share(total.fallback / total.questions), formats.number(total.fallback)),
    )
    return render.element("dl", "".join(widgets.tile(*one) for one in tiles), "as-tiles")


def _days(found: Usage) -> None:
    st.html(render.element("h2", escape(usage_texts.BY_DAY), "as-heading"))
    asked = {
        usage_texts.QUESTIONS: [(row.key, float(row.questions)) for row in found.days],
        usage_texts.PEOPLE: [(row.key, float(row.people)) for row in found.days if not row.withheld],
    }
    _chart(usage_texts.QUESTIONS_A_DAY, asked, usage_texts.NUMBER)
    waited = {
        usage_texts.MEDIAN: [(row.key, row.whole[0]) for row in found.days if row.whole],
        usage_texts.MOST: [(row.key, row.whole[1]) for row in found.days if row.whole],
    }
    if any(waited.values()):
        _chart(usage_texts.SECONDS_A_DAY, waited, usage_texts.SECONDS)
    tokens = {
        usage_texts.TOKENS_READ: [(row.key, float(row.prompt_tokens)) for row in found.days if not row.withheld],
        usage_texts.TOKENS_WRITTEN: [(row.key, float(row.completion_tokens)) for row in found.days if not row.withheld],
    }
    _chart(usage_texts.TOKENS_A_DAY, tokens, usage_texts.NUMBER)
    with st.expander(usage_texts.AS_TABLE, icon=":material/table:", key="usage-table"):
        st.html(_table([row for row in reversed(found.days) if row.questions], usage_texts.DAY, ""))


def _chart(title: str, lines: dict[str, list[tuple[str, float]]], unit: str) -> None:
    """Draw lines over days; the table beside it says the same to who does not see it."""
    st.html(render.element("h3", escape(title), "as-label"))
    rows = [
        {usage_texts.DAY: day, unit: value, "line": name} for name, points in lines.items() for day, value in points
    ]
    st.altair_chart(_lines(rows, usage_texts.DAY, unit, title), width="stretch")


def _lines(rows: list[dict[str, Any]], x: str, y: str, title: str) -> alt.Chart:
    import altair as alt

    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows), height=240, description=title)
        .mark_line(point={"size": 24}, interpolate="monotone")
        .encode(
            x=alt.X(f"{x}:T", title=None),
            y=alt.Y(f"{y}:Q", title=y, axis=alt.Axis(tickMinStep=1, tickCount=4)),
            color=alt.Color(
                "line:N",
                title=None,
                legend=alt.Legend(orient="top", offset=4),
                scale=alt.Scale(range=list(widgets.LINES)),
            ),
            tooltip=[alt.Tooltip(f"{x}:T"), "line:N", alt.Tooltip(f"{y}:Q", format=",.4~r")],
        )
    )
    return chart


def _parted(title: str, rows: Sequence[UsageRow], what: str, unnamed: str) -> None:
    if rows:
        st.html(render.element("h2", escape(title), "as-heading") + _table(rows, what, unnamed))


def _sources(found: Usage) -> None:
    if not found.sources:
        return
    columns = (usage_texts.SOURCE, usage_texts.CITATIONS, usage_texts.ANSWERS)
    rows = [
        (name or usage_texts.OTHERS, formats.number(cited), formats.number(answers))
        for name, cited, answers in found.sources
    ]
    head = render.element("h2", escape(usage_texts.BY_SOURCE), "as-heading")
    st.html(head + widgets.figures(usage_texts.BY_SOURCE, columns, rows))


def _table(rows: Sequence[UsageRow], what: str, unnamed: str) -> str:
    names = ("key", *_NUMBERS, *_MORE)
    columns = tuple(usage_texts.COLUMNS[name] or what for name in names)
    shown = [
        tuple(
            _shown(row, name, unnamed) if not row.withheld or name in _OF_QUESTIONS else usage_texts.NONE
            for name in names
        )
        for row in rows
    ]
    return widgets.figures(what, columns, shown)


def _shown(row: UsageRow, name: str, unnamed: str) -> str:
    if name == "key":
        return row.key or (usage_texts.OTHERS if row.withheld else unnamed)
    if name == "verified":
        return usage_texts.share(row.verified_share)
    value = _value(row, name)
    return (
        usage_texts.NONE
        if value is None
        else formats.decimal(value)
        if isinstance(value, float)
        else formats.number(value)
    )


def _value(row: UsageRow, name: str) -> float | int | None:
    kind, _, part = name.rpartition("_")
    if part in {"p50", "p95"}:
        pair = row.first if kind == "first" else row.whole
        return None if pair is None else pair[part == "p95"]
    value: int = getattr(row, name)
    return value


def as_csv(days: Sequence[UsageRow]) -> str:
    """Return the figures of days as CSV, a line each; of days of few people only the number of questions."""
    names = (*_NUMBERS, "first_p95", "fallback", "prompt_tokens", "completion_tokens", "cached_tokens", "cached_of")
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("day", *names, "citations", "verified"))
    for row in days:
        known = [
            _value(row, name) if not row.withheld or name in _OF_QUESTIONS else None
            for name in (*names, "citations", "verified")
        ]
        writer.writerow((row.key, *("" if value is None else value for value in known)))
    return file.getvalue()
