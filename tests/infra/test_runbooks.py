"""Every command of the runbooks runs, in the page's order, on a small home; every alert that the page names exists."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.app import build
from assistant.cli import app as commands
from assistant.settings import load_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "infra" / "docs" / "runbooks.md").read_text()
PLACES = ("/mnt/backups", "/srv")


def lines() -> list[str]:
    """Return the lines of the page's runnable blocks."""
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture
def home(tmp_path: Path, assistant_home: Path) -> Path:
    """What the page speaks of: a source `handbook`, a person `ann` with a token, a key."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "travel.md").write_text("# Travel\n\nTickets are booked in Concur before the trip.\n")
    with build(load_settings()) as app:
        app.catalog.sources.add("handbook", "folder", {"path": str(folder)}, {}, None, ["hunter2"])
        app.ingestor.sync("handbook", "cli")
        app.catalog.people.add("ann", "Ann", [], "employee")
        app.catalog.people.add_token("ann", "laptop", ["read"], "a" * 64, 5e9)
    return assistant_home


@pytest.mark.timeout(1800)
def test_every_command_runs(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in PLACES:
        (tmp_path / place[1:]).mkdir(parents=True)
    ran = 0
    with build(load_settings()) as app:
        (leaked,) = (one.id for one in app.catalog.people.tokens("ann"))
    for line in (re.sub(r"\bID\b", leaked, line) for line in lines()):
        here = re.sub("|".join(PLACES), lambda found: f"{tmp_path}{found[0]}", line)
        words = shlex.split(here)
        if words[0] == "chmod":
            (home / "secret.key").chmod(0o600)
            continue
        if words[0] in {"mkdir", "cp"}:
            subprocess.run(["sh", "-ec", here], check=True)
            continue
        with monkeypatch.context() as given:
            while "=" in words[0]:
                given.setenv(*words.pop(0).split("=", 1))
            assert words[0] == "assistant", line
            done = CliRunner().invoke(commands, words[1:])
        told = f"{line}\n{done.output}\n{done.exception!r}"
        assert done.exit_code == 0, told
        ran += 1
    assert ran > 20
    with build(load_settings()) as app:
        assert app.catalog.people.token(leaked).revoked_at is not None, "the token that leaked is still good"
    assert "ASSISTANT_HOME" not in os.environ or os.environ["ASSISTANT_HOME"] == str(home)


def test_every_alert_that_is_named_exists_and_has_a_runbook() -> None:
    known = set(re.findall(r"alert: (\w+)", (ROOT / "infra" / "monitoring" / "alerts.yml").read_text()))
    named = set(re.findall(r"`(Assistant\w+)`", PAGE))
    assert named <= known
    assert {"AssistantErrors", "AssistantModelAway", "AssistantQueueStands", "AssistantDocumentsFail"} <= named


def test_what_can_go_wrong_is_there_with_what_tells_and_what_ends_it() -> None:
    _, *parts = PAGE.split("\n## ")
    assert len(parts) == 10
    for part in parts:
        title = part.partition("\n")[0]
        assert "**Over**" in part, title
        assert "**Noticed**" in part or title == "Restore a backup"
