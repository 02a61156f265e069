"""Brings dates and languages that files state into one form."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]+)*")
_PRIVATE = {"zx", "xx", "un"}  # what writers put where no language is meant


def iso_time(value: datetime | str | None) -> str:
    """Return a time as ISO 8601 in UTC, to the second.

    Args:
        value: a time, or one in ISO 8601; without a zone it counts as UTC.

    Returns:
        For example `2026-11-24T12:00:00Z`; empty for None and for what is no time.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return ""
    if value is None:
        return ""
    try:
        utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:  # the year 1 or 9999, moved over its end by the zone
        return ""
    return f"{utc.year:04d}{utc.strftime('-%m-%dT%H:%M:%SZ')}"


def language_code(tag: str | None) -> str:
    """Return the ISO 639-1 code at the begin of a language tag (`de-CH`, `en_US`), empty where there is none."""
    match = _LANGUAGE.fullmatch((tag or "").strip())
    code = match[1].lower() if match else ""
    return "" if code in _PRIVATE else code
