"""The tree of a conversation's turns: the branch that is shown, and the versions of a turn."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.catalog import TurnRecord


def branch(turns: Sequence[TurnRecord], last: str | None) -> list[TurnRecord]:
    """Return the turns from the first one to the turn `last`; none where there is no such turn."""
    by_id = {turn.id: turn for turn in turns}
    found: list[TurnRecord] = []
    turn = by_id.get(last or "")
    while turn is not None and len(found) < len(turns):
        found.append(turn)
        turn = by_id.get(turn.parent or "")
    return found[::-1]


def versions(turns: Sequence[TurnRecord], turn: TurnRecord) -> tuple[str, ...]:
    """Return the ids of the turns that stand where this one does, itself included, the oldest first."""
    return tuple(one.id for one in turns if one.parent == turn.parent)


def newest_leaf(turns: Sequence[TurnRecord], turn: str) -> str:
    """Return the end of the branch through this turn in which the newest turns stand."""
    last, found = turn, True
    while found:
        below = [one for one in turns if one.parent == last]
        found = bool(below)
        if found:
            last = max(below, key=lambda one: one.number).id
    return last
