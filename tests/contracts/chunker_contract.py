"""What every chunker must do; a suite for one chunker derives from it and overrides the fixtures."""

from __future__ import annotations

import pytest

from assistant.interfaces import Chunker
from assistant.types import Block, Document, DocumentRef, Page, document_id


def make_document(text: str, blocks: tuple[Block, ...] = (), pages: tuple[Page, ...] = ()) -> Document:
    """Return a document with this text."""
    return Document(DocumentRef("files", "a.md", "v1", "A", "", "text/markdown"), text, blocks, pages)


def check_chunks(document: Document, chunker: Chunker) -> None:
    """Assert that the chunks are exact, in order and complete."""
    chunks = chunker.chunk(document)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    covered = 0
    for chunk in chunks:
        assert chunk.document_id == document_id("files", "a.md")
        assert document.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text == chunk.text.strip() != ""
        assert chunk.page == document.page_at(chunk.start)
        assert chunk.start >= covered
        if chunk.start > covered:
            assert not document.text[covered : chunk.start].strip()
        assert chunk.end > covered
        covered = chunk.end
    assert not document.text[covered:].strip()


class ChunkerContract:
    """Override `chunker`."""

    @pytest.fixture
    def chunker(self) -> Chunker:
        raise NotImplementedError

    def test_is_a_chunker(self, chunker: Chunker):
        assert isinstance(chunker, Chunker)
        assert chunker.version

    @pytest.mark.parametrize(
        "text",
        [
            "One sentence.",
            "A. B. C! D? " * 500,
            "first paragraph\n\nsecond\r\n\r\nthird\r\rfourth\n" * 80,
            "x" * 20_000,
            "emoji \U0001f468\u200d\U0001f469\u200d\U0001f467 and text " * 200,
            "\u6f22\u5b57\u3002" * 800,
            "\n\n\n  leading and trailing  \n\n\n",
            "no spaces but-dashes/and/slashes" * 300,
        ],
    )
    def test_chunks_are_exact_and_complete(self, chunker: Chunker, text: str):
        check_chunks(make_document(text), chunker)

    def test_no_text_no_chunks(self, chunker: Chunker):
        assert chunker.chunk(make_document(" \n ")) == []

    def test_pages(self, chunker: Chunker):
        text = "word " * 1000 + "other " * 1000
        document = make_document(text, pages=(Page(1, 0, 5000), Page(2, 5000, len(text))))
        check_chunks(document, chunker)
        assert {chunk.page for chunk in chunker.chunk(document)} == {1, 2}

    def test_same_document_same_chunks(self, chunker: Chunker):
        document = make_document("Some text. " * 400)
        assert chunker.chunk(document) == chunker.chunk(document)
