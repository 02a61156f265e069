"""Which quoted place is open in the panel of this session: it stays open, whatever else of the page is drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from ui.answering import Turn
from ui.models import Citation

BEFORE, AFTER = 350, 900  # characters around a quote that are shown
MORE = 2_000
ZOOMS = (100, 150, 200, 300)  # percent
_KEY = "place"


@dataclass(frozen=True, slots=True)
class Group:
    """Places that are leafed through together: those of a turn, or those that a search found.

    `turn` is the one whose citations they are, None for what a search found.
    """

    places: Sequence[Citation]
    turn: Turn | None = None


Find = Callable[[str], Group | None]


@dataclass(slots=True)
class Opened:
    """The place that is open, and how one looks at it.

    Attributes:
        target: the group's name and the place in it, from 1: `turn:2`.
        before, after: characters around it that are shown.
        page: that is looked at; None: the one with the quote.
        last_page: of a document whose pages nobody counted, once it was reached.
        zoom: of the page, in percent.
        is_fresh: nothing of it is drawn yet.
        images: pages that were drawn since it was opened, by number; 0 is the one with the quote.
        of: what identifies the place that it was opened for: its name may come to mean another one.
    """

    target: str
    before: int = BEFORE
    after: int = AFTER
    page: int | None = None
    last_page: int | None = None
    zoom: int = ZOOMS[0]
    is_fresh: bool = True
    images: dict[int, bytes] = field(default_factory=dict)
    of: tuple[object, ...] = ()

    @property
    def group(self) -> str:
        """The name of its group."""
        return self.target.rpartition(":")[0]

    @property
    def at(self) -> int:
        """The place in its group, from 1."""
        number = self.target.rpartition(":")[2]
        return int(number) if number.isdigit() else 0


def now(find: Find) -> tuple[Opened, Group, Citation] | None:
    """Return what is open; what is not on this page any more is closed."""
    opened: Opened | None = st.session_state.get(_KEY)
    if opened is None:
        return None
    group = find(opened.group)
    if group is None or not 1 <= opened.at <= len(group.places):
        close()
        return None
    place = group.places[opened.at - 1]
    of = (place.document.source, place.document.key, place.start, place.end)
    if opened.of not in ((), of):  # as in another shared chat, whose places have the same names
        close()
        return None
    opened.of = of
    return opened, group, place


def show(target: str) -> None:
    """Open a place; the size that pages are looked at in stays."""
    before: Opened | None = st.session_state.get(_KEY)
    st.session_state[_KEY] = Opened(target, zoom=before.zoom if before else ZOOMS[0])


def close() -> None:
    """Close the panel."""
    st.session_state.pop(_KEY, None)


def widen(opened: Opened, before: int, after: int) -> None:
    """Show more of the text around."""
    opened.before, opened.after = opened.before + before, opened.after + after


def turn_to(opened: Opened, page: int | None) -> None:
    """Look at another page, or with None at the one with the quote."""
    opened.page = page


def resize(opened: Opened, step: int) -> None:
    """Make the page larger or smaller by so many steps."""
    at = ZOOMS.index(opened.zoom) + step
    opened.zoom = ZOOMS[min(max(at, 0), len(ZOOMS) - 1)]
