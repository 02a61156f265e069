"""What a form was drawn with, kept for as long as it stands: what is sent is what the person changed, nothing else.

Streamlit leaves a field as it was drawn first, whatever is read anew later. Compared with what is read when the form is
sent, a field that nobody touched would give back what somebody else took away meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import streamlit as st

from ui import texts, widgets

T = TypeVar("T")
_BASES, _TIMES = "drawn-bases", "drawn-times"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that stands.

    Attributes:
        key: begins the keys of its fields.
        base: what the fields are drawn with, by their names.
        fresh: what they would be drawn with now.
    """

    key: str
    base: Mapping[str, Any]
    fresh: Mapping[str, Any]

    @property
    def is_behind(self) -> bool:
        """Whether somebody else changed meanwhile what it shows."""
        return self.base != self.fresh

    def warn(self) -> None:
        """Say so where somebody else changed meanwhile what it shows."""
        if self.is_behind:
            widgets.notice(texts.CHANGED_MEANWHILE, texts.CHANGED_MEANWHILE_BODY, kind="warning")

    def said(self, done: str) -> str:
        """Return what is said once it was saved."""
        return f"{done} {texts.ONLY_YOURS}" if self.is_behind else done

    def changes(self, wanted: Mapping[str, Any]) -> dict[str, object]:
        """Return what the person changed; to a list, as it is now, is added and taken from it what was to `base`."""
        changed: dict[str, object] = {}
        for field, value in wanted.items():
            base, fresh = self.base[field], self.fresh[field]
            if isinstance(value, list) and isinstance(base, list) and isinstance(fresh, list):
                merged = _merged(value, base, fresh)
                if merged != fresh:
                    changed[field] = merged
            elif value != base:
                changed[field] = value
        return changed


def form(name: str, fresh: Mapping[str, Any]) -> Form:
    """Return the form of this name, which stands from now on where it did not; `fresh`: see `Form`."""
    base = _bases().setdefault(name, fresh)
    return Form(f"{name}-{_times().get(name, 0)}", base, fresh)


def drop(name: str) -> None:
    """Let a form that was saved or closed stand no more: the next one has fields of other keys, and so none of its."""
    if _bases().pop(name, None) is not None:
        _times()[name] = _times().get(name, 0) + 1


def forget() -> None:
    """Let no form of a page that is left stand any more."""
    for name in list(_bases()):
        drop(name)


def base(widget: str, current: T) -> T:
    """Return what a form was drawn from that is stored as a whole, where it came on the page; see `take` and `stored`.

    Args:
        widget: the key of one of its fields: the form is as old as that.
        current: what the API has now, which is the base of a form that comes on the page now.
    """
    name = f"base-of-{widget}"
    if widget not in st.session_state or name not in st.session_state:
        st.session_state[name] = current
    return cast(T, st.session_state[name])


def take(widget: str, current: T) -> None:
    """Let a form count as drawn from `current`: the person has been told what it is, and may replace it."""
    st.session_state[f"base-of-{widget}"] = current


def stored(widget: str) -> None:
    """Let a form that goes on standing be drawn from what is there at the next time: what it held was stored."""
    st.session_state.pop(f"base-of-{widget}", None)


def _merged(wanted: list[object], base: list[object], fresh: list[object]) -> list[object]:
    kept = [one for one in fresh if one in wanted or one not in base]
    return kept + [one for one in wanted if one not in base and one not in fresh]


def _bases() -> dict[str, Mapping[str, Any]]:
    bases: dict[str, Mapping[str, Any]] = st.session_state.setdefault(_BASES, {})
    return bases


def _times() -> dict[str, int]:
    """Return how often a form of each name was dropped."""
    times: dict[str, int] = st.session_state.setdefault(_TIMES, {})
    return times
