"""What a person is asked about before something is done; a question does not outlive the page that it stands on."""

from __future__ import annotations

from typing import Any

import streamlit as st

_ASKED = "asked-about"


def ask(question: str, about: Any) -> None:
    """Ask a question about something, such as its name; None: not any more."""
    _questions()[question] = about


def about(question: str) -> Any:
    """Return what a question is asked about, None where it is not asked."""
    return _questions().get(question)


def forget() -> None:
    """Ask nothing any more: the page was left."""
    _questions().clear()


def _questions() -> dict[str, Any]:
    questions: dict[str, Any] = st.session_state.setdefault(_ASKED, {})
    return questions
