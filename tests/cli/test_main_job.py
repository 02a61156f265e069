"""The main job by command: a folder in, cited answers out."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run, json_of


def test_a_folder_in_a_cited_answer_out(assistant: Run, folder: Path, tmp_path: Path) -> None:
    acl = tmp_path / "acl.json"
    acl.write_text(json.dumps({"rules": [{"glob": "hr/**", "readers": ["hr"]}]}))
    report = json_of(assistant("ingest", folder, "--source", "demo", "--acl", acl, "--json"))
    assert report["documents"] == {
        "seen": 3,
        "added": 3,
        "moved": 0,
        "updated": 0,
        "unchanged": 0,
        "deleted": 0,
        "failed": 0,
    }
    answer = json_of(assistant("ask", "How many days before the trip are train tickets booked?", "--json"))
    assert answer["found"]
    (citation,) = answer["citations"]
    text = assistant("documents", "text", "demo", "travel.md").stdout
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["verified"]
    said = assistant("ask", "How many days before the trip are train tickets booked?")
    assert "21 days" in said.stdout
    assert "[1] Travel (demo: travel.md, characters" in said.stdout


def test_rights_hold_on_every_command_and_survive_the_next_ingestion(assistant: Run, folder: Path) -> None:
    json_of(assistant("ingest", folder, "--readers", "hr", "--json"))
    (folder / "hr/salary.md").write_text("# Salaries\n\nGrade K7 is paid 4,500 euros a month.\n")
    again = json_of(assistant("ingest", folder, "--json"))
    assert again["documents"]["updated"] == 1
    for command in (("search", "grade K7 paid"), ("ask", "What is grade K7 paid a month?"), ("documents", "list")):
        refused = assistant(*command, "--groups", "everyone", "--json")
        assert refused.returncode == 0
        assert "salary" not in refused.stdout
        assert "4,500" not in refused.stdout
        assert "salary" in assistant(*command, "--groups", "hr", "--json").stdout
    assert assistant("documents", "text", "docs", "hr/salary.md", "--groups", "everyone").returncode == 1
    assert "4,500" in assistant("documents", "text", "docs", "hr/salary.md", "--groups", "hr").stdout


def test_bad_documents_are_listed_and_the_command_succeeds(assistant: Run, folder: Path) -> None:
    (folder / "empty.md").write_text("")
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"\x00garbage" * 100)
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 not a zip")
    (folder / "dead.md").symlink_to(folder / "nowhere.md")
    report = json_of(assistant("ingest", folder, "--json"))
    assert report["documents"] == {
        "seen": 8,
        "added": 3,
        "moved": 0,
        "updated": 0,
        "unchanged": 0,
        "deleted": 0,
        "failed": 5,
    }
    failures = {failure["key"]: failure["error"] for failure in report["failures"]}
    assert set(failures) == {"empty.md", "noise.bin", "broken.pdf", "broken.docx", "dead.md"}
    assert all(failures.values())
    shown = assistant("ingest", folder)
    assert shown.returncode == 0
    assert "failed: broken.pdf" in shown.stderr


def test_nothing_could_be_indexed_is_a_failure(assistant: Run, tmp_path: Path) -> None:
    folder = tmp_path / "only-bad"
    folder.mkdir()
    (folder / "empty.md").write_text("")
    result = assistant("ingest", folder, "--json")
    assert result.returncode == 1
    assert json.loads(result.stdout)["documents"]["failed"] == 1


def test_sources_and_runs(assistant: Run, folder: Path) -> None:
    config = json.dumps({"path": str(folder)})
    assert (
        assistant("sources", "add", "folder", "--name", "d", "--config", config, "--schedule", "0 6 * * *").returncode
        == 0
    )
    assert json_of(assistant("sources", "sync", "d", "--json"))["documents"]["added"] == 3
    (source,) = json_of(assistant("sources", "list", "--json"))["sources"]
    assert (source["documents"], source["schedule"], source["state"]) == (3, "0 6 * * *", "active")
    assert assistant("sources", "pause", "d").returncode == 0
    assert json_of(assistant("sources", "show", "d"))["state"] == "paused"
    assert assistant("sources", "resume", "d").returncode == 0
    (run,) = json_of(assistant("runs", "list", "--json"))["runs"]
    assert json_of(assistant("runs", "show", run["id"]))["failures"] == []
    assert "3 documents" in assistant("sources", "remove", "d", "--yes").stdout
    assert json_of(assistant("documents", "list", "--json"))["documents"] == []
    assert "folder" in json_of(assistant("plugins", "list", "--json"))["sources"]


def test_a_relative_path_is_the_users_not_the_servers(assistant: Run, folder: Path) -> None:
    config = json.dumps({"path": folder.name})
    added = assistant("sources", "add", "folder", "--name", "d", "--config", config, cwd=folder.parent)
    assert added.returncode == 0, added.stderr
    assert json_of(assistant("sources", "show", "d"))["config"]["path"] == str(folder)
