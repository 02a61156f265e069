"""Finds documents that were moved: listed at a new key, gone from an old one, and else what the source said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from assistant.catalog import KnownDocument
from assistant.types import Changed

Unmoved = Callable[[str], str]


def find_moves(
    listed: Sequence[Changed],
    known: Mapping[str, KnownDocument],
    busy: Collection[str],
    unmoved: Unmoved | None = None,
) -> dict[str, str]:
    """Return the keys before by the new keys. Whether the bytes are the same is for whoever fetches them to see.

    Args:
        listed: all that a complete listing named.
        known: the source's current documents by key.
        busy: keys with unfinished or failed work, which are taken for nothing's former key.
        unmoved: returns what of a mark stays when a document is moved, where that is less than all of it: a data
            source may have a method of that name.
    """
    there = {change.key for change in listed}
    new = {change.key: change.version for change in listed if change.version and change.key not in known}
    gone = {
        key: document.mark
        for key, document in known.items()
        if document.mark and document.parent is None and key not in there and key not in busy
    }
    moves = _pairs(new, gone)
    if unmoved is not None and len(moves) < min(len(new), len(gone)):
        former = set(moves.values())
        moves |= _pairs(
            {key: unmoved(mark) for key, mark in new.items() if key not in moves},
            {key: unmoved(mark) for key, mark in gone.items() if key not in former},
        )
    return moves


def _pairs(new: Mapping[str, str], gone: Mapping[str, str]) -> dict[str, str]:
    """Pair the keys whose marks are the same, each of them unique on its side."""
    counts = Counter(new.values()), Counter(gone.values())
    before = {mark: key for key, mark in gone.items() if counts[1][mark] == 1}
    return {key: before[mark] for key, mark in new.items() if mark in before and counts[0][mark] == 1}
