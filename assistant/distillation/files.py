"""The files of a run: records, whose they may be read by, and how far it came, so that another run goes on from there.

A document's records are written together and its line in the progress file after them, with the lengths that the
files have then. What stands behind these lengths was begun and not ended, by a run that was killed: the next one takes
it off.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from assistant.distillation.outcomes import Part
from assistant.errors import ConfigurationError, HomeNotWritableError, StorageFullError
from assistant.evaluation.runs import check_target, write_private

_FORMAT = "assistant-distill/1"
PARTS: tuple[Part, ...] = ("train", "validation")


@dataclass(slots=True)
class Kept:
    """What the files hold.

    Attributes:
        documents: the version of each document that was done, by id.
        questions: ids of the questions that there are records of.
        kinds, parts: how many records there are of each.
        dropped: how many questions were dropped, by reason.
        readers: principals that may read all of what the records were made from; None: everybody.
        denied: principals that may not read some of it.
    """

    documents: dict[str, str] = field(default_factory=dict)
    questions: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    readers: frozenset[str] | None = None
    denied: frozenset[str] = frozenset()

    @property
    def records(self) -> int:
        """How many records there are."""
        return self.parts.total()

    def add(self, line: Mapping[str, Any]) -> None:
        """Take in one line of the progress file."""
        self.documents[line["document"]] = line["version"]
        self.dropped.update(line["dropped"])
        for question, kind, part in line["records"]:
            self.questions.add(question)
            self.kinds[kind] += 1
            self.parts[part] += 1
        if line["readers"] is not None:
            mine = frozenset(line["readers"])
            self.readers = mine if self.readers is None else self.readers & mine
        self.denied |= frozenset(line["denied"])


class RunFiles:
    """The files beside `path`: use it in a `with` statement; one run at a time has them.

    Args:
        path: of the records to train with; `NAME.validation.jsonl`, `NAME.progress.jsonl` and `NAME.about.json` stand
            beside it.
        options: what the run is asked for, without how much; other ones cannot go on from these files.

    Raises:
        HomeNotWritableError: a file cannot be written.
        ConfigurationError: the path is another file's, another run's, or being written now.
    """

    def __init__(self, path: Path, options: Mapping[str, Any]) -> None:
        check_target(path)
        stem = path.with_suffix("") if path.suffix == ".jsonl" else path
        self.paths: dict[Part, Path] = {"train": path, "validation": stem.with_name(f"{stem.name}.validation.jsonl")}
        self.progress = stem.with_name(f"{stem.name}.progress.jsonl")
        self.about = stem.with_name(f"{stem.name}.about.json")
        self.kept = Kept()
        self._options = dict(options)
        self._files: dict[Path, BinaryIO] = {}

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files, and let others have them."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _open(self) -> None:
        if not self.progress.exists() and any(path.exists() for path in self.paths.values()):
            raise ConfigurationError(
                f"{self.paths['train']} is there, and not from this command: {self.progress.name} is missing",
                "name another file",
            )
        log = self._opened(self.progress)
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(f"another run writes {self.paths['train']} now", "wait for its end") from error
        lines = list(_whole_lines(log))
        lengths: Mapping[str, int] = {}
        if lines:
            self._check(lines[0][0])
            for line, _ in lines[1:]:
                self.kept.add(line)
                lengths = line["lengths"]
        log.truncate(lines[-1][1] if lines else 0)
        log.seek(0, os.SEEK_END)
        for part in PARTS:
            self._cut(self.paths[part], lengths.get(part, 0))
        if not lines:
            self._append(log, [{"format": _FORMAT, "options": self._options}])

    def _check(self, head: Mapping[str, Any]) -> None:
        if head.get("format") != _FORMAT:
            raise ConfigurationError(f"{self.progress} is not from this command", "name another file")
        before = head["options"]
        other = sorted(name for name in {*before, *self._options} if before.get(name) != self._options.get(name))
        if other:
            said = "; ".join(f"{name} was {before.get(name)!r}, is {self._options.get(name)!r}" for name in other)
            raise ConfigurationError(
                f"{self.paths['train']} was begun with other options: {said}", "give the same ones, or another file"
            )

    def _cut(self, path: Path, length: int) -> None:
        file = self._opened(path)
        if file.seek(0, os.SEEK_END) < length:
            raise ConfigurationError(
                f"{path} is shorter than {self.progress.name} says: it was changed since", "name another file"
            )
        file.truncate(length)
        file.seek(length)

    def _opened(self, path: Path) -> BinaryIO:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HomeNotWritableError(f"{path} cannot be written: {error.strerror}", "name another file") from error
        self._files[path] = os.fdopen(descriptor, "r+b")
        return self._files[path]

    def write(self, rows: Sequence[tuple[Part, Mapping[str, Any]]], line: Mapping[str, Any]) -> None:
        """Write a document's records, and that it is done.

        Args:
            rows: the records, with `id` and `kind`.
            line: `document`, `version`, `dropped`, `readers` and `denied`; see `Kept`.

        Raises:
            StorageFullError: there is no room; what was written before is whole.
        """
        for part in PARTS:
            self._append(self._files[self.paths[part]], [row for which, row in rows if which == part])
        records = [(row["id"], "refusal" if _is_refusal(row) else "answer", part) for part, row in rows]
        lengths = {part: self._files[self.paths[part]].tell() for part in PARTS}
        told = {**line, "records": records, "lengths": lengths}
        self._append(self._files[self.progress], [told])
        self.kept.add(told)

    def _append(self, file: BinaryIO, rows: Sequence[Mapping[str, Any]]) -> None:
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")
        try:
            file.write(data)
            file.flush()
        except OSError as error:
            raise StorageFullError(
                f"{self.paths['train']} cannot be written: {error.strerror}", "make room, and run the command again"
            ) from error

    def describe(self, told: Mapping[str, Any]) -> None:
        """Write what is to be known of the records beside them."""
        write_private(self.about, json.dumps(told, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _is_refusal(row: Mapping[str, Any]) -> bool:
    return row.get("kind") == "refusal" or row.get("answerable") is False


def _whole_lines(file: BinaryIO) -> Iterator[tuple[Any, int]]:
    """Yield the lines that were written to their end, each with the offset behind it."""
    end = 0
    for line in file:
        if not line.endswith(b"\n"):
            return
        try:
            told = json.loads(line)
        except ValueError:
            return
        end += len(line)
        yield told, end
