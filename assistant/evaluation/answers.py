"""Measures answers: found or refused as they should be, the right document cited, quotes that stand in it.

A file holds one case a line (JSONL) or a list of cases (JSON):
`{"question", "documents": [keys], "facts": [words that the answer must hold], "answerable": true}`.
`expected_doc_ids` may stand for `documents`; a case without `answerable` is answerable. A document is named by its
key, `SOURCE:KEY`, its title or its URI.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.citations import normalise
from assistant.errors import ConfigurationError
from assistant.evaluation.beir import read_jsonl
from assistant.evaluation.timing import percentile
from assistant.types import Answer, Citation


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """One question with what its answer should be."""

    question: str
    documents: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Shares from 0 to 1, None where the file holds no case that the share could be taken of.

    Attributes:
        found: answerable questions that were answered.
        refused: unanswerable questions that were not.
        gold_cited: answerable questions with named documents whose answer cites one of them.
        facts: named facts that stand in the answers.
        verified: citations whose quote stands exactly where it is said to.
    """

    questions: int
    found: float | None
    refused: float | None
    gold_cited: float | None
    facts: float | None
    verified: float | None
    p50_ms: float
    p95_ms: float

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the values by name, shares rounded to four digits."""
        shares = {name: getattr(self, name) for name in ("found", "refused", "gold_cited", "facts", "verified")}
        return {
            "questions": self.questions,
            **{name: None if share is None else round(share, 4) for name, share in shares.items()},
            "p50_ms": round(self.p50_ms, 2),
            "p95_ms": round(self.p95_ms, 2),
        }


def load_cases(path: Path) -> list[AnswerCase]:
    """Read the cases of a JSON or JSONL file.

    Raises:
        ConfigurationError: the file cannot be read or a case is wrong; the message names it.
    """
    if path.suffix.lower() == ".json":
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise ConfigurationError(f"{path} is not JSON: {error}") from error
        if not isinstance(rows, list):
            raise ConfigurationError(f"{path} is not a list of cases", "give a JSON list, or JSONL")
        cases = [_case(f"{path}, case {number}", row) for number, row in enumerate(rows, 1)]
    else:
        cases = [_case(place, row) for place, row in read_jsonl(path)]
    if not cases:
        raise ConfigurationError(f"{path} holds no cases", "give at least one question")
    return cases


def evaluate_answers(ask: Callable[[str], Answer], cases: Iterable[AnswerCase]) -> AnswerScores:
    """Ask every case's question and score the answers."""
    found: list[bool] = []
    refused: list[bool] = []
    cited: list[bool] = []
    facts: list[bool] = []
    verified: list[bool] = []
    seconds: list[float] = []
    for case in cases:
        start = time.perf_counter()
        answer = ask(case.question)
        seconds.append(time.perf_counter() - start)
        verified.extend(citation.verified for citation in answer.citations)
        if not case.answerable:
            refused.append(not answer.found)
            continue
        found.append(answer.found)
        if case.documents:
            cited.append(any(_cites(citation, case.documents) for citation in answer.citations))
        said = normalise(answer.text).lower()
        facts.extend(normalise(fact).lower() in said for fact in case.facts)
    return AnswerScores(
        questions=len(seconds),
        found=_share(found),
        refused=_share(refused),
        gold_cited=_share(cited),
        facts=_share(facts),
        verified=_share(verified),
        p50_ms=1000 * percentile(seconds, 50),
        p95_ms=1000 * percentile(seconds, 95),
    )


def _case(place: str, row: Any) -> AnswerCase:
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise ConfigurationError(f"{place} has no question", "correct it")
    answerable = row.get("answerable", True)
    if not isinstance(answerable, bool):
        raise ConfigurationError(f"{place}: answerable is neither true nor false", "correct it")
    documents = _strings(place, row, "documents" if "documents" in row else "expected_doc_ids")
    return AnswerCase(row["question"], documents, _strings(place, row, "facts"), answerable)


def _strings(place: str, row: dict[str, Any], field: str) -> tuple[str, ...]:
    value = row.get(field, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"{place}: {field} is not a list of texts", "correct it")
    return tuple(value)


def _cites(citation: Citation, wanted: tuple[str, ...]) -> bool:
    ref = citation.passage.ref
    return bool({ref.key, f"{ref.source}:{ref.key}", ref.title, ref.uri} & set(wanted))


def _share(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None
