"""Each route, tool and part of the house that could show a document is among the ways that people look on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assistant.api import create_api
from assistant.app import App
from tests.access.house import House, Queue, opened_house
from tests.access.looking import WAYS
from tests.access.mutations import LAYERED, MUTATIONS
from tests.access.no_ways import NO_DOCUMENTS, PARTS
from tests.access.paths import COVERS


@pytest.fixture(scope="module")
def house():
    with opened_house() as house:
        yield house


def _covered() -> set[str]:
    return {one for covers in COVERS.values() for one in covers} | NO_DOCUMENTS.keys()


def _unthought(there: set[str], kind: str) -> set[str]:
    return {one for one in _covered() if one.startswith(kind)} ^ there


def test_each_route_is_thought_of(house: House) -> None:
    paths = create_api(house.app, Queue()).openapi()["paths"]
    there = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    known = {one for one in _covered() if one.split(" ")[0] in {"GET", "POST", "PATCH", "PUT", "DELETE"}}
    assert there == known, "tests/access/no_ways.py has to say of each route what of documents it shows"
    assert len(there) > 60


def test_each_tool_of_the_mcp_server_is_thought_of(house: House) -> None:
    there = {f"mcp: {tool.name}" for tool in asyncio.run(house.server.list_tools())}
    assert not _unthought(there, "mcp: "), "tests/access/paths.py has to have a way for each"


def test_each_tool_of_the_assistant_is_thought_of(house: House) -> None:
    house.add_person("someone", "employee", [])
    there = {f"agent: {name}" for name in house.app.registry.tools_for(house.user("someone"))}
    assert "agent: find_clauses" in there
    assert not _unthought(there, "agent: "), "tests/access/paths.py has to have a way for each"


def test_each_part_of_the_house_is_thought_of(house: House) -> None:
    made = [name for kind in App.__mro__ if kind is not object for name in vars(kind)]
    there = {name for name in (*made, *vars(house.app)) if not name.startswith("_")}
    assert there == PARTS.keys(), "tests/access/no_ways.py has to say of each part what of documents it shows"


def test_what_is_not_thought_of_is_found() -> None:
    assert _unthought({"mcp: search", "mcp: read", "mcp: ask", "mcp: more"}, "mcp: ") == {"mcp: more"}


def test_the_page_names_each_way_and_each_planted_bug() -> None:
    page = (Path(__file__).parents[2] / "infra" / "docs" / "rights.md").read_text(encoding="utf-8")
    for way in WAYS:
        assert f"\n| `{way}` | " in page, f"infra/docs/rights.md does not name the way {way}"
    for mutation in (*MUTATIONS, *LAYERED):
        assert f"\n| {mutation.name} | " in page, f"infra/docs/rights.md does not name: {mutation.name}"
