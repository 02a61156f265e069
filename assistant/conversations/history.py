"""What the answerer is told of the turns before: the last ones within a budget, as they may be read now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.conversations.shown import WITHDRAWN, ShownTurn, rests_on, tools_of
from assistant.types import Message

CountTokens = Callable[[Sequence[str]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class History:
    """Earlier turns within the budget.

    Attributes:
        messages: theirs, oldest first.
        turns: how many turns that are.
        left_out: how many older ones there was no room for.
        shortened: whether the last answer was too long by itself, and is there with its beginning.
        tokens: of the messages.
        budget: the most that there may be.
        documents: ids of those that the turns rest on; an answer may repeat what it was told of them.
        tools: that were called for them.
    """

    messages: tuple[Message, ...] = ()
    turns: int = 0
    left_out: int = 0
    shortened: bool = False
    tokens: int = 0
    budget: int = 0
    documents: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    @property
    def row(self) -> dict[str, Any]:
        """It as it is stored with the turn that it was told for."""
        counts = ("turns", "left_out", "shortened", "tokens", "budget")
        told = {name: getattr(self, name) for name in counts}
        return {"history": told, "documents": list(self.documents), "tools": list(self.tools)}


def within(turns: Sequence[ShownTurn], budget: int, count_tokens: CountTokens) -> History:
    """Return the last of the turns that fit, whole ones; of the very last one, the beginning of its answer at least.

    Args:
        turns: of the branch, oldest first. One that has no text is left out, and so is what is withdrawn.
        budget: tokens.
        count_tokens: lengths of texts.
    """
    there = [turn for turn in turns if _text(turn)]
    found = _within([(turn.record.question, _text(turn)) for turn in there], budget, count_tokens)
    kept = [turn.record for turn in there[len(there) - found.turns :]]
    documents, tools = (set[str]().union(*map(of, kept)) for of in (rests_on, tools_of))
    return replace(found, documents=tuple(sorted(documents)), tools=tuple(sorted(tools)))


def _within(told: Sequence[tuple[str, str]], budget: int, count_tokens: CountTokens) -> History:
    if not told:
        return History(budget=budget)
    lengths = count_tokens([part for pair in told for part in pair])
    sizes = [lengths[2 * number] + lengths[2 * number + 1] for number in range(len(told))]
    taken, tokens = 0, 0
    while taken < len(told) and tokens + sizes[-1 - taken] <= budget:
        tokens += sizes[-1 - taken]
        taken += 1
    if taken == 0:
        return _shortened(told[-1], len(told) - 1, budget, count_tokens)
    kept = told[len(told) - taken :]
    return History(_messages(kept), taken, len(told) - taken, tokens=tokens, budget=budget)


def _text(turn: ShownTurn) -> str:
    return turn.record.text.replace(WITHDRAWN, " ").strip()


def _messages(told: Sequence[tuple[str, str]]) -> tuple[Message, ...]:
    return tuple(
        message for question, text in told for message in (Message("user", question), Message("assistant", text))
    )


def _shortened(last: tuple[str, str], left_out: int, budget: int, count_tokens: CountTokens) -> History:
    question, text = last
    low, high = 0, len(text)  # the longest beginning that fits, by halves: its tokens grow with it
    while low < high:
        middle = (low + high + 1) // 2
        if sum(count_tokens([question, text[:middle]])) <= budget:
            low = middle
        else:
            high = middle - 1
    if low == 0:
        return History(left_out=left_out + 1, budget=budget)
    kept = text[:low]
    tokens = sum(count_tokens([question, kept]))
    return History(_messages([(question, kept)]), 1, left_out, True, tokens, budget)
