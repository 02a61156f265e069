"""`assistant conversations` on a home with one conversation of the operator and one of another person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.catalog import Catalog, Keyring, NewTurn, Progress
from assistant.cli import app
from assistant.conversations.stored import filters_row
from assistant.types import EVERYTHING, LOCAL_OPERATOR, User

OPTIONS = {"mode": "auto", "budget": None, "filters": filters_row(EVERYTHING), "model": ""}
HISTORY = {"turns": 0, "left_out": 0, "shortened": False, "tokens": 0, "budget": 4000}


@pytest.fixture
def conversation(assistant_home: Path) -> str:
    """The id of the operator's."""
    assistant_home.mkdir()
    catalog = Catalog(f"sqlite:///{assistant_home / 'catalog.sqlite3'}", Keyring(assistant_home / "secret.key"))
    ids = []
    for user, title in ((LOCAL_OPERATOR, "Train [tickets]?"), (User("ann"), "Ann's")):
        new = NewTurn(None, "asked", title, OPTIONS, {"history": HISTORY})
        record, turn = catalog.conversations.begin(user, None, new, 60, title)
        catalog.conversations.write([Progress(turn.id, "complete", "Nothing.", answer={"found": False})], 60)
        ids.append(record.id)
    catalog.close()
    return ids[0]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["conversations", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_operators_own_are_listed_shown_exported_deleted_and_restored(conversation: str) -> None:
    listed = json.loads(run("list", "--json"))
    assert [one["title"] for one in listed["conversations"]] == ["Train [tickets]?"]
    assert "Train [tickets]?" in run("list", "--query", "TRAIN")
    assert run("list", "--query", "ann").startswith("No conversations yet")
    assert "Nothing." in run("show", conversation)
    assert json.loads(run("show", conversation, "--json"))["turns"][0]["found"] is False
    assert run("export", conversation).startswith("# Train \\[tickets\\]?\n")
    assert json.loads(run("export", conversation, "--format", "json"))["id"] == conversation
    assert "24 hours" in run("delete", conversation)
    assert json.loads(run("list", "--json"))["total"] == 0
    assert "is back" in run("restore", conversation)
    assert "restore" not in run("delete", conversation, "--for-good")
