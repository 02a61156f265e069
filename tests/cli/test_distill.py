"""`distill` as its users run it: files, notes, going on, and what is wrong in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_one_clear_line, json_of
from tests.fakes.model_server import ModelServer
from tests.fakes.teacher import ScriptedTeacher


@pytest.fixture
def handbook(assistant: Run, tmp_path: Path) -> str:
    folder = tmp_path / "handbook"
    folder.mkdir()
    for subject in ("Pumps", "Leave", "Travel"):
        lines = [f"The {subject} team keeps record {n * 37} of office {n} in the {subject} register." for n in range(4)]
        (folder / f"{subject}.md").write_text("\n\n".join([f"# {subject}", *lines]) + "\n")
    json_of(assistant("ingest", folder, "--source", "handbook", "--json"))
    return "handbook"


def test_files_notes_and_going_on(assistant: Run, handbook: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    command = ("distill", out, "--source", handbook, "--validation", "0", "--unanswerable", "0")
    with ModelServer(ScriptedTeacher().script, model="Llama-4-Maverick") as server:
        told = assistant(*command, "--count", "2", ASSISTANT_MODEL_URL=server.url)
        assert told.returncode == 0, told.stderr
        assert f"{out}: 2 records" in told.stdout
        assert "licence: written by Llama-4-Maverick, licence Llama 4 Community License: " in told.stderr
        assert "'Llama' at the beginning of its name" in told.stderr
        first = out.read_bytes()
        more = json_of(assistant(*command, "--json", ASSISTANT_MODEL_URL=server.url))
        assert out.read_bytes().startswith(first)
        assert more["records"]["train"] == len(out.read_bytes().splitlines()) > 2
        assert more["readers"] == ["group:everyone"]
        about = json.loads(Path(more["about_file"]).read_text())
        assert about["teacher"]["licence"] == "Llama 4 Community License"
        questions = tmp_path / "questions.jsonl"
        json_of(
            assistant(
                "distill",
                questions,
                "--source",
                handbook,
                "--as",
                "questions",
                "--json",
                ASSISTANT_MODEL_URL=server.url,
            )
        )
        scores = json_of(assistant("eval", "answers", questions, "--json"))
        assert (scores["unmatched"], scores["unlocated"]) == (0, 0)
        assert scores["questions"] > 3
    away = {"ASSISTANT_MODEL_URL": server.url, "ASSISTANT_MODEL_TRIES": "1"}
    kept = out.read_bytes()
    assert_one_clear_line(assistant(*command, **away), "does not answer")
    assert out.read_bytes() == kept


def test_what_is_wrong_is_told(assistant: Run, handbook: str, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert assistant("distill", out).returncode == 2
    assert_one_clear_line(assistant("distill", out, "--source", handbook), "no model is configured for teaching")
    teacher = ScriptedTeacher(quoting=("invented",))
    with ModelServer(teacher.script) as server:
        model = {"ASSISTANT_MODEL_URL": server.url}
        nothing = assistant("distill", out, "--source", handbook, "--unanswerable", "0", "--json", **model)
        assert nothing.returncode == 1
        assert json.loads(nothing.stdout)["dropped"]["invented"] > 0
        assert "no record could be made of 3 documents" in nothing.stderr
