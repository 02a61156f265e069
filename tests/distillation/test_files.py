"""The files: whole records, none twice, whatever ended the run before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.distillation.files import RunFiles
from assistant.errors import ConfigurationError, HomeNotWritableError

OPTIONS = {"sources": ["demo"], "seed": 0}


def row(name: str, kind: str = "answer") -> dict[str, Any]:
    return {"id": name, "kind": kind, "question": f"{name}?"}


def line(document: str, **more: Any) -> dict[str, Any]:
    return {"document": document, "version": "1", "dropped": {}, "readers": None, "denied": [], **more}


def ids(path: Path) -> list[str]:
    return [json.loads(text)["id"] for text in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "out.jsonl"
    with RunFiles(path, OPTIONS) as files:
        files.write([("train", row("a")), ("train", row("b", "refusal"))], line("d1", dropped={"cut": 2}))
        files.write([("validation", row("c"))], line("d2", readers=["group:hr", "group:it"], denied=["user:bob"]))
    return path


def test_another_run_knows_what_is_there(path: Path) -> None:
    with RunFiles(path, OPTIONS) as files:
        kept = files.kept
        assert kept.documents == {"d1": "1", "d2": "1"}
        assert (kept.records, dict(kept.parts), dict(kept.kinds)) == (
            3,
            {"train": 2, "validation": 1},
            {"answer": 2, "refusal": 1},
        )
        assert (kept.questions, kept.dropped["cut"]) == ({"a", "b", "c"}, 2)
        files.write([("train", row("d"))], line("d3", readers=["group:hr"]))
        assert (kept.readers, kept.denied) == (frozenset({"group:hr"}), frozenset({"user:bob"}))
    assert ids(path) == ["a", "b", "d"]
    assert ids(path.with_name("out.validation.jsonl")) == ["c"]
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("half", ['{"id": "x"}\n{"id": "y', '{"id": "x"}\n', "\x00\x00"])
def test_what_a_killed_run_left_half_done_is_taken_off(path: Path, half: str) -> None:
    with path.open("a") as file:
        file.write(half)
    with path.with_name("out.progress.jsonl").open("a") as file:
        file.write('{"document": "d3", "vers')
    with RunFiles(path, OPTIONS) as files:
        assert files.kept.documents.keys() == {"d1", "d2"}
        files.write([("train", row("e"))], line("d3"))
    assert ids(path) == ["a", "b", "e"]
    with RunFiles(path, OPTIONS) as files:
        assert files.kept.documents.keys() == {"d1", "d2", "d3"}


def test_what_cannot_be_gone_on_with_is_refused(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="seed was 0, is 7"), RunFiles(path, {**OPTIONS, "seed": 7}):
        pass
    with RunFiles(path, OPTIONS), pytest.raises(ConfigurationError, match="another run"), RunFiles(path, OPTIONS):
        pass
    assert path.read_bytes() == before
    path.write_bytes(before[:10])
    with pytest.raises(ConfigurationError, match="shorter"), RunFiles(path, OPTIONS):
        pass
    other = tmp_path / "other.jsonl"
    other.write_text("precious")
    with pytest.raises(ConfigurationError, match="not from this command"), RunFiles(other, OPTIONS):
        pass
    assert other.read_text() == "precious"
    (tmp_path / "fake.progress.jsonl").write_text('{"format": "mine"}\n')
    with pytest.raises(ConfigurationError, match="not from this command"), RunFiles(tmp_path / "fake.jsonl", OPTIONS):
        pass
    with pytest.raises(HomeNotWritableError):
        RunFiles(tmp_path / "none" / "out.jsonl", OPTIONS)
