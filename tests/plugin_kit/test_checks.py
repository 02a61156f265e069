"""Good plugins pass the conformance kit, and each broken one fails the check that is meant for it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from assistant.errors import EmptyDocumentError
from assistant.plugin_kit import CHECKS, Outcome, Target, load_target, run_checks, target_of
from assistant.registry import PluginRegistry
from assistant.types import Block, Document, Manifest, Permissions, ToolResult
from plugins.calculator import Calculator
from tests.plugin_kit.broken import BROKEN, Hanging
from tests.plugin_kit.wiki import Config, Source, scenes

WIKI = Manifest("wiki", "1", description="A wiki.", permissions=Permissions(("wiki",), (), ("token",)))


def target(manifest: Manifest | None = WIKI, *, sources: Any = None, **offers: Any) -> Target:
    module = ModuleType("wiki_plugin")

    def register(registry: Any) -> None:
        for kind, config in (sources or {}).items():
            registry.add_source(kind, config, lambda _: None)
        for tool in offers.get("tools", ()):
            registry._tools[tool.name] = tool  # the registry would refuse what the kit is to find
        for parser in offers.get("parsers", ()):
            registry.add_parser(parser)
        for processor in offers.get("processors", ()):
            registry.add_post_processor(processor)

    vars(module).update(register=register, MANIFEST=manifest, **offers.get("module", {}))
    registry = PluginRegistry()
    if manifest is not None:
        registry.begin(manifest)
    register(registry)
    return target_of("wiki", module, registry)


def failed(outcomes: list[Outcome]) -> dict[str, str]:
    return {outcome.check: outcome.detail for outcome in outcomes if outcome.state == "failed"}


def test_there_are_enough_checks():
    assert len(CHECKS) >= 40
    assert all(check.about for check in CHECKS.values())


def test_a_good_source_passes_everything_and_nothing_is_left_out():
    outcomes = list(run_checks(target(sources={"wiki": Config}), scenes(Source), seconds=120))
    assert failed(outcomes) == {}
    assert [one for one in outcomes if one.state == "left out"] == []
    assert len(outcomes) >= 55


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_source_fails_the_check_that_is_meant(broken: type[Source], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WIKI_LAST", "")
    intended = BROKEN[broken]
    only = {name: check for name, check in CHECKS.items() if name == intended}
    monkeypatch.setattr("assistant.plugin_kit.runner.CHECKS", only)
    seconds = 3 if broken is Hanging else 120  # no other is to fail because the machine has other work
    [outcome] = run_checks(target(sources={"wiki": Config}), scenes(broken), seconds=seconds)
    assert (outcome.check, outcome.state) == (intended, "failed"), outcome
    assert "tok-77c1e0ab" not in outcome.detail
    if broken.__name__ == "Chatty":
        assert outcome.detail == "it logged the secret of its configuration"
    if broken is Hanging:
        assert "did not end within 3 seconds" in outcome.detail


@pytest.mark.parametrize("name", ["folder", "calculator", "dates", "contracts", "parsers"])
def test_the_built_in_ones_pass(name: str):
    outcomes = list(run_checks(load_target(name), seconds=120))
    assert failed(outcomes) == {}
    if name == "parsers":
        assert len(outcomes) > 80
        return
    tried = {one.check for one in outcomes if one.state == "passed"}
    assert len(tried) >= (45 if name == "folder" else 17)


class PlainToken(BaseModel):
    api_token: str


class Tool(Calculator):
    def __init__(self, **changes: Any) -> None:
        vars(self).update(changes)


class Crashing(Tool):
    def run(self, arguments, user):
        return ToolResult(str(arguments["expression"].upper()))


class Mutating(Calculator):
    def run(self, arguments, user):
        arguments["expression"] = "2"
        return super().run(arguments, user)


class Textual(Calculator):
    def run(self, arguments, user):
        return super().run(arguments, user).text


class Racing(Calculator):
    calls = 0

    def run(self, arguments, user):
        self.calls += 1
        return ToolResult(str(self.calls))


class Greedy:
    name, version = "greedy", "1"

    def accepts(self, ref):
        return True

    def parse(self, ref, data):
        text = data.decode()
        if not text and self.name == "greedy":
            raise EmptyDocumentError("empty")
        return Document(ref, text, blocks=(Block("text", text, 0, len(text)),))


class Hollow(Greedy):
    name = "hollow"


class Unmarking:
    name = "unmarking"

    def process(self, question, text, user):
        return text.replace("[2]", "")


class Picky(Unmarking):
    def process(self, question, text, user):
        return text if text else None


CALC = {"EXAMPLES": {"calculator": {"expression": "1"}}}


@pytest.mark.parametrize(
    ("broken", "intended"),
    [
        ({"manifest": None, "tools": [Calculator()]}, "manifest_is_there"),
        ({"manifest": Manifest("wiki", "1"), "tools": [Calculator()]}, "manifest_is_there"),
        ({"manifest": Manifest("wiki", "1", 99, "d"), "tools": [Calculator()]}, "manifest_is_for_this_interface"),
        ({}, "something_is_offered"),
        ({"sources": {"w": PlainToken}}, "configurations_are_described"),
        ({"sources": {"w": PlainToken}}, "configurations_refuse_unknown_fields"),
        ({"sources": {"w": PlainToken}}, "secrets_are_declared_as_secrets"),
        ({"manifest": Manifest("wiki", "1"), "sources": {"w": Config}}, "secrets_are_in_the_manifest"),
        ({"tools": [Tool(writes=True)]}, "writing_is_in_the_manifest"),
        ({"tools": [Calculator()], "module": {"health": lambda: 1 / 0}}, "health_is_a_line"),
        ({"tools": [Tool(name="Bad Name")]}, "tool_can_be_offered"),
        ({"tools": [Tool(description="")]}, "tool_can_be_offered"),
        ({"tools": [Tool(parameters={"type": "object", "properties": {"a": {}}})]}, "tool_describes_its_arguments"),
        ({"tools": [Crashing()]}, "tool_refuses_missing_arguments"),
        ({"tools": [Crashing()], "module": CALC}, "tool_refuses_wrong_arguments"),
        ({"tools": [Textual()], "module": CALC}, "tool_returns_a_result"),
        ({"tools": [Mutating()], "module": CALC}, "tool_leaves_its_arguments_alone"),
        ({"tools": [Racing()], "module": CALC}, "tool_works_in_threads"),
        ({"parsers": [Greedy()]}, "parser_is_choosy"),
        ({"parsers": [Greedy()]}, "parser_survives_rubbish"),
        ({"parsers": [Hollow()]}, "parser_names_empty_documents"),
        ({"processors": [Unmarking()]}, "post_processor_keeps_the_marks"),
        ({"processors": [Picky()]}, "post_processor_takes_any_text"),
    ],
)
def test_what_is_offered_wrongly_fails_the_check_that_is_meant(broken: dict[str, Any], intended: str):
    assert intended in failed(list(run_checks(target(**broken), {}, seconds=120)))


def test_what_a_scene_cannot_do_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch):
    from tests.plugin_kit.wiki import Scene

    monkeypatch.delattr(Scene, "throttle")
    monkeypatch.delattr(Scene, "secret")
    outcomes = list(run_checks(target(sources={"wiki": Config}), scenes(Source), seconds=120))
    left = {one.check: one.detail for one in outcomes if one.state == "left out"}
    assert left["too_many_requests_are_waited_out"] == "its scene has no throttle"
    assert left["secrets_are_in_no_error"] == "its scene has no secret"


def test_the_kit_needs_nothing_that_only_tests_have():
    import subprocess

    code = "import assistant.plugin_kit, sys\nprint('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_path_without_a_plugin(tmp_path: Path):
    from assistant.errors import NotFoundError

    with pytest.raises(NotFoundError, match="holds 0 packages"):
        load_target(str(tmp_path))
    with pytest.raises(NotFoundError, match="no plugin and no path"):
        load_target("nobody")
