"""People and tokens from the command line, and what `mcp` refuses; in this process, as a dozen would be slow."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from assistant.errors import ConfigurationError, NotFoundError
from tests.cli.conftest import Run


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def told(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def test_people_and_their_groups() -> None:
    added = run("users", "add", "ann", "--groups", "hr,sales", "--name", "Ann B")
    assert added.stdout == "added ann (employee), in the groups everyone, hr, sales\n"
    refused = run("users", "add", "Ann").exception
    assert isinstance(refused, ConfigurationError)
    assert "there is a person 'Ann' already" in str(refused)
    assert told("users", "groups", "ann", "--remove", "hr", "--add", "it")["groups"] == ["everyone", "it", "sales"]
    assert told("users", "groups", "ann", "--set", "")["groups"] == ["everyone"]
    assert run("users", "groups", "ann").exit_code == 2
    assert run("users", "add", "bob", "--role", "operator").exit_code == 2
    assert told("users", "disable", "ann")["disabled"] is True
    assert " disabled " in run("users", "list").stdout
    assert run("users", "enable", "ann").stdout.startswith("enabled ann")
    (person,) = told("users", "list")["users"]
    assert (person["id"], person["name"], person["role"], person["disabled"]) == ("ann", "Ann B", "employee", False)


def test_a_password_is_made_or_asked_for() -> None:
    run("users", "add", "ann")
    made = told("users", "password", "ann", "--generate")
    assert (made["user"], len(made["password"])) == ("ann", 29)
    good = "grey otters like rain\n"
    asked = CliRunner().invoke(app, ["users", "password", "ann"], input=good * 2)
    assert asked.exit_code == 0
    assert "has to be changed at the next sign-in" in asked.output
    assert good.strip() not in asked.output
    refused = CliRunner().invoke(app, ["users", "password", "ann"], input="short\nshort\n").exception
    assert isinstance(refused, ConfigurationError)
    assert run("users", "password", "ann", "--json").exit_code == 2
    assert isinstance(run("users", "password", "nobody", "--generate").exception, NotFoundError)
    (person,) = told("users", "list")["users"]
    assert (person["has_password"], person["must_change_password"]) == (True, True)
    assert told("users", "sessions", "ann", "--end") == {"sessions": []}


def test_tokens_are_shown_once(assistant: Run) -> None:
    run("users", "add", "ann")
    made = assistant("tokens", "add", "ann", "--scopes", "read", "--days", "3", "--name", "laptop")
    assert re.fullmatch(r"ast_[\w-]{43}\n", made.stdout), made.stderr  # alone, for scripts
    assert made.stdout.strip() not in made.stderr
    (token,) = told("tokens", "list", "ann")["tokens"]
    assert (token["state"], token["scopes"], token["name"]) == ("good", ["read"], "laptop")
    assert round((token["expires_at"] - token["created_at"]) / 86_400, 3) == 3
    assert "ast_" not in run("tokens", "list").stdout + str(token)
    assert told("tokens", "revoke", token["id"])["state"] == "revoked"
    secret = told("tokens", "add", "ann")["secret"]
    assert run("tokens", "revoke", secret).stdout.startswith("revoked the token ")
    assert {one["state"] for one in told("tokens", "list")["tokens"]} == {"revoked"}
    assert isinstance(run("tokens", "add", "bob").exception, NotFoundError)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--host", "127.0.0.1"), "give --port"),
        (("--port", "0", "--groups", "a", "--host", "10.0.0.1"), "no --groups"),
        (("--port", "0", "--groups", "a", "--allow-host", "x.example"), "no --groups"),
        (("--port", "0", "--host", "0.0.0.0"), "--allow-host"),  # noqa: S104 (refused)
        (("--port", "0", "--host", "here.example"), "IP address"),
    ],
)
def test_how_mcp_cannot_be_served(options: tuple[str, ...], why: str) -> None:
    refused = run("mcp", *options)
    assert refused.exit_code == 2
    assert why in " ".join(refused.stderr.split())


def test_roles_and_groups() -> None:
    run("users", "add", "ann", "--role", "auditor", "--groups", "sales")
    changed = told("users", "role", "ann", "admin")
    assert (changed["role"], changed["curates"]) == ("admin", [])
    assert "No admin is left" in run("users", "role", "ann", "employee").output
    assert run("users", "role", "ann", "king").exit_code == 2
    assert run("groups", "nest", "staff", "sales").stdout == "whoever is in sales is in staff too\n"
    assert told("groups", "members", "staff")["members"][0]["path"] == ["sales", "staff"]
    assert "sales > staff" in run("groups", "members", "staff").stdout
    assert [one["name"] for one in told("groups", "list")["groups"]] == ["everyone", "sales", "staff"]
    assert json.loads(run("groups", "show", "sales").stdout)["group"]["parents"] == ["staff"]
    assert told("groups", "unnest", "staff", "sales")["children"] == []
    assert "staff" not in told("users", "list")["users"][0]["groups"]


def test_why_and_sees(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "hr").mkdir(parents=True)
    (folder / "hr" / "pay.md").write_text("# Pay\n\nGrade K7 is paid 4,310 euros.\n")
    (tmp_path / "acl.json").write_text('{"rules": [{"glob": "hr/**", "readers": ["hr"], "deny": ["temps"]}]}')
    told("ingest", str(folder), "--acl", str(tmp_path / "acl.json"))
    run("users", "add", "ann", "--groups", "payroll")
    run("groups", "nest", "hr", "payroll")
    shown = run("why", "ann", "docs", "hr/pay.md").stdout
    assert shown == (
        "user:ann reads it\n"
        "  allowed as group:hr through payroll > hr (given here)\n"
        "  readers: group:hr, but not group:temps, by the rule hr/**\n"
    )
    assert told("why", "group:sales", "docs", "hr/pay.md")["verdict"] == "not_granted"
    assert told("sees", "hr")["folders"] == [{"source": "docs", "folder": "hr", "documents": 1}]
    assert run("sees", "user:ann").stdout.startswith("user:ann may read 1 document\n")
    assert run("openings", "list").stdout == "Nothing was opened by break-glass.\n"
    assert isinstance(run("openings", "end", "x").exception, NotFoundError)
