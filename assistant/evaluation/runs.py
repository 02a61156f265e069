"""A run: what an evaluation found, question by question, with what it was made with; kept as a JSON file.

A run holds text of the documents that were read, so its file is for its owner only (mode 0600).
"""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.errors import ConfigurationError, HomeNotWritableError
from assistant.evaluation.results import QueryResult

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Kind = Literal["retrieval", "spans", "answers"]
Value = float | int | str | bool | None

_PACKAGES = ("assistant", "qdrant-edge-py", "qdrant-client", "onnxruntime", "sentence-transformers", "torch", "numpy")


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation.

    Attributes:
        kind: of what.
        name: of the test set.
        metrics: the scores that each question has; the first decides where nobody names another.
        scores: of all questions, as they are printed.
        results: the questions one by one.
        corpus: a digest of the documents that were searched; equal where they were the same.
        split: which half of the questions was asked, or `all`.
        settings: what the assistant was set to, without secrets, addresses and folders.
        versions: of the assistant, Python and the libraries that decide.
        made: when, ISO 8601 in UTC.
        notes: what the reader has to know, such as names of documents that nothing has.
        format: of the file.
    """

    kind: Kind
    name: str
    metrics: tuple[str, ...]
    scores: Mapping[str, Value]
    results: tuple[QueryResult, ...]
    corpus: str = ""
    split: str = "all"
    settings: Mapping[str, Value] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    made: str = ""
    notes: tuple[str, ...] = ()
    format: Literal["assistant-run/1"] = "assistant-run/1"

    def by_id(self) -> dict[str, QueryResult]:
        """Return the questions by id."""
        return {result.id: result for result in self.results}


def save_run(run: Run, path: Path) -> None:
    """Write the run to a file, whole or not at all.

    Raises:
        HomeNotWritableError: the file cannot be written.
    """
    write_private(path, _adapter().dump_json(run, indent=1) + b"\n")


def load_run(path: Path) -> Run:
    """Read a run that `save_run` wrote.

    Raises:
        ConfigurationError: the file cannot be read, or is no run; the message names it and the cause.
    """
    from pydantic import ValidationError

    try:
        run = _adapter().validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", "name a file that --save wrote") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        cause = f"{place}: {first['msg']}" if place else first["msg"]
        raise ConfigurationError(f"{path} is no run: {cause}", "name a file that --save wrote") from error
    if len(run.by_id()) != len(run.results):
        raise ConfigurationError(f"{path} is no run: two questions have the same id", "make it again")
    return run


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises HomeNotWritableError."""
    check_target(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise HomeNotWritableError(f"{path} cannot be written: {error.strerror}", "name another file") from error


def check_target(path: Path) -> None:
    """Say early that a file cannot be written there. Raises HomeNotWritableError."""
    cause = ""
    if path.is_dir():
        cause = "it is a folder"
    elif not path.parent.is_dir():
        cause = f"there is no folder {path.parent}"
    elif not os.access(path.parent, os.W_OK):
        cause = f"the folder {path.parent} is not yours to write to"
    if cause:
        raise HomeNotWritableError(f"{path} cannot be written: {cause}", "name another file")


def digest_of(parts: Iterable[tuple[str, ...]]) -> str:
    """Return a digest of texts, in whatever order they come: equal exactly where the same ones are there."""
    each = sorted(hashlib.sha256("\x1f".join(part).encode("utf-8", "surrogatepass")).digest() for part in parts)
    return hashlib.sha256(b"".join(each)).hexdigest()[:32]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide what is found; those not installed are left out."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def now() -> str:
    """Return this moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@cache
def _adapter() -> TypeAdapter[Run]:
    from pydantic import TypeAdapter

    return TypeAdapter(Run)
