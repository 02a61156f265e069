"""What a run is asked for, and what becomes of each question: a record, or a reason why there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from assistant.types import ChatMessage, Citation, DocumentRef, Passage

Shape = Literal["chat", "questions"]
Kind = Literal["answer", "refusal"]
Part = Literal["train", "validation"]

REASONS: Mapping[str, str] = {
    "unreadable": "the teacher did not reply with the JSON that it was asked for",
    "server": "the teacher's server refused the request",
    "too_long": "the prompt was too long for the teacher",
    "vague": "the question speaks of 'the document' and cannot be asked by itself",
    "twice": "the question was asked before",
    "invented": "the words that answer it do not stand in the document",
    "not_found": "the search did not find the place that answers it",
    "refused": "the teacher found no answer in the passages",
    "answered": "it should have had no answer, and the teacher gave one",
    "cut": "the answer did not come to its end",
    "no_source": "a mark in the answer points to nothing",
    "uncited": "a statement cites nothing",
    "unverified": "a quote does not stand where it is cited",
    "unsupported": "a statement does not follow from what it cites",
    "unknown": "no rule can tell whether a statement follows from what it cites",
    "balance": "there were enough refusals for so many answers",
    "too_many": "there were enough records",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for. Two runs on the same file need the same ones, but for `count`.

    Attributes:
        sources: names of sources; only their documents are read, for questions and for answers.
        shape: `chat` for fine-tuning, `questions` for `assistant eval answers`.
        count: stop after so many records; None: when every document was read.
        questions: how many each document is to give, answerable or not.
        unanswerable: the share of them that the documents are not to answer.
        validation: the share of the documents whose records go into a file of their own.
        seed: another one makes another choice of documents and of places in them.
        budget: tokens of passages in a prompt.
        keep_unknown: keep answers of which no rule can tell whether they follow from what they cite.
    """

    sources: tuple[str, ...]
    shape: Shape = "chat"
    count: int | None = None
    questions: int = 3
    unanswerable: float = 0.2
    validation: float = 0.1
    seed: int = 0
    budget: int = 4000
    keep_unknown: bool = False

    def part_of(self, document: str) -> Part:
        """Return which part the document with this id belongs to; it stays there whatever comes or goes beside it."""
        if self.shape == "questions":
            return "train"
        return "validation" if self.share(document, "part") < self.validation else "train"

    def share(self, *parts: str) -> float:
        """Return a number from 0 to below 1 that depends on the seed and the parts alone."""
        text = "\x1f".join((str(self.seed), *parts))
        return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:6], "big") / (1 << 48)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the teacher's; `start` to `end` of the document answer it: both 0 where nothing is to."""

    question: str
    kind: Kind
    ref: DocumentRef
    start: int = 0
    end: int = 0
    evidence: str = ""

    @property
    def id(self) -> str:
        """The same for the same question, whatever its blanks and capitals."""
        return hashlib.sha256(" ".join(self.question.casefold().split()).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Record:
    """A question with the prompt that the assistant makes of it, and an answer that stood the check.

    Attributes:
        asked: the question, and where it comes from.
        prompt: the messages that the model is given.
        answer: what it is to say; begins with `NOT_IN_DOCUMENTS` where that is a refusal.
        citations: what the answer rests on.
        read: the passages in the prompt.
    """

    asked: Asked
    prompt: tuple[ChatMessage, ...]
    answer: str
    citations: tuple[Citation, ...] = ()
    read: tuple[Passage, ...] = ()


@dataclass(slots=True)
class Yield:
    """What one document gave: records, and how many questions were dropped for which reason."""

    ref: DocumentRef
    records: list[Record] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str, times: int = 1) -> None:
        """Count what was dropped; the reason is one of `REASONS`."""
        if times:
            self.dropped[reason] = self.dropped.get(reason, 0) + times
