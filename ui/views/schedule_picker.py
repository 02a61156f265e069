"""Chooses a schedule in words or as a cron line, and shows what comes of it."""

from __future__ import annotations

import time
from datetime import time as clock
from html import escape

import streamlit as st

from ui import render, schedule_texts, schedules, session, times
from ui.client import ApiError
from ui.schedules import ALL_DAYS, Timetable

_PRESETS = {
    "every 15m": "QUARTER",
    "every 1h": "HOURLY",
    "0 2 * * *": "NIGHTLY",
    "0 6 * * 1": "MONDAYS",
    "0 6 * * 1-5": "WORKDAYS",
    "0 3 1 * *": "MONTHLY",
    "": "ON_REQUEST",
    "days": "OWN_DAYS",
    "line": "OWN_LINE",
}  # lines, or ways to say one, and the names of their texts
_KEPT_SECONDS = 60.0


def pick(key: str, line: str, zone: str = "") -> tuple[str, str]:
    """Draw the choice, outside of a form, and return the line (empty: none) and its time zone.

    Args:
        key: keeps the widgets of two pickers apart.
        line: the schedule so far.
        zone: its time zone; empty: the browser's.
    """
    current = schedules.read(line)
    options = list(_PRESETS)
    first = current.line if current.line in _PRESETS else "days" if current.kind == "days" else "line"
    left, right = st.columns(2)
    chosen = left.selectbox(
        schedule_texts.WHEN,
        options,
        options.index(first),
        key=f"{key}-when",
        format_func=lambda one: getattr(schedule_texts, _PRESETS[one]),
    )
    picked = _own(key, str(chosen), current)
    if picked.kind in {"days", "month", "cron", "odd"}:
        zones, wanted = times.zones(), zone or times.browser_zone()
        if wanted not in zones:  # such as CET, from the command line: it stays until another one is chosen
            zones = (wanted, *zones)
        zone = str(right.selectbox(schedule_texts.ZONE, zones, zones.index(wanted), key=f"{key}-zone"))
    zone = zone or "UTC"
    _explain(picked, zone)
    return picked.line, zone


def _own(key: str, chosen: str, current: Timetable) -> Timetable:
    """Draw what belongs to the choice, and return the timetable."""
    if chosen == "days":
        left, right = st.columns([3, 1])
        days = left.pills(
            schedule_texts.DAYS,
            ALL_DAYS,
            selection_mode="multi",
            default=current.days or ALL_DAYS,
            format_func=lambda day: schedule_texts.SHORT_DAYS[day],
            key=f"{key}-days",
        )
        at = right.time_input(
            schedule_texts.AT,
            clock(current.hour, current.minute) if current.kind in {"days", "month"} else clock(2),
            key=f"{key}-at",
            step=900,
        )
        return schedules.on_days(tuple(days or ()), at.hour, at.minute)
    if chosen == "line":
        typed = st.text_input(
            schedule_texts.LINE, current.line or "0 6 * * 1-5", key=f"{key}-line", help=schedule_texts.LINE_HELP
        )
        return schedules.read(typed or "")
    return schedules.read(chosen)


def _explain(picked: Timetable, zone: str) -> None:
    """Show the line for the words and the words for the line, and when it is due next where the reader is."""
    if picked.kind == "none":
        return
    said = [schedule_texts.ODD] if picked.kind == "odd" else [schedule_texts.read_back(picked, zone)]
    said.append(schedule_texts.as_line(picked.line))
    due = next_times(picked.line, zone)
    if isinstance(due, ApiError):
        st.html(render.element("p", escape(f"{due.message}. {due.hint}"), "as-error-text", role="alert"))
        return
    said.append(schedule_texts.next_times(due, times.browser_zone()))
    lines = "".join(render.element("span", escape(one)) for one in said if one)
    st.html(render.element("div", lines, "as-about as-schedule", role="status"))


def next_times(line: str, zone: str) -> tuple[float, ...] | ApiError:
    """Return when a schedule is due next, in seconds since the epoch; asked again after a minute."""
    known: dict[tuple[str, str], tuple[float, tuple[float, ...]]] = st.session_state.setdefault("next_times", {})
    held = known.get((line, zone))
    if held and time.monotonic() - held[0] < _KEPT_SECONDS and held[1][0] > time.time():
        return held[1]
    found = session.attempt(lambda: session.client().next_times(line, zone))
    if not isinstance(found, ApiError):
        known[line, zone] = time.monotonic(), found
    return found
