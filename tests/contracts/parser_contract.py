"""What every parser must do; a suite for one parser derives from it and overrides the fixtures."""

from __future__ import annotations

import pickle
import random
from dataclasses import replace

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError, IngestError
from assistant.interfaces import Parser
from assistant.parsing.check import check_document
from assistant.types import Access, DocumentRef


class ParserContract:
    """Override `parser`, `media_type`, `good` and `words`."""

    @pytest.fixture
    def parser(self) -> Parser:
        raise NotImplementedError

    @pytest.fixture
    def media_type(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def good(self) -> bytes:
        """A document that parses."""
        raise NotImplementedError

    @pytest.fixture
    def words(self) -> list[str]:
        """Words that must be in its text, in this order."""
        raise NotImplementedError

    @pytest.fixture
    def ref(self, media_type: str) -> DocumentRef:
        access = Access(frozenset({"group:hr"}), frozenset({"user:eve"}))
        return DocumentRef("files", "folder/name.ext", "v1", "name.ext", "file:///name.ext", media_type, access)

    def test_is_a_parser(self, parser: Parser):
        assert isinstance(parser, Parser)
        assert parser.name == parser.name.lower().strip() != ""
        assert parser.version

    def test_accepts_its_type_only(self, parser: Parser, ref: DocumentRef):
        assert parser.accepts(ref)
        assert not parser.accepts(replace(ref, media_type="application/x-nobody-reads-this"))
        assert not parser.accepts(replace(ref, media_type="image/png"))

    def test_result_is_exact(self, parser: Parser, ref: DocumentRef, good: bytes, words: list[str]):
        document = parser.parse(ref, good)
        check_document(document)
        at = 0
        for word in words:
            at = document.text.index(word, at) + len(word)
        for before, after in zip(document.blocks, document.blocks[1:], strict=False):
            assert before.end <= after.start
        for block in document.blocks:
            assert block.text.strip()
            assert (block.level > 0) == (block.kind == "heading")

    def test_keeps_the_reference(self, parser: Parser, ref: DocumentRef, good: bytes):
        document = parser.parse(ref, good)
        assert replace(document.ref, title="") == replace(ref, title="")
        assert document.ref.title

    def test_same_bytes_same_document(self, parser: Parser, ref: DocumentRef, good: bytes):
        assert parser.parse(ref, good) == parser.parse(ref, good)

    def test_result_pickles(self, parser: Parser, ref: DocumentRef, good: bytes):
        document = parser.parse(ref, good)
        assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301 (our own bytes)

    def test_empty_file_is_an_error_that_names_it(self, parser: Parser, ref: DocumentRef):
        with pytest.raises(EmptyDocumentError, match=r"folder/name\.ext"):
            parser.parse(ref, b"")

    def test_binary_rubbish_is_an_error_that_names_it(self, parser: Parser, ref: DocumentRef):
        with pytest.raises(DamagedDocumentError, match=r"folder/name\.ext"):
            parser.parse(ref, random.Random(7).randbytes(4000))

    def test_damage_ends_in_text_or_a_clear_error(self, parser: Parser, ref: DocumentRef, good: bytes):
        dice = random.Random(11)
        for _ in range(60):
            damaged = bytearray(good)
            for _ in range(dice.randint(1, 8)):
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
            data = bytes(damaged[: dice.randint(1, len(damaged))])
            try:
                check_document(parser.parse(ref, data))
            except IngestError as error:
                assert "folder/name.ext" in error.message  # noqa: PT017 (an error is allowed, not asked for)


class ContainerParserContract(ParserContract):
    """For formats whose files are whole or broken, as half of a text is a text but half of an archive is none."""

    def test_half_a_file_is_an_error(self, parser: Parser, ref: DocumentRef, good: bytes):
        with pytest.raises(IngestError):
            check_document(parser.parse(ref, good[: len(good) // 2]))
