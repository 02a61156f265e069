"""The tree of a conversation's turns: the branch that is shown, and the versions of a turn."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.catalog import TurnNode


def branch(nodes: Sequence[TurnNode], last: str | None) -> list[str]:
    """Return the ids from the first turn to the turn `last`; none where there is no such turn."""
    parents = {node.id: node.parent for node in nodes}
    found: list[str] = []
    turn = last
    while turn in parents and len(found) < len(nodes):
        found.append(turn)
        turn = parents[turn]
    return found[::-1]


def versions(nodes: Sequence[TurnNode], parent: str | None) -> tuple[str, ...]:
    """Return the ids of the turns that follow this one, or that are first ones, the oldest first."""
    return tuple(node.id for node in nodes if node.parent == parent)


def newest_leaf(nodes: Sequence[TurnNode], turn: str) -> str:
    """Return the end of the branch through this turn in which the newest turns stand."""
    last = turn
    while below := [node for node in nodes if node.parent == last]:
        last = max(below, key=lambda node: node.number).id
    return last
