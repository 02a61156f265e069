"""Rules that give documents their readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.access import ReadersRule, load_readers, parse_readers
from assistant.errors import ConfigurationError
from assistant.types import Access
from assistant.types.readers import glob_pattern


@pytest.mark.parametrize(
    "rule",
    [
        {"default": ["everyone", "-temps"]},
        {"default": [], "rules": [{"glob": "**", "readers": ["everyone", "- temps"]}]},
        {"default": [], "rules": [{"glob": "**", "readers": ["everyone"], "deny": ["temps"]}]},
    ],
)
def test_a_name_behind_a_minus_is_denied_wherever_it_stands(rule: dict[str, object]) -> None:
    access = parse_readers(rule, "the rule").access("a.md")
    assert access == Access(frozenset({"group:everyone"}), frozenset({"group:temps"}))


@pytest.mark.parametrize(
    ("glob", "key", "matches"),
    [
        ("hr/**", "hr/salary.md", True),
        ("hr/**", "hr/deep/er/salary.md", True),
        ("hr/**", "hrx/salary.md", False),
        ("pages/hr/**", "hr/salary.md", False),
        ("**/hr/**", "hr/a.md", True),
        ("**/hr/**", "x/y/hr/a.md", True),
        ("**/*.md", "a.md", True),
        ("**/*.md", "a/b/c.md", True),
        ("*.md", "a/b.md", False),
        ("*.md", "a.md", True),
        ("a/**/b.md", "a/b.md", True),
        ("a/**/b.md", "a/x/y/b.md", True),
        ("a?.md", "ab.md", True),
        ("a?.md", "a/.md", False),
        ("[ab].md", "b.md", True),
        ("[!ab].md", "b.md", False),
        ("[a-c].md", "b.md", True),
        ("a.md", "aXmd", False),
        ("a+b(1).md", "a+b(1).md", True),
        ("**", "any/thing", True),
        ("a.zip!/**", "a.zip!/b.txt", True),
    ],
)
def test_globs(glob: str, key: str, matches: bool) -> None:
    assert bool(glob_pattern(glob).fullmatch(key)) is matches


def test_the_last_matching_rule_wins() -> None:
    rule = parse_readers(
        {
            "default": ["everyone"],
            "rules": [
                {"glob": "hr/**", "readers": ["hr"]},
                {"glob": "hr/public/**", "readers": ["everyone", "user:7"], "deny": ["guests"]},
            ],
        },
        "test",
    )
    assert rule.access("a.md") == Access(frozenset({"group:everyone"}))
    assert rule.access("hr/a.md") == Access(frozenset({"group:hr"}))
    wanted = Access(frozenset({"group:everyone", "user:7"}), frozenset({"group:guests"}))
    assert rule.access("hr/public/a.md") == wanted


def test_without_a_rule_everyone_reads() -> None:
    assert ReadersRule().access("a") == Access(frozenset({"group:everyone"}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (json.dumps({"rules": [{"glob": "x"}]}), r"rules\.0\.readers"),
        (json.dumps({"rule": []}), "rule"),
        (json.dumps({"default": "everyone"}), "default"),
        (json.dumps({"rules": [{"glob": "[z-a]", "readers": []}]}), r"rules\.0\.glob.*not a glob"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_field(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "acl.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=reason) as caught:
        load_readers(path)
    assert "acl.json" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.json"):
        load_readers(tmp_path / "nowhere.json")
