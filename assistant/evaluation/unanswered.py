"""Questions that got no good answer, for admins: how many, and, where the house wants that, their words and topics.

A conversation is its person's own. So the words are shown only where the setting `quality_questions` says so, or where
nobody signs in and there is one person; and without who asked, in which conversation or at what time of the day. What a
model made of a follow-up is not shown, as it may repeat what documents say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.catalog import Poor, PoorTurn, UsageTable
from assistant.catalog.usage import today
from assistant.errors import AccessDeniedError
from assistant.evaluation.topics import Topic, topics
from assistant.types import User

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What got no good answer.

    Attributes:
        counts: how many, by the reason.
        shown: whether the words of the questions may be shown.
        questions: the newest, each text once; empty where they are not shown.
        topics: what they are about, by their places in `questions`.
    """

    counts: Mapping[Poor, int]
    shown: bool
    questions: Sequence[PoorTurn]
    topics: Sequence[Topic]


class UnansweredDesk:
    """See the module.

    Args:
        table: holds what is counted.
        shows: whether the words of questions are shown.
    """

    def __init__(self, table: UsageTable, *, shows: bool) -> None:
        self._table = table
        self._shows = shows

    def found(self, user: User, days: int) -> Unanswered:
        """Return what got no good answer in the last `days` days. Raises AccessDeniedError unless an admin asks."""
        if not user.manages:
            raise AccessDeniedError("only admins see what got no good answer", "ask an admin")
        self._table.catch_up()
        until = today()
        since = until - days + 1
        counts = self._table.poor(since, until)
        if not self._shows:
            return Unanswered(counts, shown=False, questions=(), topics=())
        each = {" ".join(one.question.split()): one for one in reversed(self._table.poor_turns(since, until, SHOWN))}
        questions = sorted(each.values(), key=lambda one: -one.day)
        return Unanswered(counts, True, questions, topics([one.question for one in questions]))
