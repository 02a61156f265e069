"""`search` and `ask` narrowed by options, and a search that explains itself."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run, assert_one_clear_line, json_of


def test_searches_narrowed_and_explained(assistant: Run, folder: Path) -> None:
    json_of(assistant("ingest", folder, "--source", "docs", "--json"))
    asked = ("search", "tickets certificates paid", "--json")
    found = json_of(assistant(*asked, "--type", "md", "--path", "hr", "--source", "docs", "--explain"))
    assert [hit["document"]["key"] for hit in found["hits"]] == ["hr/salary.md"]
    assert [stage["name"] for stage in found["trace"]["stages"]][:2] == ["embed", "search"]
    shown = assistant("search", "certificates", "--type", "txt", "--context", "200", "--explain")
    assert "vpn.txt" in shown.stdout
    assert "merge duplicates" in shown.stdout
    assert_one_clear_line(assistant(*asked, "--source", "nowhere"), "nowhere")
