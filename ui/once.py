"""Secrets that are shown once: kept from the moment they are made until the person has them, or leaves the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui import held, texts, widgets
from ui.client import ApiError

_KEPT = "shown-once"


def make(wish: held.Wish, name: str, action: Callable[[], str]) -> ApiError | None:
    """Make the secret that is asked for, and keep it to be shown as `name`; return what is wrong, None if nothing is.

    It is kept with no look at the session after it was made, as the script may be ended there: nobody would have it.
    """
    kept = _kept()

    def put() -> None:
        kept[name] = action()

    return held.do(wish, put)


def show(name: str, title: str, hint: str = "", *, kind: str = "info") -> None:
    """Show the secret of this name, if one was made, until the person says to have it."""
    secret = _kept().get(name)
    if secret is None:
        return
    widgets.notice(title, hint, kind=kind)
    st.code(secret, language=None, wrap_lines=True)
    st.button(texts.HAVE_IT, key=f"have-{name}", icon=":material/check:", on_click=_drop, args=(name,))


def names(beginning: str) -> list[str]:
    """Return the names of secrets that are to be shown and begin so."""
    return [name for name in _kept() if name.startswith(beginning)]


def _drop(name: str) -> None:
    _kept().pop(name, None)


def forget() -> None:
    """Forget what was made on a page that is left."""
    _kept().clear()


def _kept() -> dict[str, str]:
    kept: dict[str, str] = st.session_state.setdefault(_KEPT, {})
    return kept
