"""The texts of the web UI by language: each folder holds the same modules, with the same names in them."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANGUAGES = {"en": "English", "de": "Deutsch"}  # by tag (BCP 47), in their own words
DEFAULT = "en"
CHOSEN = "language"  # the key of the session's state that holds what a person chose
COOKIE = "assistant_language"  # holds it in the browser; the API's own pages read it too
_FROM_RIGHT = frozenset({"ar", "fa", "he", "ur"})
_P = ParamSpec("_P")
_T = TypeVar("_T")
_of_thread: ContextVar[str] = ContextVar("language", default="")


def current() -> str:
    """Return the language of the session: the chosen one, else the browser's, else English."""
    if given := _of_thread.get():
        return given
    if get_script_run_ctx(suppress_warning=True) is None:  # outside of a session, such as in a test
        return DEFAULT
    wanted = chosen() or (st.context.locale or "").partition("-")[0].lower()
    return wanted if wanted in LANGUAGES else DEFAULT


def chosen() -> str:
    """Return the language that was chosen in this session, or kept in its browser; empty: none."""
    if CHOSEN not in st.session_state:
        kept = st.context.cookies.get(COOKIE, "")
        # Streamlit's test harness has no browser, and a mock for one
        st.session_state[CHOSEN] = kept if isinstance(kept, str) and kept in LANGUAGES else ""
    return str(st.session_state[CHOSEN] or "")


def choose(language: str) -> None:
    """Let the session speak this language from now on."""
    st.session_state[CHOSEN] = language


def kept_in_thread(action: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return the action with the session's language, for a thread that is in no session."""
    language = current()

    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        before = _of_thread.set(language)
        try:
            return action(*args, **kwargs)
        finally:
            _of_thread.reset(before)

    return run


def direction() -> str:
    """Return the direction in which the session's language is written: `ltr` or `rtl`."""
    return "rtl" if current().partition("-")[0] in _FROM_RIGHT else "ltr"


def catalogue(name: str) -> Callable[[str], Any]:
    """Return what looks up a text of the module `name` in the session's language, at the moment it is drawn.

    It is the `__getattr__` (PEP 562) of the modules that the UI imports its texts from.
    """

    def look_up(text: str) -> Any:
        return getattr(import_module(f"ui.languages.{current()}.{name}"), text)

    return look_up
