"""Which dialog is open: one at most, and the newest takes the place of the former."""

from __future__ import annotations

from typing import Any

import streamlit as st

_OPEN = "dialog"


def want(kind: str, subject: Any = None) -> None:
    """Have a dialog on the subject opened when the page is drawn next, and kept open until it is done or closed."""
    st.session_state[_OPEN] = (kind, subject)


def wanted() -> tuple[str, Any]:
    """Return what dialog is open, and on which subject; an empty name: none."""
    found: tuple[str, Any] = st.session_state.get(_OPEN, ("", None))
    return found


def close() -> None:
    """Close it; also for `on_dismiss`."""
    st.session_state.pop(_OPEN, None)
