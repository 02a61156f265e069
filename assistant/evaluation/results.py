"""What an evaluation says of one question, and the means over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Scores = Mapping[str, float | None]  # by metric; None where the question says nothing of it
OnProgress = Callable[[int, int], None]  # done, of how many

SHOWN = 10  # things found that a result keeps


@dataclass(frozen=True, slots=True)
class Item:
    """A thing that was expected or found: a document, a passage, a quote or a fact.

    Attributes:
        name: what it is called, or says.
        note: where it stands, its rank or grade; may be empty.
        good: whether it was to be found (of found things), or was found (of expected ones); None where neither.
        text: its text, shortened; may be empty.
    """

    name: str
    note: str = ""
    good: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One question: its scores, what was expected and what was found, best first, and the seconds that it took.

    Attributes:
        answer: the answer's text; empty where nothing was answered.
        note: as whom it was asked and the like; may be empty.
    """

    id: str
    text: str
    scores: Scores
    expected: tuple[Item, ...] = ()
    found: tuple[Item, ...] = ()
    seconds: float = 0.0
    answer: str = ""
    note: str = field(default="")


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that there are, None where there are none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def rounded(value: float | None) -> float | None:
    """Return a score with four digits."""
    return None if value is None else round(value, 4)


def shortened(text: str, characters: int = 300) -> str:
    """Return the text on one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= characters else f"{line[: characters - 1]}…"
