"""What a button asks for, held until its outcome was drawn: Streamlit gives up a run for a newer one, click and all.

The run that is given up goes on beside the newer one until it next looks at its session, such as in a call to the API.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui import session
from ui.client import ApiError

T = TypeVar("T")
_HELD, _PAGE = "held", "held-page"


@dataclass(slots=True)
class Wish:
    """What is asked for: `given` is what it needs and the page forgets; it is over once its outcome was drawn.

    It is changed in place and never put into the session's state anew: that is where Streamlit interrupts. `drawn_by`
    is what draws the outcome; where that was given up meanwhile, the one that took its place draws it. `after` is
    another wish of the same name that was at work when this one came: it is done before.
    """

    given: Any = None
    is_over: bool = False
    is_done: bool = False
    outcome: Any = None
    drawn_by: object = None
    after: Wish | None = field(default=None, repr=False)
    at_work: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_begun(self) -> bool:
        """Whether it is being done, or was."""
        return self.is_done or self.at_work.locked()


def hold(key: str, given: Any = None) -> None:
    """Hold what is asked for under `key`; for `on_click`.

    A newer wish takes the place of the former, but not one for the same while that is at work or its outcome unseen.
    """
    wishes = _wishes()
    former = wishes.get(key)
    if former is None or former.is_over or former.given != given or not former.is_begun:
        wishes[key] = Wish(given, after=_before(former))


def _before(former: Wish | None) -> Wish | None:
    """Return what has to be done before another wish that takes the place of `former`; that may not have begun yet."""
    if former is None or former.at_work.locked():
        return former
    return former.after


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


def filled(*prefixes: str) -> Callable[[], dict[str, Any]]:
    """Return what tells one sending of a form from another: the values of its fields, whose keys begin so."""
    return lambda: {str(key): value for key, value in st.session_state.items() if str(key).startswith(prefixes)}


def wanted(key: str) -> Wish | None:
    """Return what is asked for under `key` and not done yet, None if nothing is."""
    wish = _wishes().get(key)
    if wish is not None and wish.is_done and wish.drawn_by is _runner():
        wish.is_over = True  # what drew it has asked to be run anew
    return None if wish is None or wish.is_over else wish


def do(wish: Wish, action: Callable[[], T]) -> T | ApiError:
    """Do what is asked for, and return what comes of it; once, however many runs come to here.

    Where another run is at it, its outcome is waited for.
    """
    with wish.at_work:
        if wish.after is not None:
            with wish.after.at_work:  # what is sent last is what stays
                wish.after = None
        if not wish.is_done:
            wish.outcome = session.attempt(action)
            wish.is_done = True
    wish.drawn_by = _runner()
    wish.is_over = _in_fragment()  # such a run does not come to `clear`
    outcome: T | ApiError = wish.outcome
    return outcome


def drop(*keys: str) -> None:
    """Forget what is asked for, such as what cannot be done as it was filled in."""
    for key in keys:
        _wishes().pop(key, None)


def clear() -> None:
    """Forget what is left of it at the end of a whole run: what the page can do, it has done by then."""
    _wishes().clear()


def settle(page: str) -> bool:
    """Forget what was asked for on another page than this one: whoever leaves a page does not wait for it.

    Returns:
        Whether another page was left.
    """
    is_left = st.session_state.get(_PAGE, page) != page
    if is_left:
        clear()
    st.session_state[_PAGE] = page
    return bool(is_left)


def _runner() -> object:
    """Return what runs the script now; it stays the same when the script asks to be run anew."""
    return get_script_run_ctx(suppress_warning=True)


def _in_fragment() -> bool:
    """Return whether only a part of the page is drawn anew."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)


def _wishes() -> dict[str, Wish]:
    held: dict[str, Wish] = st.session_state.setdefault(_HELD, {})
    return held
