"""Sources by command: edited and tried."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run, assert_one_clear_line, json_of


def test_a_source_is_edited_and_tried(assistant: Run, folder: Path, tmp_path: Path) -> None:
    config = json.dumps({"path": str(folder)})
    assert assistant("sources", "add", "folder", "--name", "docs", "--config", config).returncode == 0
    done = assistant("sources", "test", "docs")
    assert (done.returncode, done.stdout) == (0, "docs can be reached and listed\n")
    done = assistant(
        "sources", "edit", "docs", "--schedule", "0 6 * * 1", "--time-zone", "Europe/Vienna", "--readers", "hr",
        "--concurrency", "2", "--per-minute", "90",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("docs: schedule and time zone and readers and concurrency and per minute changed")
    shown = json_of(assistant("sources", "show", "docs"))
    assert (shown["schedule"], shown["time_zone"], shown["readers"]["default"]) == (
        "0 6 * * 1", "Europe/Vienna", ["hr"],
    )  # fmt: skip
    assert (shown["concurrency"], shown["per_minute"]) == (2, 90)
    assert assistant("sources", "edit", "docs", "--schedule", "none", "--concurrency", "0").returncode == 0
    shown = json_of(assistant("sources", "show", "docs"))
    assert (shown["schedule"], shown["concurrency"], shown["per_minute"]) == (None, None, 90)
    assert_one_clear_line(assistant("sources", "edit", "docs"), "nothing is to be changed")
    gone = json.dumps({"path": str(tmp_path / "nowhere")})
    assert_one_clear_line(assistant("sources", "edit", "docs", "--config", gone), "nowhere")
    assert_one_clear_line(assistant("sources", "test", "nobody"), "nobody")


def test_readers_by_globs_and_names_from_a_file(assistant: Run, folder: Path, tmp_path: Path) -> None:
    rule = tmp_path / "readers.json"
    rule.write_text('{"rules": [{"glob": "hr/**", "readers": ["hr"]}], "names": {"Human Resources": "hr"}}')
    config = json.dumps({"path": str(folder)})
    added = ("sources", "add", "folder", "--name", "docs", "--config", config)
    assert_one_clear_line(assistant(*added, "--acl", str(rule), "--readers", "hr"), "cannot both be given")
    assert assistant(*added, "--acl", str(rule)).returncode == 0
    shown = json_of(assistant("sources", "show", "docs"))["readers"]
    assert (shown["default"], shown["names"]) == (["everyone"], {"Human Resources": "hr"})
    assert shown["rules"] == [{"glob": "hr/**", "readers": ["hr"], "deny": []}]
    rule.write_text('{"default": ["it"]}')
    assert assistant("sources", "edit", "docs", "--acl", str(rule)).stdout.startswith("docs: readers changed")
    assert json_of(assistant("sources", "show", "docs"))["readers"]["default"] == ["it"]
    assert_one_clear_line(assistant("sources", "edit", "docs", "--acl", str(tmp_path / "none")), "cannot be read")
