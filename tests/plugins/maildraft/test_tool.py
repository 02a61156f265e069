"""Drafts of mails: what is written, for whom, and what is refused."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ToolError
from assistant.interfaces import CheckedTool
from assistant.plugin_kit import run_checks, target_of
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import ToolResult, User
from plugins.maildraft import MailDraftConfig, MailDraftTool

ANN = User("ann", frozenset({"sales"}))
MAIL = {"to": ["bob@example.org"], "subject": "Grüße", "body": "Hello\n\nBob\n"}


def run(folder: Path, user: User = ANN, **arguments: Any) -> ToolResult:
    config = MailDraftConfig(folder=folder, domains=("Example.org",))
    return MailDraftTool("draft", config).run(MAIL | arguments, user)


def test_a_draft_is_a_mail_that_was_not_sent(tmp_path: Path) -> None:
    result = run(tmp_path)
    (file,) = tmp_path.iterdir()
    assert file.name == result.data["file"]
    found = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (found["To"], found["Subject"], found["X-Unsent"]) == ("bob@example.org", "Grüße", "1")
    assert found.get_content().replace("\r\n", "\n") == MAIL["body"]
    assert "not sent" in result.text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"to": []}, "no list of 1 to 20"),
        ({"to": ["bob"]}, "'bob' is no address"),
        ({"to": [5]}, "5 is no address"),
        ({"to": ["bob@example.org\nBcc: eve@x.org"]}, "is no address|domain"),
        ({"to": ["eve@evil.org"]}, "not of an allowed domain"),
        ({"subject": "a\nBcc: eve@x.org"}, "several lines"),
        ({"body": " "}, "body is no text"),
        ({"cc": "x"}, "no argument 'cc'"),
    ],
)
def test_wrong_arguments_are_named_and_nothing_is_written(tmp_path: Path, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ToolError, match=told):
        run(tmp_path, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="No such file"):
        run(tmp_path / "gone")
    with pytest.raises(ToolError, match="no folder that can be written to"):
        MailDraftTool("draft", MailDraftConfig(folder=tmp_path / "gone")).check()


def test_it_passes_the_conformance_kit(tmp_path: Path) -> None:
    registry = PluginRegistry()
    module = load_plugin(registry, "maildraft", "1.0", "plugins.maildraft", "register")
    (draft,) = registry.tool_kind("mail_draft").make("draft", {"folder": str(tmp_path)})
    registry.add_tool(draft)
    assert isinstance(draft, CheckedTool)
    assert draft.check() == f"{tmp_path} can be written to"
    target = replace(target_of("maildraft", module, registry), examples={"draft": MAIL})
    outcomes = list(run_checks(target, seconds=120))
    assert [(one.check, one.detail) for one in outcomes if one.state == "failed"] == []
    assert registry.tool("draft").writes
