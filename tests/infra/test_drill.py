"""The drill of backup and restore: it measures, compares, and fails where something is lost."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assistant.app import build
from assistant.catalog.models import Base
from assistant.settings import load_settings

ROOT = Path(__file__).parents[2]
DRILL = ROOT / "infra" / "drill.py"


@pytest.fixture
def home(tmp_path: Path, assistant_home: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nThe words of page {number}.\n")
    with build(load_settings()) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {}, None, ["hunter2"])
        app.ingestor.sync("docs", "cli")
        app.catalog.people.add("ann", "Ann", [], "employee")
    return assistant_home


@pytest.mark.timeout(1800)
def test_a_backup_is_proved(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "drill"
    command = [sys.executable, str(DRILL), str(place)]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "backup",
        "restore",
        "documents",
        "sources",
        "users",
        "tables",
    ]
    assert lines[2] == "documents: 3 before, 3 restored, 0 differ"
    assert lines[4] == "users: 1 before, 1 restored, 0 differ"
    assert lines[5] == f"tables: {len(Base.metadata.tables)} compared"
    assert (place / "backup" / "manifest.json").exists()
    assert not list(place.rglob("secret.key"))


@pytest.fixture
def drill() -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("drill", DRILL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_folder_takes_one_drill_and_no_key_stays_there(
    drill: ModuleType, assistant_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant_home.mkdir()
    (assistant_home / "secret.key").write_text("key")
    asked: list[str] = []

    def fail(variables: dict[str, str], *arguments: str, may_fail: bool = False) -> str:
        asked.append(arguments[0])
        raise SystemExit("no room")

    monkeypatch.setattr(drill, "_rows_here", dict)
    monkeypatch.setattr(drill, "_run", fail)
    with pytest.raises(SystemExit, match="no room"):
        drill.main([str(tmp_path / "drill")])
    assert not list((tmp_path / "drill").rglob("secret.key"))
    with pytest.raises(SystemExit, match="name a new folder"):
        drill.main([str(tmp_path / "drill")])
    assert asked == ["backup"]


def test_what_differs_is_seen(
    drill: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With stand-ins for the commands, of which one has lost a document."""

    def run(variables: dict[str, str], *arguments: str, may_fail: bool = False) -> str:
        restored = variables["ASSISTANT_HOME"].startswith(str(tmp_path / "drill"))
        documents = [{"source": "docs", "key": "a"}, {"source": "docs", "key": "b"}][: 1 if restored else 2]
        held = {"documents": documents, "sources": [], "users": [], "checks": []}
        return json.dumps(held | {"good": not restored, "why": "entry 3 was changed", "seal": "good"})

    monkeypatch.setattr(drill, "_run", run)
    monkeypatch.setattr(drill, "_rows_here", lambda: {"turns": 5})
    monkeypatch.setattr(drill, "_rows_in_backup", lambda _: {"turns": 5})
    monkeypatch.setattr(drill, "_rows_restored", lambda _: {"turns": 4})
    assert drill.main([str(tmp_path / "drill")]) == 1
    told = capsys.readouterr().out
    assert "documents: 2 before, 1 restored, 1 differ" in told
    assert "differs: turns: 5 rows in the backup, 4 restored" in told
    assert "differs: the audit log: entry 3 was changed" in told


def test_rows_may_come_while_the_backup_is_made_and_none_may_go(drill: ModuleType) -> None:
    here = ({"turns": 5, "audit": 9, "groups": 2, "indexes": 2}, {"turns": 7, "audit": 11, "groups": 2, "indexes": 2})
    good = {"turns": 6, "audit": 10, "groups": 2, "indexes": 2}
    assert drill._odd_rows(here, good, good | {"audit": 12, "indexes": 1}) == []
    assert drill._odd_rows(here, good | {"turns": 4}, good | {"turns": 4}) == [
        "turns: 5 to 7 rows here, 4 in the backup"
    ]
    assert drill._odd_rows(here, good, good | {"audit": 9}) == ["audit: 10 rows in the backup, 9 restored"]
    assert drill._odd_rows(here, good, good | {"groups": 3}) == ["groups: 2 rows in the backup, 3 restored"]
    assert len(drill._odd_rows(here, {}, {})) == 4  # a table that is not there at all
