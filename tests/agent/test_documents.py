"""The assistant's own tools: what they find, for whom, and how it is cited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.agent import ReadTool, SearchTool
from assistant.errors import IndexUnavailableError, ToolError
from assistant.types import LOCAL_OPERATOR, User
from tests.fakes.system import System

STAFF = User("s", frozenset({"everyone"}))
LONG = "".join(f"line {n} on pumps\n" for n in range(2000))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    rules = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}
    system = System(tmp_path, readers=rules)
    system.source.texts = {"a": "the pump leaks\nthe valve holds", "hr/b": "the pump of the board", "long": LONG}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


def search(system: System, user: User = STAFF, **arguments: Any):
    return SearchTool(lambda: system.retriever).run(arguments, user)


def read(system: System, user: User = STAFF, **arguments: Any):
    return ReadTool(lambda: system.library).run(arguments, user)


def test_search_returns_passages_that_stand_where_they_say(system: System) -> None:
    result = search(system, query="pump leaks", limit=2)
    first = result.passages[0]
    assert first.ref.key == "a"
    assert system.library.read("s", "a", STAFF).text[first.start : first.end] == first.text == "the pump leaks"
    assert result.text.startswith("[1] a (source s, key a, characters 0 to 14)\nthe pump leaks")
    assert result.data["passages"][0]["document"]["key"] == "a"
    assert len(result.passages) == len(result.data["passages"]) == 2


def test_search_finds_for_the_user_only(system: System) -> None:
    assert "hr/b" in {one.ref.key for one in search(system, LOCAL_OPERATOR, query="pump of the board").passages}
    assert "hr/b" not in {one.ref.key for one in search(system, query="pump of the board").passages}
    assert search(system, User("nobody"), query="pump").passages == ()


def test_search_is_narrowed(system: System) -> None:
    assert {one.ref.key for one in search(system, LOCAL_OPERATOR, query="pump", folder="hr").passages} == {"hr/b"}
    assert search(system, query="pump", source="other").text.startswith("Nothing was found")


def test_reading_goes_on_until_the_end(system: System) -> None:
    texts, start = [], 0
    while start is not None:
        result = read(system, source="s", key="long", start=start, length=9000)
        (passage,) = result.passages
        texts.append(passage.text)
        assert f"of {len(LONG):,}" in result.text
        start = result.data["next"]
    assert "".join(texts) == LONG
    assert len(texts) == -(-len(LONG) // 9000)


def test_what_may_not_be_read_is_not_there(system: System) -> None:
    assert "board" in read(system, LOCAL_OPERATOR, source="s", key="hr/b").text
    with pytest.raises(ToolError, match="no document 'hr/b'"):
        read(system, source="s", key="hr/b")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "source is no text"),
        ({"source": "s", "key": "a", "start": 100}, "has 30 characters"),
        ({"source": "s", "key": "a", "start": -1}, "start is no whole number of 0 or more"),
        ({"source": "s", "key": "a", "page": 1}, "no page 1"),
        ({"source": "s", "key": "a", "page": 1, "start": 2}, "both"),
        ({"source": "s", "key": "a", "length": 0}, "length is no whole number of 1 to"),
        ({"source": "s", "key": "a", "pages": 1}, "no argument 'pages'"),
    ],
)
def test_wrong_arguments_of_reading_are_named(system: System, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ToolError, match=told):
        read(system, **arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"query": " "}, "query is no text"),
        ({"query": "pump", "limit": 100}, "limit is no whole number of 1 to 20"),
        ({"query": "pump", "modified_from": "yesterday"}, "no date"),
    ],
)
def test_wrong_arguments_of_a_search_are_named(system: System, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ToolError, match=told):
        search(system, **arguments)


def test_an_index_that_is_away_is_told_to_the_model(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise IndexUnavailableError("the index is away", "start it")

    monkeypatch.setattr(system.retriever, "search", away)
    with pytest.raises(ToolError, match=r"the index is away \(start it\)"):
        search(system, query="pump")
