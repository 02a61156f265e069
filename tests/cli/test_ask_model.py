"""`ask` with a language model: who answered is said, and that none did."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run, assert_one_clear_line, json_of
from tests.fakes.album import png
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

QUESTION = "How many days before the trip are train tickets booked?"


def test_a_model_answers_or_it_is_said_that_none_does(assistant: Run, folder: Path, tmp_path: Path) -> None:
    json_of(assistant("ingest", folder, "--source", "docs", "--json"))
    script = Script(otherwise=Reply("They are booked at least 21 days before the trip [1][8]."))
    with ModelServer(script) as server:
        model = {"ASSISTANT_MODEL_URL": server.url}
        told = assistant("ask", QUESTION, **model)
        assert told.stdout.startswith("They are booked at least 21 days before the trip [1].\n")
        assert "Note: marks of the model that pointed to nothing were left out: 1" in told.stderr
        assert "default; " in told.stderr
        answer = json_of(assistant("ask", QUESTION, "--json", "--model", "default", **model))
        assert (answer["model"], answer["fallback"], answer["dropped"]) == ("default", False, 1)
        assert answer["usage"]["cached_tokens"] is not None
        assert_one_clear_line(assistant("ask", QUESTION, "--model", "other", **model), "other", "default")
    turns = tmp_path / "turns.json"
    turns.write_text(json.dumps([{"role": "user", "content": QUESTION}]))
    fallen = json_of(assistant("ask", "And then?", "--history", turns, "--json", ASSISTANT_MODEL_TRIES="1", **model))
    assert (fallen["model"], fallen["fallback"], fallen["state"]) == ("extractive", True, "complete")
    assert "the language model did not answer" in fallen["notes"][0]


def test_a_picture_is_asked_about(assistant: Run, folder: Path, tmp_path: Path) -> None:
    json_of(assistant("ingest", folder, "--source", "docs", "--json"))
    (tmp_path / "shot.png").write_bytes(png("green"))
    with ModelServer(Script(otherwise=Reply("It is all green [1]."))) as server:
        model = {"ASSISTANT_MODEL_URL": server.url}
        told = assistant("ask", "Zzz?", "--attach", tmp_path / "shot.png", "--groups", "nobody", **model)
        assert told.stdout == "It is all green [1].\n\n[1] shot.png (attached to the question; seen, not read)\n"
        assert len(server.asked[-1].images) == 1
    missing = assistant("ask", "x", "--attach", tmp_path / "none.png")
    assert (missing.returncode, "none.png: No such file" in missing.stderr) == (2, True)
    (tmp_path / "a.txt").write_text("no picture")
    assert_one_clear_line(assistant("ask", "x", "--attach", tmp_path / "a.txt"), "'a.txt' cannot be taken")
