"""What is counted and measured, as the UI has it: use, evaluations, unanswered questions, feedback, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from ui.models import Json

Seconds = tuple[float, float]  # median and 95th percentile


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Figures of a day, a mode, a model, or of all; where `withheld` only `questions` is right."""

    key: str
    withheld: bool
    questions: int
    people: int
    not_found: int
    failed: int
    fallback: int
    first: Seconds | None
    whole: Seconds | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cached_of: int
    citations: int
    verified: int

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the row that the API's JSON describes."""
        numbers = {
            name: int(data[name])
            for name in (
                *("questions", "people", "not_found", "failed", "fallback", "prompt_tokens", "completion_tokens"),
                *("cached_tokens", "cached_of", "citations", "verified"),
            )
        }
        first, whole = (
            None if data[name] is None else (float(data[name]["p50"]), float(data[name]["p95"]))
            for name in ("first", "whole")
        )
        return cls(key=str(data["key"]), withheld=bool(data["withheld"]), first=first, whole=whole, **numbers)

    @property
    def verified_share(self) -> float | None:
        """The share of citations that were verified; None where there are none."""
        return self.verified / self.citations if self.citations else None

    @property
    def cached_share(self) -> float | None:
        """The share of tokens read that came from the cache; None where no server says."""
        return self.cached_tokens / self.cached_of if self.cached_of else None


@dataclass(frozen=True, slots=True)
class Usage:
    """How much was asked in a period; `sources` are name, citations and answers."""

    since: str
    until: str
    few: int
    total: UsageRow
    days: tuple[UsageRow, ...]
    modes: tuple[UsageRow, ...]
    models: tuple[UsageRow, ...]
    sources: tuple[tuple[str, int, int], ...]

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the figures that the API's JSON describes."""
        return cls(
            since=str(data["since"]),
            until=str(data["until"]),
            few=int(data["few"]),
            total=UsageRow.read(data["total"]),
            days=tuple(map(UsageRow.read, data["days"])),
            modes=tuple(map(UsageRow.read, data["modes"])),
            models=tuple(map(UsageRow.read, data["models"])),
            sources=tuple((str(one["source"]), int(one["citations"]), int(one["answers"])) for one in data["sources"]),
        )


@dataclass(frozen=True, slots=True)
class Poor:
    """A question that got no good answer."""

    question: str
    day: str
    why: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What got no good answer: counts by reason; questions and topics only where they are `shown`."""

    counts: dict[str, int]
    shown: bool
    questions: tuple[Poor, ...]
    topics: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return what the API's JSON describes."""
        return cls(
            counts={str(name): int(number) for name, number in data["counts"].items()},
            shown=bool(data["shown"]),
            questions=tuple(Poor(str(q["question"]), str(q["day"]), str(q["why"])) for q in data["questions"]),
            topics=tuple((tuple(map(str, t["words"])), tuple(map(int, t["members"]))) for t in data["topics"]),
        )


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an answer; without answer and reason where `withheld`."""

    id: str
    user: str
    question: str
    answer: str
    verdict: str
    reason: str
    cited: tuple[str, ...]
    created_at: float
    withheld: bool

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the feedback that the API's JSON describes."""
        texts = {name: str(data[name]) for name in ("id", "user", "question", "answer", "verdict", "reason")}
        cited = tuple(f"{one['source']}:{one['key']}" for one in data["cited"])
        return cls(cited=cited, created_at=float(data["created_at"]), withheld=bool(data["withheld"]), **texts)


@dataclass(frozen=True, slots=True)
class Kept:
    """A question of the evaluation set; `expected` is what its answer should be, in short."""

    id: str
    question: str
    answerable: bool
    expected: tuple[str, ...]
    withheld: bool

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the question that the API's JSON describes."""
        quotes = [one["quote"] for one in data["quotes"]]
        gold = [data["gold_answer"]] if data["gold_answer"] else []
        expected = tuple(map(str, [*data["documents"], *data["facts"], *quotes, *gold]))
        withheld = bool(data["withheld"])
        return cls(str(data["id"]), str(data["question"]), bool(data["answerable"]), expected, withheld)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a question of an evaluation; `expected` and `found` are name, note and whether it is good."""

    question: str
    scores: dict[str, float | None]
    expected: tuple[tuple[str, str, bool | None], ...]
    found: tuple[tuple[str, str, bool | None], ...]
    seconds: float
    answer: str
    note: str
    withheld: bool

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the result that the API's JSON describes."""
        return cls(
            question=str(data["question"]),
            scores=dict(data["scores"]),
            expected=_items(data["expected"]),
            found=_items(data["found"]),
            seconds=float(data["seconds"]),
            answer=str(data["answer"]),
            note=str(data["note"]),
            withheld=bool(data["withheld"]),
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run of the evaluation set."""

    id: str
    started_by: str
    started_at: float
    state: str
    done: int
    total: int
    mode: str
    error: str
    used: dict[str, str]
    scores: dict[str, float | None]
    results: tuple[Result, ...] = ()

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the run that the API's JSON describes."""
        texts = {name: str(data[name]) for name in ("id", "started_by", "state", "mode", "error")}
        return cls(
            started_at=float(data["started_at"]),
            done=int(data["done"]),
            total=int(data["total"]),
            used=dict(data["used"]),
            scores=dict(data["scores"]),
            results=tuple(map(Result.read, data.get("results", ()))),
            **texts,
        )

    @property
    def running(self) -> bool:
        """Whether it is not at its end."""
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A document that reads like orders to an assistant; `signs` are what was met and how often."""

    source: str
    key: str
    score: float
    signs: tuple[tuple[str, int], ...]
    reviewed_by: str
    reviewed_at: float | None

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the warning that the API's JSON describes."""
        at = data["reviewed_at"]
        return cls(
            source=str(data["source"]),
            key=str(data["key"]),
            score=float(data["score"]),
            signs=tuple(sorted((str(name), int(number)) for name, number in data["signs"].items())),
            reviewed_by=str(data["reviewed_by"]),
            reviewed_at=None if at is None else float(at),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it is in force; of a secret one, `value` is a mask."""

    name: str
    variable: str
    group: str
    value: str
    default: str
    origin: str
    description: str
    choices: tuple[str, ...]

    @classmethod
    def read(cls, data: Json) -> Self:
        """Return the setting that the API's JSON describes."""
        names = ("name", "variable", "group", "value", "default", "origin", "description")
        return cls(**{name: str(data[name]) for name in names}, choices=tuple(map(str, data["choices"])))


def _items(rows: Any) -> tuple[tuple[str, str, bool | None], ...]:
    return tuple((str(one["name"]), str(one["note"]), one["good"]) for one in rows)
