"""Packs in the whole: their tools and prompts for those who have them, as long as they do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import build
from assistant.app.plugging import PackDocuments
from assistant.catalog import PackRecord
from assistant.errors import NotFoundError, PluginError, ToolError
from assistant.plugin_host import PackUse
from assistant.registry import PluginRegistry
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, Access, Filters, User
from tests.fakes.pack import PROMPT, Letter, add_letters
from tests.fakes.system import System

POST, SALES = User("ann", frozenset({"everyone", "post"})), User("bob", frozenset({"everyone", "sales"}))
SECRET = User("eve", frozenset({"post"}))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    add_letters(system.registry)
    documents = PackDocuments(lambda: system.retriever, lambda: system.library)
    system.registry.packs.open(system.catalog.packs.all, documents, lambda _, __: False)
    system.source.texts = {"a": "Dear Ann,\nhello.", "b": "Dear Bob,\nhello."}
    system.source.access = {"b": Access(frozenset({"group:sales"}))}
    system.ingestor.sync("s", "test")
    system.catalog.packs.put(PackRecord("letters", frozenset({"group:post"})))
    yield system
    system.close()


def test_those_of_the_group_have_tool_and_prompt_and_others_neither(system: System) -> None:
    assert list(system.registry.tools) == ["letter"], "somebody has it"
    assert list(system.registry.tools_for(POST)) == ["letter"]
    assert system.registry.tools_for(SALES) == {}
    assert (system.registry.packs.prompt(POST), system.registry.packs.prompt(SALES)) == (PROMPT, "")
    assert list(system.registry.tools_for(LOCAL_OPERATOR)) == ["letter"]


def test_its_tools_read_with_the_rights_of_the_person_alone(system: System) -> None:
    tool = system.registry.tools_for(POST)["letter"]
    result = tool.run({"key": "a"}, POST)
    assert (result.text, result.passages[0].end) == ("Dear Ann,", 9)
    with pytest.raises(NotFoundError):
        tool.run({"key": "b"}, POST)
    with pytest.raises(NotFoundError):
        tool.run({"key": "a"}, SECRET)


def test_a_tool_that_somebody_still_holds_does_nothing_once_the_pack_is_taken_away(system: System) -> None:
    tool = system.registry.tools_for(POST)["letter"]
    with pytest.raises(ToolError, match="no tool 'letter' for this user"):
        tool.run({"key": "b"}, SALES)
    system.catalog.packs.remove("letters")
    with pytest.raises(ToolError, match="no tool 'letter' for this user"):
        tool.run({"key": "a"}, POST)
    assert system.registry.tools == {}
    assert system.registry.tools_for(POST) == {}
    assert system.registry.packs.prompt(POST) == ""


def test_what_a_pack_is_given_lists_reads_and_searches_as_the_library_does(system: System) -> None:
    documents = PackDocuments(lambda: system.retriever, lambda: system.library)
    assert [one.ref.key for one in documents.page(POST)] == ["a"]
    assert [one.ref.key for one in documents.page(SALES, ["s"], 1, 1)] == ["b"]
    assert {one.ref.key for one in documents.search("dear", POST, 5, Filters())} == {"a"}
    assert documents.read("s", "b", SALES).text.startswith("Dear Bob")


def test_names_that_are_taken_are_refused(system: System) -> None:
    with pytest.raises(PluginError, match="two tools are called 'letter'"):
        system.registry.add_tool(Letter(PackDocuments(lambda: system.retriever, lambda: system.library)))
    with pytest.raises(PluginError, match="offers the pack 'letters'"):
        add_letters_as(system.registry, "others")


def add_letters_as(registry: PluginRegistry, name: str) -> None:
    registry._loading = name
    try:
        registry.add_pack(registry.packs.all["letters"])
    finally:
        registry.end()


def test_before_there_are_documents_a_tool_says_so() -> None:
    registry = PluginRegistry()
    add_letters(registry)
    registry.packs._records = lambda: {"letters": PackRecord("letters", frozenset({"group:post"}))}
    with pytest.raises(PluginError, match="cannot be read here"):
        registry.tools_for(POST)["letter"].run({"key": "a"}, POST)


def test_the_contracts_are_wired_and_off(tmp_path: Path) -> None:
    with build(load_settings(home=tmp_path)) as app:
        assert app.registry.packs.of(LOCAL_OPERATOR) == []
        app.plugins.enable("contracts", PackUse(frozenset({"group:legal"})))
        legal = User("ann", frozenset({"legal"}))
        assert {"find_clauses", "obligations", "compare_versions", "search"} <= set(app.registry.tools_for(legal))
        assert "clause" in app.registry.packs.prompt(legal)
        assert app.registry.packs.prompt(POST) == ""
        listed = app.registry.tools_for(legal)["obligations"].run({"source": "nowhere"}, legal)
        assert "No duty" in listed.text
