"""The words that people read: counts that do not mislead, names on one line, failures that name a document once."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from assistant.cli.wording import counted, escaped, failure_line, outcome
from assistant.types import Failure
from assistant.wire import CountsJson
from tests.cli.conftest import Run, assert_one_clear_line, json_of


def counts(**amounts: int) -> CountsJson:
    none = dict.fromkeys(("seen", "added", "moved", "updated", "unchanged", "deleted", "failed"), 0)
    return CountsJson(**{**none, **amounts})


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({}, "0 documents listed"),
        ({"seen": 1, "added": 1}, "1 document listed: 1 added"),
        ({"seen": 3, "unchanged": 2, "failed": 1}, "3 documents listed: 2 unchanged, 1 failed"),
        ({"seen": 1, "added": 5, "failed": 1}, "1 document listed, 6 with those inside of them: 5 added, 1 failed"),
        ({"deleted": 4}, "0 documents listed: 4 deleted"),
        ({"seen": 2, "moved": 1, "unchanged": 1}, "2 documents listed: 1 moved, 1 unchanged"),
        ({"seen": 1200, "updated": 1200}, "1,200 documents listed: 1,200 updated"),
    ],
)
def test_what_is_listed_and_what_came_of_it_are_two_numbers(amounts: dict[str, int], words: str) -> None:
    assert outcome(counts(**amounts)) == words


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("a.txt: no text was found", "a.txt: no text was found"),
        ("a.txt is empty (remove it)", "a.txt is empty (remove it)"),
        ("no parser reads video/mp4 (a.txt) (see X)", "a.txt: no parser reads video/mp4 (see X)"),
        ("a.txtual problem", "a.txt: a.txtual problem"),
        ("ValueError: bad", "a.txt: ValueError: bad"),
    ],
)
def test_a_failure_names_its_document_once(error: str, line: str) -> None:
    assert failure_line(Failure("a.txt", error, retryable=False)) == line
    assert failure_line(Failure("a.txt", error, retryable=True)) == f"{line} (trying again may help)"


def test_names_stay_on_their_line() -> None:
    assert escaped("a\nb\tc\x1b[31m\u202etxt\udcff\u2028") == r"a\nb\tc\x1b[31m\u202etxt\udcff\u2028"
    assert escaped("Größe 日本 \xa0👍🏽 [b].md") == "Größe 日本 \xa0👍🏽 [b].md"
    assert failure_line(Failure("a\nb", "a\nb: broken", retryable=False)) == r"a\nb: broken"


def test_numbers_and_nouns() -> None:
    assert [counted(n, "password") for n in (0, 1, 2)] == ["0 passwords", "1 password", "2 passwords"]


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "new\nline.txt").write_text("A name with a newline.\n")
    (folder / "white.txt").write_text(" \n")
    (folder / "~$lock.docx").write_bytes(b"lock")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", "Words.")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("b.zip", inner.getvalue())
    return folder


def test_ingest_and_sync_say_the_same(assistant: Run, odd: Path) -> None:
    first = assistant("ingest", odd)
    assert first.stdout.startswith("odd: 3 documents listed, 5 with those inside of them: 4 added, 1 failed; 4 chunks")
    (failure,) = first.stderr.splitlines()
    assert failure.startswith("  failed: white.txt: ")
    assert failure.count("white.txt") == 1
    for command in (("ingest", odd), ("sources", "sync", "odd")):
        again = assistant(*command)
        assert again.stdout.startswith("odd: 3 documents listed, 5 with those inside of them: 4 unchanged, 1 failed; ")
        assert again.stderr == first.stderr
    assert "3 documents listed, 5 with" in assistant("runs", "list").stdout


def test_the_list_of_documents_has_a_line_each(assistant: Run, odd: Path) -> None:
    json_of(assistant("ingest", odd, "--json"))
    header, *lines = assistant("documents", "list").stdout.splitlines()
    assert header.split() == ["source", "key", "title", "type", "pages", "chunks"]
    assert [line.split()[1] for line in lines] == ["a.zip", "a.zip!/b.zip", "a.zip!/b.zip!/a.txt", r"new\nline.txt"]
    assert [line.split()[3] for line in lines] == ["zip", "zip", "txt", "txt"]
    listed = json_of(assistant("documents", "list", "--json"))["documents"]
    assert ("new\nline.txt", "text/plain") in {(document["key"], document["media_type"]) for document in listed}
    assert "new\\nline.txt (odd: new\\nline.txt)" in assistant("search", "newline").stdout
    assert_one_clear_line(assistant("documents", "text", "odd", "white.txt"), "could not be indexed", "white space")


def test_an_empty_home_says_where_to_begin(assistant: Run) -> None:
    for command in (("search", "x"), ("documents", "list"), ("sources", "list")):
        result = assistant(*command)
        assert result.returncode == 0
        assert "assistant ingest FOLDER" in result.stdout, command
    assert "assistant ingest FOLDER" in assistant("ask", "Who?").stderr
    assert assistant("runs", "list").stdout == "No runs yet.\n"
    assert json_of(assistant("documents", "list", "--json")) == {"documents": []}


def test_empty_arguments_are_refused(assistant: Run, odd: Path) -> None:
    for command in (("ingest", ""), ("ingest", " "), ("ingest", odd, "--readers", " , ")):
        assert assistant(*command, cwd=odd).returncode == 2, command
    assert_one_clear_line(assistant("search", " "), "the query is empty")
    assert_one_clear_line(assistant("ingest", odd, "--source", ""), "name of a source")
    config = f'{{"path": "{odd}"}}'
    added = assistant("sources", "add", "folder", "--name", "n", "--config", config, "--readers", "")
    assert added.returncode == 2
    assert json_of(assistant("sources", "list", "--json"))["sources"] == []


def test_a_file_instead_of_a_folder(assistant: Run, odd: Path) -> None:
    assert_one_clear_line(assistant("ingest", odd / "white.txt"), "white.txt is not a folder", "the folder that holds")


def test_passwords_are_counted_and_replaced(assistant: Run, odd: Path, tmp_path: Path) -> None:
    json_of(assistant("ingest", odd, "--json"))
    file = tmp_path / "passwords"
    for text, words in (("one\n", "1 password now"), ("one\ntwo\n", "2 passwords now"), ("", "no passwords any more")):
        file.write_text(text)
        said = assistant("sources", "passwords", "odd", file).stdout
        assert words in said
        assert ("in place of what it had" in said) == bool(text)
