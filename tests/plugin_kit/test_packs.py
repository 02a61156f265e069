"""Packs in the conformance kit: a good one passes, and each broken one fails the check that is meant for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from assistant.errors import NotFoundError
from assistant.plugin_kit import load_target, run_checks, target_of
from assistant.plugin_kit.documents import SOURCE, STRANGER, SceneDocuments
from assistant.registry import PluginRegistry
from assistant.types import LOCAL_OPERATOR, Filters, Manifest, Passage, ToolResult, User
from tests.fakes.pack import Letter, Letters

TEXTS = {"a": "Dear Ann, the apples have arrived.\nYours", "b": "Dear Bob"}


class Reading(Letter):
    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        if not isinstance(arguments.get("key"), str):
            return super().run({"key": "none"}, user)
        found = self._documents.page(user)
        return ToolResult("\n".join(self._documents.read(SOURCE, one.ref.key, user).text for one in found) or "nothing")


class Leaking(Reading):
    """Reads as somebody else than the one who asks."""

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        return super().run(arguments, LOCAL_OPERATOR)


class Citing(Reading):
    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        document = self._documents.read(SOURCE, "b", LOCAL_OPERATOR)
        return ToolResult("something", passages=(Passage.of(document, 0, 4),))


def outcomes(pack: Letters) -> dict[str, tuple[str, str]]:
    module = ModuleType("letters_plugin")
    manifest = Manifest("letters", "1", description="Letters.")
    vars(module).update(
        register=lambda registry: registry.add_pack(pack),
        MANIFEST=manifest,
        DOCUMENTS=TEXTS,
        EXAMPLES={"letter": {"key": "a"}},
    )
    registry = PluginRegistry()
    registry.begin(manifest)
    module.register(registry)
    registry.end()
    return {
        one.check: (one.state, one.detail) for one in run_checks(target_of("letters", module, registry), seconds=120)
    }


def pack(tool: type[Letter] = Reading, **changes: Any) -> Letters:
    made = Letters()
    vars(made).update(tools=lambda documents: (tool(documents),), **changes)
    return made


def test_a_good_pack_fails_nothing_that_is_meant_for_packs() -> None:
    found = outcomes(pack())
    assert found["packs_say_what_they_add"] == ("passed", "")
    assert found["tool_tells_nothing_that_may_not_be_read"] == ("passed", "")
    assert found["tool_returns_a_result"] == ("passed", "")


@pytest.mark.parametrize(("tool", "told"), [(Leaking, "Dear Ann, the apples"), (Citing, "returned passages")])
def test_a_tool_that_does_not_keep_to_rights_is_caught(tool: type[Letter], told: str) -> None:
    state, detail = outcomes(pack(tool))["tool_tells_nothing_that_may_not_be_read"]
    assert (state, told in detail) == ("failed", True), detail


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"description": " "}, "no description"),
        ({"prompt": "x" * 2001}, "2,001 characters"),
        ({"evaluation": Path("/nowhere")}, "no documents"),
    ],
)
def test_a_pack_that_says_too_little_or_too_much_is_caught(changes: dict[str, Any], told: str) -> None:
    state, detail = outcomes(pack(**changes))["packs_say_what_they_add"]
    assert (state, told in detail) == ("failed", True), detail


@pytest.mark.parametrize("cases", ["", "{", '{"question": ""}\n', "[1]\n", None])
def test_questions_that_are_none_are_caught(tmp_path: Path, cases: str | None) -> None:
    (tmp_path / "documents").mkdir()
    if cases is not None:
        (tmp_path / "cases.jsonl").write_text(cases)
    state, _ = outcomes(pack(evaluation=tmp_path))["packs_say_what_they_add"]
    assert state == "failed"


def test_the_documents_of_a_scene_are_for_everybody_but_the_stranger() -> None:
    documents = SceneDocuments(TEXTS)
    ann = User("ann", frozenset({"everyone"}))
    assert [one.ref.key for one in documents.page(ann)] == ["a", "b"]
    assert [one.ref.key for one in documents.page(ann, [SOURCE], 1, 1)] == ["b"]
    assert list(documents.page(ann, ["other"])) == []
    assert [one.ref.key for one in documents.search("apples", ann, 5, Filters())] == ["a"]
    assert list(documents.page(STRANGER)) == []
    with pytest.raises(NotFoundError):
        documents.read(SOURCE, "a", STRANGER)


def test_the_pack_of_the_docs_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "infra" / "docs" / "packs.md").read_text(encoding="utf-8")
    code = page.split("<!-- example: pack -->\n```python\n")[1].split("```")[0]
    more = 'DOCUMENTS = {"a": "A hotel in Rome costs up to 140 euros."}\nEXAMPLES = {"hotels": {"city": "Rome"}}\n'
    (tmp_path / "travel.py").write_text(code + more, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    target = load_target(str(tmp_path / "travel.py"))
    found = list(run_checks(target, seconds=120))
    assert [one for one in found if one.state != "passed"] == []
    result = target.tools[0].run({"city": "Rome"}, LOCAL_OPERATOR)
    assert (result.text, len(result.passages)) == ("A hotel in Rome costs up to 140 euros.", 1)
