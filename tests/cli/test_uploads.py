"""Uploads by command, on a home of their own with the real engine and model."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run, assert_one_clear_line, json_of


def test_from_upload_to_removal(assistant: Run, tmp_path: Path, assistant_home: Path) -> None:
    lunch, empty = tmp_path / "lunch.md", tmp_path / "empty.txt"
    lunch.write_text("# Canteen\n\nThe canteen serves lunch from 11:45 to 14:15.\n")
    empty.touch()
    added = json_of(assistant("uploads", "add", lunch, empty, tmp_path / "none.txt", "--json"))
    (upload,) = added["uploads"]
    assert (upload["key"], upload["state"], upload["readers"]) == ("lunch.md", "indexed", [])
    assert [each["code"] for each in added["refused"]] == ["EmptyDocumentError", "DocumentUnreadableError"]
    assert added["seconds"] > 0

    def found(*groups: str) -> list[str]:
        hits = json_of(assistant("search", "When does the canteen serve lunch?", *groups, "--json"))["hits"]
        return [hit["document"]["key"] for hit in hits]

    assert found() == ["lunch.md"]
    assert found("--groups", "hr") == []
    shared = json_of(assistant("uploads", "share", "lunch.md", "--readers", "hr", "--json"))
    assert shared["readers"] == ["hr"]
    assert found("--groups", "hr") == ["lunch.md"]
    lunch.write_text("# Canteen\n\nThe canteen is closed.\n")
    again = assistant("uploads", "add", lunch)
    assert "lunch.md is indexed, in place of the one before" in again.stdout
    listed = json_of(assistant("uploads", "list", "--json"))["uploads"]
    assert [(each["key"], each["readers"], each["state"]) for each in listed] == [("lunch.md", ["hr"], "indexed")]
    assert "you alone" in assistant("uploads", "share", "lunch.md", "--private").stdout
    assert found("--groups", "hr") == []
    assert json_of(assistant("uploads", "remove", "lunch.md", "--json")) == {"removed": "lunch.md"}
    assert found() == []
    assert [path for path in (assistant_home / "blobs").rglob("*") if path.is_file()] == []
    assert "No uploads yet" in assistant("uploads", "list").stdout


def test_what_is_wrong(assistant: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    refused = assistant("uploads", "add", tmp_path / "empty.txt", tmp_path)
    assert refused.returncode == 1
    lines = refused.stderr.strip().splitlines()
    assert "refused: empty.txt is empty" in lines[0]
    assert "it is not a regular file" in lines[1]
    assert lines[-1].startswith("error: none of 2 files could be indexed")
    assert_one_clear_line(assistant("uploads", "remove", "none.txt"), "none.txt")
    assert assistant("uploads", "share", "none.txt").returncode == 2
    assert assistant("uploads", "share", "none.txt", "--readers", "hr", "--private").returncode == 2
