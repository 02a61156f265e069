"""The texts of the web UI by language: each folder holds the same modules, with the same names in them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANGUAGES = {"en": "English", "de": "Deutsch"}  # by tag (BCP 47), in their own words
DEFAULT = "en"
CHOSEN = "language"  # the key of the session's state that holds what a person chose
_FROM_RIGHT = frozenset({"ar", "fa", "he", "ur"})


def current() -> str:
    """Return the language of the session: the chosen one, else the browser's, else English."""
    if get_script_run_ctx(suppress_warning=True) is None:  # outside of a session, such as in a test
        return DEFAULT
    chosen = str(st.session_state.get(CHOSEN) or "")
    wanted = chosen or (st.context.locale or "").partition("-")[0].lower()
    return wanted if wanted in LANGUAGES else DEFAULT


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
