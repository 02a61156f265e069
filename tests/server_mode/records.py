"""What was asked and what came of it, and what must never have come; written by many threads at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True, slots=True)
class Sample:
    """A request through nginx.

    Attributes:
        kind: what was asked for.
        begin, end: by the monotonic clock.
        error: its kind; empty for an answer.
        by_model: whether the model wrote it.
    """

    kind: str
    begin: float
    end: float
    error: str = ""
    by_model: bool = False


@dataclass
class Records:
    """All of it.

    Attributes:
        samples: of the people.
        probes: of what looks whether something works again.
        wrong_rights, lost: what must not be, each in a line.
        shown: how often a document was shown to somebody, and that was found right.
    """

    samples: list[Sample] = field(default_factory=list)
    probes: list[Sample] = field(default_factory=list)
    wrong_rights: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    shown: int = 0
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def count_shown(self, number: int) -> None:
        """Count documents that were shown rightly."""
        with self.mutex:
            self.shown += number


def error_of(answer: httpx.Response) -> str:
    """Return the kind of an answer's error; empty for none."""
    if answer.status_code < 400:
        return ""
    try:
        return f"{answer.status_code} {answer.json()['code']}"
    except (ValueError, KeyError, TypeError):  # nginx's own page
        return f"{answer.status_code} of nginx"


def errors(samples: Iterable[Sample]) -> dict[str, int]:
    """Return how often each error came, the most frequent first."""
    return dict(Counter(f"{one.kind}: {one.error}" for one in samples if one.error).most_common())
