"""What passes between conversations and the parts that they are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from assistant.access import Library
from assistant.catalog import ConversationRecord, Conversations
from assistant.conversations.deciding import CheckCall, no_tools
from assistant.conversations.history import CountTokens
from assistant.conversations.shown import ShownTurn
from assistant.herd import Herd
from assistant.interfaces import BlobStore
from assistant.types import NOTHING_SO_FAR, AnswerEvent, Decide, Question, SoFar, User, nobody_to_ask


class Answering(Protocol):
    """Answers a question as a stream of events, from what the user may read."""

    def stream(
        self, question: Question, user: User, *, decide: Decide = nobody_to_ask, so_far: SoFar = NOTHING_SO_FAR
    ) -> Iterator[AnswerEvent]:
        """Yield the events, `AnswerDone` last; an answer that waited goes on behind what there is so far."""
        ...


@runtime_checkable
class Stoppable(Protocol):
    """A stream of events that another thread may end: `stop` lets it come to its end soon, `close` at once."""

    def stop(self) -> None:
        """Write no further; the events end soon, with what had come as the answer."""
        ...

    def close(self) -> None:
        """Make no more events."""
        ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its person may read it now: the branch that is shown, or all of its turns."""

    record: ConversationRecord
    turns: tuple[ShownTurn, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What conversations are made of; the callables are asked whenever something is needed.

    Attributes:
        conversations: the catalog's.
        library: says what may be read.
        answerer: answers; another one after another index took over.
        count_tokens: lengths of texts, for the history's budget.
        herd: may have a model that makes titles.
        blobs: keep what is attached.
        check_call: says whether a call can be made for a user with these arguments.
        usable: names the tools that a user may use now.
    """

    conversations: Conversations
    library: Library
    answerer: Callable[[], Answering]
    count_tokens: CountTokens
    herd: Callable[[], Herd]
    blobs: BlobStore
    check_call: CheckCall = no_tools
    usable: Callable[[User], Collection[str]] = lambda _: ()
