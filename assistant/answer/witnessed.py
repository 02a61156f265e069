"""Tells a witness of each event of an answer before it goes on, such as to record what the answer was given."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from assistant.types import AnswerEvent, User

Witness = Callable[[AnswerEvent, User], None]


def unseen(event: AnswerEvent, user: User) -> None:
    """Note nothing."""
    del event, user


def witnessed(events: Iterator[AnswerEvent], user: User, witness: Witness) -> Generator[AnswerEvent]:
    """Yield the events, each after the witness was told; what the witness raises ends them."""
    try:
        for event in events:
            witness(event, user)
            yield event
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
