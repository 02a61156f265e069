"""Calls of tools at the terminal: who is asked, what may be said, and what is printed."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from assistant.cli import calls
from assistant.types import Decision, ToolCall, ToolUse, nobody_to_ask
from tests.cli.conftest import Run, json_of
from tests.fakes.model_scripts import Reply, Script, in_turn
from tests.fakes.model_server import ModelServer

USE = ToolUse("call01001", "write", {"text": "hello"}, writes=True)


def saying(monkeypatch: pytest.MonkeyPatch, *said: str) -> list[str]:
    """Let the person say so, one after another; returns what is left."""
    left = list(said)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: left.pop(0))
    return left


def at_terminal(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: there, raising=False)


def test_only_a_person_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    at_terminal(monkeypatch, there=True)
    assert calls.who_decides(as_json=False) is calls.ask_at_terminal
    assert calls.who_decides(as_json=True) is nobody_to_ask
    at_terminal(monkeypatch, there=False)
    assert calls.who_decides(as_json=False) is nobody_to_ask


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        (("y",), Decision(approved=True)),
        (("n", "not now"), Decision(approved=False, reason="not now")),
        (("what?", "e", '{"text": "bye"}'), Decision(approved=True, arguments={"text": "bye"})),
        (("e", "{", "e", "[]", "n", ""), Decision(approved=False)),
    ],
)
def test_what_the_person_says(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, said: tuple[str, ...], decision: Decision
) -> None:
    left = saying(monkeypatch, *said)
    assert calls.ask_at_terminal(USE) == decision
    assert left == []
    assert 'text: "hello"' in capsys.readouterr().err


def test_calls_are_printed_with_what_became_of_them(capsys: Any) -> None:
    done = replace(USE, state="done", text="a\n\x1b[31m" + "b" * 500, seconds=1.26)
    calls.print_uses([done, replace(USE, state="failed", error="no"), replace(USE, state="rejected", reason="not now")])
    blank, first, second, third = capsys.readouterr().out.splitlines()
    assert blank == ""
    assert first.startswith('write(text="hello"), 1.3 s: a \\x1b[31mbbb')
    assert first.endswith("b\u2026")
    assert (second, third) == (
        'write(text="hello"), 0.0 s: failed: no',
        'write(text="hello"), 0.0 s: not made: not now',
    )


def test_calls_are_in_the_json_and_nothing_is_written_without_a_terminal(
    assistant: Run, folder: Path, tmp_path: Path
) -> None:
    json_of(assistant("ingest", folder, "--source", "docs", "--json"))
    (tmp_path / "drafts").mkdir()
    draft = {"kind": "mail_draft", "folder": str(tmp_path / "drafts"), "groups": ["everyone"]}
    mail = '{"to": ["a@example.org"], "subject": "Leave", "body": "Please."}'
    asked = Reply(tool_calls=(ToolCall("a", "calculator", '{"expression": "6*7"}'), ToolCall("b", "draft", mail)))
    with ModelServer() as server:
        more = {"ASSISTANT_MODEL_URL": server.url, "ASSISTANT_TOOLS": json.dumps({"draft": draft})}
        server.script = Script(in_turn(asked), otherwise=Reply("It is 42."))
        found = json_of(assistant("ask", "What is 6 times 7?", "--json", **more))
    assert [(one["name"], one["state"]) for one in found["tools"]] == [("calculator", "done"), ("draft", "rejected")]
    assert "nobody can be asked here" in found["tools"][1]["reason"]
    assert "42" in found["tools"][0]["result"]
    assert list((tmp_path / "drafts").iterdir()) == []
