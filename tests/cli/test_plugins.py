"""Plugins from the command line: a new one is made, tried, put into the folder and used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_one_clear_line, json_of


@pytest.mark.parametrize("what", ["source", "tool"])
def test_a_new_plugin_works_from_the_start(assistant: Run, assistant_home: Path, tmp_path: Path, what: str) -> None:
    made = assistant("plugins", "new", "mine", "--folder", tmp_path, *(["--tool"] if what == "tool" else []))
    assert made.returncode == 0, made.stderr
    checked = json_of(assistant("plugins", "check", tmp_path / "mine", "--json"))
    assert checked["failed"] == 0
    assert checked["passed"] >= (45 if what == "source" else 15)
    shutil.copytree(tmp_path / "mine" / "mine", assistant_home / "plugins" / "mine")
    listed = json_of(assistant("plugins", "list", "--json"))
    assert [one["state"] for one in listed["plugins"] if one["name"] == "mine"] == ["new"]
    assert assistant("plugins", "enable", "mine").returncode == 0
    assert "mine" in json_of(assistant("plugins", "list", "--json"))["sources" if what == "source" else "tools"]
    if what == "source":
        notes = tmp_path / "notes"
        notes.mkdir()
        (notes / "vpn.txt").write_text("The VPN gateway is vpn-frankfurt-2.\n")
        added = assistant("sources", "add", "mine", "--name", "n", "--config", f'{{"path": "{notes}"}}')
        assert added.returncode == 0, added.stderr
        assert json_of(assistant("sources", "sync", "n", "--json"))["documents"]["added"] == 1
        assert assistant("plugins", "disable", "mine").returncode == 0
        assert_one_clear_line(assistant("sources", "sync", "n"), "no source kind 'mine'", "plugins list")


def test_a_broken_plugin_fails_its_check_and_is_named(assistant: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def register(registry): ...\n")
    checked = assistant("plugins", "check", tmp_path / "bad.py")
    assert checked.returncode == 1
    assert "something_is_offered" in checked.stdout
    assert "2 checks of 'bad' failed" in checked.stderr
    assert_one_clear_line(assistant("plugins", "new", "Not-a-name"), "cannot be a plugin's name")
    assert_one_clear_line(assistant("plugins", "enable", "nobody"), "no plugin 'nobody'")


def test_a_built_in_plugin_is_well(assistant: Run) -> None:
    assert assistant("plugins", "health", "folder").stdout == "folder is well\n"
    shown = json_of(assistant("plugins", "show", "folder"))
    assert (shown["state"], shown["declared"], shown["offers"]) == ("enabled", True, ["source folder"])
    found = {one["name"]: one["experimental"] for one in json_of(assistant("plugins", "list", "--json"))["plugins"]}
    assert {name for name, is_experimental in found.items() if is_experimental} >= {
        "confluence",
        "github",
        "gitlab",
        "jira",
    }
    assert not found["folder"]
    assert "enabled, experimental" in assistant("plugins", "list").stdout


def test_a_pack_is_enabled_for_groups_and_writes_its_questions(assistant: Run, tmp_path: Path) -> None:
    assert_one_clear_line(assistant("plugins", "enable", "contracts"), "is enabled for groups", "--groups GROUP")
    enabled = assistant("plugins", "enable", "contracts", "--groups", "legal,user:ann")
    assert enabled.returncode == 0, enabled.stderr
    assert "is enabled for legal, user:ann" in enabled.stdout
    assert json_of(assistant("plugins", "show", "contracts"))["pack"] == {
        "groups": ["legal", "user:ann"],
        "documents": [],
    }
    wrong = assistant("plugins", "enable", "contracts", "--groups", "legal", "--documents", "s:[z-a]")
    assert (wrong.returncode, "is not a glob" in wrong.stderr) == (2, True)
    assert_one_clear_line(
        assistant("plugins", "enable", "contracts", "--groups", "legal", "--documents", "nowhere:**"), "nowhere"
    )
    assert assistant("plugins", "evaluation", "contracts", tmp_path / "e").returncode == 0
    assert (tmp_path / "e" / "cases.jsonl").read_text().count("\n") >= 10
    assert (tmp_path / "e" / "documents" / "wartungsvertrag.md").is_file()
    assert_one_clear_line(assistant("plugins", "evaluation", "contracts", tmp_path / "e"), "is there already")
    assert_one_clear_line(assistant("plugins", "evaluation", "folder", tmp_path / "f"), "no pack 'folder'")
