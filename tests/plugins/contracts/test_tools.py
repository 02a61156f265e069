"""The tools of the pack: what they return, for whom, and what they refuse."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from assistant.errors import ToolError
from assistant.evaluation.cases import load_cases
from assistant.plugin_kit import PluginSuite
from assistant.plugin_kit.documents import STRANGER, SceneDocuments
from assistant.types import LOCAL_OPERATOR, ToolResult, document_id
from plugins.contracts import Contracts
from plugins.contracts.kinds import KINDS
from tests.plugins.contracts.texts import FOLDER

TEXTS = {path.name: path.read_text(encoding="utf-8") for path in (FOLDER / "documents").iterdir()}
OLD, NEW = ({"source": "conformance", "key": f"hosting-{year}.md"} for year in (2025, 2027))


class TestPack(PluginSuite):
    plugin = "contracts"
    seconds = 120.0  # the machine may have other work


def call(name: str, texts: dict[str, str] = TEXTS, user: Any = LOCAL_OPERATOR, **arguments: Any) -> ToolResult:
    tools = {tool.name: tool for tool in Contracts().tools(SceneDocuments(texts))}
    result = tools[name].run(arguments, user)
    assert all(texts[one.ref.key][one.start : one.end] == one.text for one in result.passages)
    return result


@pytest.mark.parametrize(
    ("kind", "key", "numbers"),
    [
        ("termination", "hosting-2025.md", ["3"]),
        ("liability", "hosting-2025.md", ["4"]),
        ("payment", "hosting-2025.md", ["2"]),
        ("confidentiality", "hosting-2025.md", ["5"]),
        ("governing_law", "hosting-2025.md", ["6"]),
        ("disputes", "hosting-2025.md", ["6"]),
        ("data_protection", "hosting-2027.md", ["6"]),
        ("termination", "wartungsvertrag.md", ["§ 5"]),
        ("renewal", "wartungsvertrag.md", ["§ 5"]),
        ("governing_law", "wartungsvertrag.md", ["§ 7 (2)"]),
        ("notices", "wartungsvertrag.md", ["§ 7 (1)"]),
        ("indemnity", "wartungsvertrag.md", []),
    ],
)
def test_clauses_of_a_kind(kind: str, key: str, numbers: list[str]) -> None:
    result = call("find_clauses", kind=kind, document={"source": "conformance", "key": key})
    found = [clause["number"] for clause in result.data["clauses"]]
    assert [number for number in found if number in numbers] == numbers
    assert len(found) <= len(numbers) + 1
    assert len(result.passages) == len(found)


def test_clauses_by_words_in_a_source_or_where_a_search_finds_them() -> None:
    named = call("find_clauses", words="insolvent", source="conformance")
    assert [one["number"] for one in named.data["clauses"]] == ["3.2(b)", "3.2(b)"]
    assert "(2025" not in named.text
    found = call("find_clauses", words="Leeds", folder="x")
    assert {one["document"]["key"] for one in found.data["clauses"]} == {"hosting-2025.md", "hosting-2027.md"}
    assert "not all" in found.text
    assert "2 more clauses" in call("find_clauses", kind="payment", source="conformance", limit=1).text


def test_duties_as_a_table_that_sorts() -> None:
    result = call("obligations", document=OLD, sort="due", only_due=True)
    due = [row[3] for row in result.data["rows"]]
    assert due[:3] == ["2025-03-01", "2025-04-01", "2027-03-31"]
    assert due.index("30 days") < due.index("90 days") < due.index("12 months")
    assert result.data["places"][0]["date"] == "2025-03-01"
    assert result.text.startswith("| kind | party | what |")
    only = call("obligations", document=OLD, party="supplier", kind="duty")
    assert {row[1] for row in only.data["rows"]} == {"Supplier"}


def test_a_table_for_spreadsheets_holds_no_formula() -> None:
    texts = {"a.txt": "=cmd The Supplier shall pay within 3 days.\n\n1. Term | End\nThe Customer shall go."}
    result = call("obligations", texts, document={"source": "conformance", "key": "a.txt"}, format="csv")
    header, first, second = csv.reader(io.StringIO(result.text))
    assert header[:3] == ["kind", "party", "what"]
    assert first[2] == "'=cmd The Supplier shall pay within 3 days."
    assert (second[1], second[4]) == ("Customer", "1 Term | End")
    assert "Term \\| End" in call("obligations", texts, source="conformance").text


def test_two_versions() -> None:
    result = call("compare_versions", old=OLD, new=NEW)
    assert result.data["counts"]["added"] == 1
    assert "[-250,000-] {+400,000+}" in result.text
    row = next(one for one in result.data["changes"] if one["state"] == "removed")
    assert (row["old"]["clause"], row["new"]) == ("2.3", None)
    assert "more changes" in call("compare_versions", old=OLD, new=NEW, limit=2).text
    same = call(
        "compare_versions", {**TEXTS, "copy.md": TEXTS["hosting-2025.md"]}, old=OLD, new=OLD | {"key": "copy.md"}
    )
    told_of = {document_id("conformance", key) for key in ("hosting-2025.md", "copy.md")}
    assert (same.data["all"], same.passages, set(same.documents)) == (0, (), told_of)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("find_clauses", {}),
        ("find_clauses", {"kind": "love"}),
        ("find_clauses", {"words": "x" * 501}),
        ("find_clauses", {"kind": "payment", "limit": 0}),
        ("find_clauses", {"kind": "payment", "document": {"source": "conformance"}}),
        ("find_clauses", {"kind": "payment", "document": {"source": "conformance", "key": "none"}}),
        ("obligations", {"sort": "size"}),
        ("obligations", {"only_due": "yes"}),
        ("obligations", {"colour": "red"}),
        ("compare_versions", {"old": OLD}),
        ("compare_versions", {"old": OLD, "new": "x"}),
    ],
)
def test_what_is_wrong_is_told(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ToolError):
        call(name, **arguments)


def test_who_may_read_nothing_is_told_nothing() -> None:
    assert call("find_clauses", user=STRANGER, kind="payment", source="conformance").data["clauses"] == []
    assert call("obligations", user=STRANGER, source="conformance").data["rows"] == []
    with pytest.raises(ToolError, match="that you may read"):
        call("compare_versions", user=STRANGER, old=OLD, new=NEW)


def test_the_questions_are_about_what_stands_in_the_documents() -> None:
    cases = load_cases(FOLDER / "cases.jsonl")
    assert len(cases) >= 10
    assert any(not case.answerable for case in cases)
    for case in cases:
        for quote in case.quotes:
            assert all(quote.text in TEXTS[name] for name in case.documents), case.name


def test_every_kind_has_a_word_to_search_for() -> None:
    assert all(kind.search.strip() for kind in KINDS.values())
