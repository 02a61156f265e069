"""The audit log from the command line, and what commands leave in it; in this process, as a dozen would be slow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from assistant.catalog import Act, Catalog, Keyring
from assistant.cli import app
from assistant.cli.audited import COMMANDS, _at_work
from assistant.errors import AssistantError, AuditUnavailableError, CatalogUnavailableError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def told(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def entries(*arguments: str) -> list[tuple[str, str, str]]:
    return [(one["action"], one["outcome"], one["who"]) for one in told("audit", "list", *arguments)["entries"]]


def _paths(group: Any, *path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _paths(command, *path, name)
        else:
            yield " ".join((*path, name))


def test_every_command_says_whether_it_is_recorded() -> None:
    assert sorted(_paths(typer.main.get_command(app))) == sorted(COMMANDS)


def test_commands_are_recorded_and_listed() -> None:
    assert run("users", "add", "ann", "--groups", "hr").exit_code == 0
    token = run("tokens", "add", "ann").stdout.splitlines()[0]
    assert run("tokens", "revoke", token).exit_code == 0
    assert run("users", "add", "ann").exception is not None
    assert run("documents", "text", "none", "a.txt", "--groups", "hr").exception is not None
    assert run("documents", "list").exit_code == 0
    assert entries() == [
        ("documents listed", "done", "operator"),
        ("document opened", "refused", "command-line"),
        ("person added", "refused", "operator"),
        ("person added", "begun", "operator"),
        ("token revoked", "done", "operator"),
        ("token revoked", "begun", "operator"),
        ("token made", "done", "operator"),
        ("token made", "begun", "operator"),
        ("person added", "done", "operator"),
        ("person added", "begun", "operator"),
    ]
    newest = told("audit", "list", "--who", "ann", "--action", "token")["entries"][0]
    assert (newest["subject"], newest["about"]["scopes"]) == ("ann", "read,ask")
    assert newest["login"]
    assert token not in run("audit", "export", "-").stdout
    assert entries("--document", "none:a.txt") == [("document opened", "refused", "command-line")]
    assert entries("--outcome", "refused", "--limit", "1") == [("document opened", "refused", "command-line")]
    assert [one["action"] for one in told("audit", "search", "A.TXT", "--limit", "1")["entries"]] == ["audit read"]
    shown = run("audit", "list", "--limit", "2").stdout
    assert "There are more" in shown
    assert isinstance(run("audit", "list", "--since", "someday").exception, AssistantError)
    assert isinstance(run("audit", "list", "--outcome", "good").exception, AssistantError)
    assert _at_work.get()[0] == ""


def test_the_chain_is_verified_and_exported(assistant_home: Path, tmp_path: Path) -> None:
    for number in range(3):
        assert run("users", "add", f"p{number}").exit_code == 0
    head = run("audit", "head").stdout.strip()
    assert head.startswith("6:")
    assert told("audit", "verify", "--head", head)["good"]
    file = tmp_path / "audit.jsonl"
    assert run("audit", "export", str(file)).exit_code == 0
    assert run("audit", "export", str(file)).exception is not None  # it is not written over
    assert "7 entries from 1 on hold" in run("audit", "verify", str(file), "--head", head).stdout
    assert run("audit", "verify", "--catalog", str(file)).exit_code == 2
    assert run("audit", "verify", "--head", "6:" + "0" * 64).exit_code == 1
    file.write_text(file.read_text("utf-8").replace('"person added"', '"person lost"', 1), encoding="utf-8")
    wrong = run("audit", "verify", str(file))
    assert (wrong.exit_code, "BROKEN at entry 1" in wrong.stdout) == (1, True)
    assert isinstance(run("audit", "verify", "--head", "nonsense").exception, AssistantError)
    catalog = Catalog(f"sqlite:///{assistant_home / 'catalog.sqlite3'}", Keyring(assistant_home / "secret.key"))
    catalog.audit.append([Act("searched", "p1", documents=("d",))])
    catalog.audit.forget("p1")
    catalog.close()
    assert "erased person" in run("audit", "list").stdout
    assert told("audit", "verify", "--head", head)["good"]


def test_old_entries_are_removed(assistant_home: Path) -> None:
    assert run("users", "list").exit_code == 0  # makes the home
    catalog = Catalog(f"sqlite:///{assistant_home / 'catalog.sqlite3'}", Keyring(assistant_home / "secret.key"))
    catalog.audit.append([Act("searched", "ann", at=time.time() - 400 * 86400)])
    catalog.audit.append([Act("searched", "ann", at=time.time() - 10 * 86400)])
    catalog.close()
    assert run("audit", "prune").stdout == "removed 1 entry older than 365 days\n"
    assert run("audit", "prune", "--days", "5").stdout == "removed 1 entry older than 5 days\n"
    assert told("audit", "verify")["anchor"]["number"] == 2


def test_a_change_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("users", "add", "ann").exit_code == 0

    def locked(*given: object) -> None:
        raise CatalogUnavailableError("locked")

    with monkeypatch.context() as patched:
        patched.setattr("assistant.catalog.audit.AuditLog.append", locked)
        assert isinstance(run("users", "disable", "ann").exception, AuditUnavailableError)
        shown = run("documents", "list", "--json")
        assert (shown.stdout, isinstance(shown.exception, AuditUnavailableError)) == ("", True)
    assert [one["disabled"] for one in told("users", "list")["users"]] == [False]
