"""Reads retrieval test sets in the BEIR layout: corpus.jsonl, queries.jsonl and qrels.

Format: Thakur et al., BEIR, 2021 (https://arxiv.org/abs/2104.08663). The qrels stand in `qrels.tsv` or
`qrels/SPLIT.tsv`, with or without the header line `query-id corpus-id score`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class BeirDocument:
    """One document of a test set."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class BeirDataset:
    """A test set: documents and queries by id, and the graded relevance of documents to queries."""

    name: str
    documents: dict[str, BeirDocument]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]

    def judged(self) -> list[str]:
        """Return the ids of the queries with at least one relevant document, in file order."""
        return [q for q in self.queries if any(grade > 0 for grade in self.qrels.get(q, {}).values())]


def load_beir(folder: Path, split: str = "test") -> BeirDataset:
    """Read a folder in the BEIR layout.

    Args:
        folder: holds corpus.jsonl, queries.jsonl and the qrels.
        split: which `qrels/SPLIT.tsv` is read where there is no `qrels.tsv`.

    Raises:
        ConfigurationError: a file is missing or a line of it is not what it should be; the message names both.
    """
    documents = {}
    for place, row in read_jsonl(folder / "corpus.jsonl"):
        key = _text(row, "_id", place)
        documents[key] = BeirDocument(key, str(row.get("title") or ""), str(row.get("text") or ""))
    queries = {
        _text(row, "_id", place): _text(row, "text", place) for place, row in read_jsonl(folder / "queries.jsonl")
    }
    found = next((p for p in (folder / "qrels.tsv", folder / "qrels" / f"{split}.tsv") if p.is_file()), None)
    if found is None:
        raise ConfigurationError(
            f"{folder} has neither qrels.tsv nor qrels/{split}.tsv", "give a folder in BEIR layout"
        )
    dataset = BeirDataset(folder.name, documents, queries, _qrels(found))
    if not dataset.judged():
        raise ConfigurationError(f"no query of {folder} has a relevant document", f"check {found.name}")
    return dataset


def read_jsonl(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line's place (`file:line`, for messages) and its object; blank lines are passed over.

    Raises:
        ConfigurationError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ConfigurationError(f"{path}:{number} is not a JSON object", "one object a line")
                yield f"{path}:{number}", row
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", "check the folder") from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not JSON lines: {error}", "one JSON object a line") from error


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split("\t")
        if not line.strip() or (number == 1 and parts[0] == "query-id"):
            continue
        try:
            query, document, grade = parts[0], parts[1], int(parts[2])
        except (IndexError, ValueError) as error:
            raise ConfigurationError(
                f"{path}:{number} is not `query-id<TAB>corpus-id<TAB>score`", "correct that line"
            ) from error
        qrels.setdefault(query, {})[document] = grade
    return qrels


def _text(row: dict[str, Any], field: str, place: str) -> str:
    value = row.get(field)
    if not isinstance(value, str | int) or value == "":
        raise ConfigurationError(f"{place} has no {field!r}", "correct that line")
    return str(value)
