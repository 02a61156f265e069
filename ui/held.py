"""What a button asks for, held until it is done: Streamlit gives up a run for a newer one, and with it the click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from ui import session
from ui.client import ApiError

T = TypeVar("T")
_HELD, _PAGE = "held", "held-page"


@dataclass(slots=True)
class Wish:
    """What is asked for: `given` is what it needs and the page forgets; it is over once it has been done.

    It is changed in place and never put into the session's state anew: that is where Streamlit interrupts.
    """

    given: Any = None
    is_over: bool = False


def hold(key: str, given: Any = None) -> None:
    """Hold what is asked for under `key`; for `on_click`. A newer wish takes the place of the former."""
    _wishes()[key] = Wish(given)


def button(label: str, key: str, **options: Any) -> Wish | None:
    """Draw a button; return what is asked for by it and not done yet, None if nothing is.

    Args:
        label, options: as of `st.button`.
        key: of the button, and of what it asks for.
    """
    st.button(label, key=key, on_click=hold, args=(key,), **options)
    return wanted(key)


def submit(label: str, key: str, given: Callable[[], Any] = lambda: None, **options: Any) -> Wish | None:
    """Draw the button of a form; return what is asked for by it and not done yet, None if nothing is.

    Args:
        label, options: as of `st.form_submit_button`.
        key: of what it asks for.
        given: returns what the form holds and forgets.
    """
    st.form_submit_button(label, on_click=lambda: hold(key, given()), **options)
    return wanted(key)


def wanted(key: str) -> Wish | None:
    """Return what is asked for under `key` and not done yet, None if nothing is."""
    wish = _wishes().get(key)
    return None if wish is None or wish.is_over else wish


def do(wish: Wish, action: Callable[[], T]) -> T | ApiError:
    """Do what is asked for, and return what comes of it; the wish is over then, before anything else is drawn."""
    outcome = session.attempt(action)
    wish.is_over = True
    return outcome


def drop(*keys: str) -> None:
    """Forget what is asked for, such as what cannot be done as it was filled in."""
    for key in keys:
        _wishes().pop(key, None)


def clear() -> None:
    """Forget what is left of it at the end of a whole run: what the page can do, it has done by then."""
    _wishes().clear()


def settle(page: str) -> None:
    """Forget what was asked for on another page than this one: whoever leaves a page does not wait for it."""
    if st.session_state.get(_PAGE, page) != page:
        clear()
    st.session_state[_PAGE] = page


def _wishes() -> dict[str, Wish]:
    held: dict[str, Wish] = st.session_state.setdefault(_HELD, {})
    return held
