"""The time zone that a person's times are shown in."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

import streamlit as st


def browser_zone() -> str:
    """Return the time zone of the person's browser, UTC where it does not tell."""
    told = st.context.timezone
    return told if isinstance(told, str) and told in zones() else "UTC"


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Return the names of the time zones to choose from, UTC first."""
    named = (one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "SystemV/")))
    return ("UTC", *sorted(named))
