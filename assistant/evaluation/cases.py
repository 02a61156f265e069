"""Questions with what their answers should be: read from and written to files.

A file holds one case a line (JSONL) or a list of cases (JSON). Of a case only `question` has to be there:

- `id`: what it is called in runs; default: a digest of the question and its reader.
- `documents` (or `expected_doc_ids`): names of the documents that answer it; see `naming` for what a name may be.
- `quotes`: what in them answers it: texts, or `{"document": NAME, "quote": TEXT}`.
- `facts` (or `answer_facts`): statements or words that the answer must hold; see `facts` for when it does.
- `gold_answer` (or `answer`): a right answer.
- `answerable`: false where the documents do not say; the answer has to be a refusal then.
- `reader`: `{"id", "groups"}`: as whom it is asked.

That takes the question file of EnterpriseRAG-Bench (https://github.com/onyx-dot-app/EnterpriseRAG-Bench) as it is: its
`question_id` is the id, and a question of the type `info_not_found` is not answerable.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError
from assistant.evaluation.beir import read_jsonl
from assistant.types import User

_NOT_FOUND_TYPES = frozenset({"info_not_found", "unanswerable", "not_found"})


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand in a document; `document` is one of the case's names, empty where any of them may hold it."""

    text: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """One question with what its answer should be."""

    question: str
    documents: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    answerable: bool = True
    quotes: tuple[Quote, ...] = ()
    gold_answer: str = ""
    id: str = ""
    reader: User | None = None

    @property
    def name(self) -> str:
        """Its id; where it has none, a digest of the question and of who asks it."""
        asked = self.question if self.reader is None else "\x1f".join([self.question, *sorted(self.reader.principals)])
        return self.id or hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def load_cases(path: Path) -> list[AnswerCase]:
    """Read the cases of a JSON or JSONL file.

    Raises:
        ConfigurationError: the file cannot be read, a case is wrong or two have one id; the message names it.
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
        cases = [read_case(f"{path}, case {number}", row) for number, row in enumerate(rows, 1)]
    else:
        cases = [read_case(place, row) for place, row in read_jsonl(path)]
    if not cases:
        raise ConfigurationError(f"{path} holds no cases", "give at least one question")
    check_names(cases, str(path))
    return cases


def check_names(cases: Iterable[AnswerCase], where: str) -> None:
    """Raise ConfigurationError where two cases have one name, as runs tell questions apart by it."""
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            raise ConfigurationError(f"{where} has the question {case.name!r} twice", "leave one out, or give them ids")
        seen.add(case.name)


def read_case(place: str, row: Any) -> AnswerCase:
    """Return one case of a file; `place` says in errors where it stands. Raises ConfigurationError."""
    if not isinstance(row, dict) or not isinstance(row.get("question"), str) or not row["question"].strip():
        raise ConfigurationError(f"{place} has no question", "correct it")
    return AnswerCase(
        question=clean(row["question"]),
        documents=_strings(place, row, "documents", "expected_doc_ids"),
        facts=_strings(place, row, "facts", "answer_facts"),
        answerable=_answerable(place, row),
        quotes=_quotes(place, row),
        gold_answer=_string(place, row, "gold_answer", "answer"),
        id=_string(place, row, "id", "question_id", "_id"),
        reader=_reader(place, row),
    )


def clean(text: str) -> str:
    """Return the text without what databases and files do not take: NUL and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def case_row(case: AnswerCase) -> dict[str, Any]:
    """Return a case as `read_case` reads it, without what it does not say."""
    row: dict[str, Any] = {"id": case.id, "question": case.question, "documents": list(case.documents)}
    row["quotes"] = [{"document": q.document, "quote": q.text} if q.document else q.text for q in case.quotes]
    row |= {"facts": list(case.facts), "gold_answer": case.gold_answer}
    row = {name: value for name, value in row.items() if value}
    if not case.answerable:
        row["answerable"] = False
    if case.reader is not None:
        row["reader"] = {"id": case.reader.id, "groups": sorted(case.reader.groups)}
    return row


def _answerable(place: str, row: dict[str, Any]) -> bool:
    if "answerable" in row:
        if not isinstance(row["answerable"], bool):
            raise ConfigurationError(f"{place}: answerable is neither true nor false", "correct it")
        return bool(row["answerable"])
    kind = row.get("question_type") or row.get("category") or row.get("type") or ""
    return re.sub(r"[^a-z]+", "_", str(kind).lower()).strip("_") not in _NOT_FOUND_TYPES


def _quotes(place: str, row: dict[str, Any]) -> tuple[Quote, ...]:
    value = row.get("quotes") or []
    if not isinstance(value, list):
        raise ConfigurationError(f"{place}: quotes is not a list", "correct it")
    found = []
    for item in value:
        text, document = (item, "") if isinstance(item, str) else _parts(item)
        if not isinstance(text, str) or not text.strip() or not isinstance(document, str):
            raise ConfigurationError(f'{place}: a quote is neither a text nor {{"document", "quote"}}', "correct it")
        found.append(Quote(clean(text), clean(document)))
    return tuple(found)


def _parts(item: Any) -> tuple[Any, Any]:
    return (item.get("quote"), item.get("document") or "") if isinstance(item, dict) else (None, None)


def _reader(place: str, row: dict[str, Any]) -> User | None:
    value = row.get("reader")
    if value is None:
        return None
    groups = value.get("groups", []) if isinstance(value, dict) else None
    named = isinstance(value, dict) and isinstance(value.get("id"), str) and bool(value["id"])
    if not named or not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise ConfigurationError(f'{place}: reader is not {{"id", "groups"}}', "correct it")
    return User(value["id"], frozenset(groups))


def _string(place: str, row: dict[str, Any], *names: str) -> str:
    value = next((row[name] for name in names if row.get(name) not in (None, "")), "")
    if not isinstance(value, str | int):
        raise ConfigurationError(f"{place}: {names[0]} is not a text", "correct it")
    return clean(str(value))


def _strings(place: str, row: dict[str, Any], *names: str) -> tuple[str, ...]:
    name = next((name for name in names if name in row), names[0])
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"{place}: {name} is not a list of texts", "correct it")
    return tuple(dict.fromkeys(clean(item) for item in value if item.strip()))
