"""Headings that a pack finds become part of the documents that an admin named, and of no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.catalog import PackRecord
from assistant.chunking import TokenChunker
from assistant.errors import DocumentUnreadableError, NotFoundError
from assistant.ingest.structuring import structured
from assistant.types import LOCAL_OPERATOR, Block, Document, DocumentRef, User
from tests.fakes.pack import Letters, Parts, add_letters
from tests.fakes.system import System

TEXT = "Dear Ann,\nPart 1. We agreed on apples.\nPart 2. We agreed on pears.\nYours, Bob"
WHERE = (("s", "letters/**"),)


def document(text: str = TEXT, *blocks: Block) -> Document:
    return Document(DocumentRef("s", "a", "1", "a", "", "text/plain"), text, blocks or (block("text", text, 0),))


def block(kind: Any, text: str, start: int, **more: Any) -> Block:
    return Block(kind, text, start, start + len(text), **more)


def shape(document: Document) -> list[tuple[str, str]]:
    assert all(document.text[one.start : one.end] == one.text for one in document.blocks)
    return [(one.kind, one.text) for one in document.blocks]


def test_headings_part_the_text_around_them() -> None:
    found = structured(document(), Parts())
    assert found.text == TEXT
    assert shape(found) == [
        ("text", "Dear Ann,"),
        ("heading", "Part 1."),
        ("text", "We agreed on apples."),
        ("heading", "Part 2."),
        ("text", "We agreed on pears.\nYours, Bob"),
    ]


def test_without_structure_or_without_headings_nothing_is_changed() -> None:
    assert structured(document(), None) == document()
    assert structured(document("Dear Ann."), Parts()) == document("Dear Ann.")


def test_what_lies_in_a_table_or_a_heading_is_left_as_it_is() -> None:
    text = "Part 1. apples\nPart 2. pears\nPart 3. plums"
    blocks = (block("heading", "Part 1. apples", 0, level=1), block("table", "Part 2. pears", 15))
    assert shape(structured(document(text, *blocks), Parts())) == [
        ("heading", "Part 1. apples"),
        ("table", "Part 2. pears"),
        ("heading", "Part 3."),
    ]


class Wrong(Parts):
    def __init__(self, *blocks: Block) -> None:
        super().__init__()
        self._blocks = blocks

    def headings(self, document: Document) -> tuple[Block, ...]:
        return self._blocks


@pytest.mark.parametrize(
    "blocks",
    [
        (block("text", "Dear", 0, level=1),),
        (block("heading", "Dear", 0),),
        (block("heading", "Ann", 0, level=1),),
        (block("heading", "Dear Ann", 0, level=1), block("heading", "Ann", 5, level=1)),
        (Block("heading", "", 3, 3, level=1),),
    ],
)
def test_what_is_no_heading_of_the_text_is_an_error_of_the_pack(blocks: tuple[Block, ...]) -> None:
    with pytest.raises(DocumentUnreadableError, match="parts found in a what is no heading"):
        structured(document(), Wrong(*blocks))


def test_chunks_stand_under_the_headings_that_their_line_goes_on_from() -> None:
    chunker = TokenChunker(lambda texts: [len(text.split()) for text in texts], 7, "words")
    chunks = chunker.chunk(structured(document(), Parts()))
    assert [(one.text, one.heading_path) for one in chunks] == [
        ("Dear Ann,", ()),
        ("Part 1. We agreed on apples.", ("Part 1.",)),
        ("Part 2. We agreed on pears.\nYours, Bob"[:27], ("Part 2.",)),
        ("Yours, Bob", ("Part 2.",)),
    ]


@pytest.fixture
def system(tmp_path: Path):
    system = System(tmp_path)
    add_letters(system.registry)
    system.registry.packs.open(system.catalog.packs.all, system.library, _takes)  # type: ignore[arg-type]
    system.source.texts = {"letters/a": TEXT, "other/a": TEXT}
    yield system
    system.close()


def _takes(glob: str, key: str) -> bool:
    return key.startswith(glob.removesuffix("**"))


def kinds(system: System, key: str) -> set[str]:
    return {one.kind for one in system.library.read("s", key, LOCAL_OPERATOR).blocks}


def give(system: System, where: tuple[tuple[str, str], ...]) -> None:
    system.catalog.packs.put(PackRecord("letters", frozenset({"group:post"}), where))
    system.registry.packs.forget()


def test_the_next_sync_makes_the_named_documents_anew_and_no_others(system: System) -> None:
    system.ingestor.sync("s", "test")
    assert kinds(system, "letters/a") == set()
    give(system, WHERE)
    report = system.ingestor.sync("s", "test")
    assert (report.updated, report.unchanged) == (1, 1)
    assert kinds(system, "letters/a") == {"heading"}
    assert kinds(system, "other/a") == set()
    assert system.ingestor.sync("s", "test").updated == 0
    system.registry.packs.all["letters"].structure.version = "2"  # type: ignore[misc, union-attr]
    assert system.ingestor.sync("s", "test").updated == 1
    give(system, ())
    assert system.ingestor.sync("s", "test").updated == 1
    assert kinds(system, "letters/a") == set()


def test_a_structure_that_fails_costs_its_document_and_not_the_run(tmp_path: Path) -> None:
    system = System(tmp_path)
    add_letters(system.registry, Letters(Wrong(block("heading", "Ann", 0, level=1))))
    system.registry.packs.open(system.catalog.packs.all, system.library, _takes)  # type: ignore[arg-type]
    system.source.texts = {"letters/a": TEXT, "other/a": TEXT}
    give(system, WHERE)
    report = system.ingestor.sync("s", "test")
    assert (report.added, report.failed) == (1, 1)
    assert "what is no heading" in report.failures[0].error
    with pytest.raises(NotFoundError):
        system.library.read("s", "letters/a", User("ann", frozenset({"everyone"})))
    system.close()
