"""Pages as people see them: who may look, and what is marked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from fastapi.testclient import TestClient
from msoffcrypto.format.ooxml import OOXMLFile
from PIL import Image

from assistant.access import PageImages
from assistant.access.stored_text import forget, forget_other_versions, original_key
from assistant.api import create_api
from assistant.errors import ConfigurationError, EncryptedDocumentError, NotFoundError, UnsupportedFormatError
from assistant.parsing.printing.office import find_office
from assistant.parsing.process.sandbox import ParserPool
from assistant.registry import load_registry
from assistant.types import RawDocument, User
from tests.api.conftest import ListQueue
from tests.fakes.pdf import make_pdf
from tests.fakes.system import MemoryConfig, MemorySource, System

HR = User("ada", frozenset({"hr"}))
STAFF = User("bob", frozenset({"everyone"}))
LINES = [["Travel is booked early.", "Hotels cost 140 euros at most."], ["Meals are paid by day."]]


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
needs_office = pytest.mark.skipif(find_office() is None, reason="LibreOffice (soffice) is not installed")


def word_file() -> bytes:
    """Return the lines as a Word file of two pages."""
    document, stream = docx.Document(), io.BytesIO()
    for line in LINES[0]:
        document.add_paragraph(line)
    document.add_page_break()
    document.add_paragraph(LINES[1][0])
    document.save(stream)
    return stream.getvalue()


def locked(data: bytes) -> bytes:
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("sesame", stream)
    return stream.getvalue()


class PdfSource(MemorySource):
    """Hands out one PDF and one Word file, for HR only, and one text."""

    def fetch(self, key: str) -> RawDocument:
        if key.endswith(".pdf"):
            return RawDocument(key, make_pdf(LINES), "application/pdf", key, f"memory:{key}")
        if key.endswith(".docx"):
            return RawDocument(key, word_file(), DOCX, key, f"memory:{key}")
        return super().fetch(key)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("pages")
    system = System(folder, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source = PdfSource(texts={"hr/travel.pdf": "pdf", "hr/travel.docx": "", "note.txt": "A note.\n"})
    system.registry = load_registry()
    system.registry.add_source("memory", MemoryConfig, lambda _: system.source)
    with ParserPool(1, 1 << 30, 60, 1 << 24) as pool:
        system.parsers = pool  # type: ignore[assignment]
        system.ingestor = system.new_ingestor()
        system.ingestor.sync("s", "cli")
        system.page_images = PageImages(system.library, system.blobs, system.registry, pool)  # type: ignore[attr-defined]
        yield system
    system.close()


@pytest.fixture
def pages(system: System) -> PageImages:
    return system.page_images  # type: ignore[attr-defined,no-any-return]


def span(system: System, words: str, key: str = "hr/travel.pdf") -> tuple[int, int]:
    text = system.library.read("s", key, HR).text
    return text.index(words), text.index(words) + len(words)


def marked(png: bytes) -> int:
    """How many pixels are neither grey nor white."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return sum(1 for red, _, blue in image.get_flattened_data() if red - blue > 60)


def test_the_cited_words_are_marked(system: System, pages: PageImages) -> None:
    start, end = span(system, "140 euros")
    (box,) = pages.boxes("s", "hr/travel.pdf", start, end, HR)
    assert box.page == 1
    assert box.left < box.right
    assert box.top < box.bottom
    plain = pages.image("s", "hr/travel.pdf", 1, HR, width=600)
    with_mark = pages.image("s", "hr/travel.pdf", 1, HR, (start, end), width=600)
    assert Image.open(io.BytesIO(with_mark)).width == 600
    assert marked(plain) == 0 < marked(with_mark)
    assert marked(pages.image("s", "hr/travel.pdf", 2, HR, (start, end), width=600)) == 0


def test_who_may_not_read_may_not_look(pages: PageImages) -> None:
    for read in (
        lambda: pages.image("s", "hr/travel.pdf", 1, STAFF),
        lambda: pages.boxes("s", "hr/travel.pdf", 0, 5, STAFF),
        lambda: pages.image("s", "hr/travel.docx", None, STAFF, (0, 5)),
        lambda: pages.boxes("s", "hr/travel.docx", 0, 5, STAFF),
    ):
        with pytest.raises(NotFoundError, match="that you may read"):
            read()


def test_what_cannot_be_shown_is_said(pages: PageImages) -> None:
    with pytest.raises(NotFoundError, match="no page 3"):
        pages.image("s", "hr/travel.pdf", 3, HR)
    with pytest.raises(ConfigurationError, match="characters 5 to 5"):
        pages.boxes("s", "hr/travel.pdf", 5, 5, HR)
    with pytest.raises(UnsupportedFormatError, match="text/plain cannot be shown"):
        pages.image("s", "note.txt", 1, STAFF)


def test_the_page_of_a_span_is_found(system: System, pages: PageImages) -> None:
    place = span(system, "Meals are paid")
    assert pages.image("s", "hr/travel.pdf", None, HR, place) == pages.image("s", "hr/travel.pdf", 2, HR, place)
    assert pages.image("s", "hr/travel.pdf", None, HR) == pages.image("s", "hr/travel.pdf", 1, HR)


def test_without_libreoffice_it_says_what_to_install(pages: PageImages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.parsing.printing.office.find_office", lambda: None)
    with pytest.raises(UnsupportedFormatError, match="LibreOffice"):
        pages.image("s", "hr/travel.docx", None, HR, (0, 6))


@needs_office
class TestOffice:
    def test_the_cited_words_are_marked(self, system: System, pages: PageImages) -> None:
        place = span(system, "Meals are paid by day.", "hr/travel.docx")
        (box,) = pages.boxes("s", "hr/travel.docx", *place, HR)
        assert box.page == 2
        image = pages.image("s", "hr/travel.docx", None, HR, place, width=600)
        assert Image.open(io.BytesIO(image)).width == 600
        assert marked(image) > 0
        assert marked(pages.image("s", "hr/travel.docx", 1, HR, place)) == 0
        with pytest.raises(NotFoundError, match="no page 3"):
            pages.image("s", "hr/travel.docx", 3, HR)

    def test_it_is_printed_once_and_goes_with_the_document(self, system: System, pages: PageImages) -> None:
        ref = system.library.info("s", "hr/travel.docx", HR).ref
        pages.image("s", "hr/travel.docx", 1, HR)
        assert list(system.blobs.keys(f"pages/{ref.id}")) == [f"pages/{ref.id}/{ref.version}"]
        other = replace(ref, key="hr/other.docx")
        for version in ("former", other.version):
            system.blobs.put(f"pages/{other.id}/{version}", b"%PDF-")
        forget_other_versions(system.blobs, other)
        assert list(system.blobs.keys(f"pages/{other.id}")) == [f"pages/{other.id}/{other.version}"]
        forget(system.blobs, other.id)
        assert not list(system.blobs.keys(f"pages/{other.id}"))

    def test_nothing_is_left_of_a_version_that_was_deleted_meanwhile(
        self, system: System, pages: PageImages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ref = system.library.info("s", "hr/travel.docx", HR).ref
        original = system.blobs.get(original_key(ref))
        monkeypatch.setattr(pages, "_original", lambda _: original)
        system.blobs.delete(original_key(ref))
        assert pages.boxes("s", "hr/travel.docx", 0, 6, HR)
        assert not list(system.blobs.keys(f"pages/{ref.id}"))
        system.blobs.put(original_key(ref), original)

    def test_an_encrypted_file_is_opened_with_its_source_s_passwords(self, system: System) -> None:
        ref = replace(system.library.info("s", "hr/travel.docx", HR).ref, key="hr/locked.docx")
        document = system.parsers.parse("docx", ref, locked(word_file()), ["sesame"])
        office = PageImages(system.library, system.blobs, system.registry, system.parsers)._office  # type: ignore[arg-type]
        found = office.boxes("docx", document, locked(word_file()), 0, 6, ["sesame"])
        assert [box.page for box in found] == [1]
        office.forget(ref)
        with pytest.raises(EncryptedDocumentError):
            office.boxes("docx", document, locked(word_file()), 0, 6, ["wrong"])

    def test_over_the_api(self, system: System) -> None:
        client = TestClient(create_api(system, ListQueue()), base_url="http://127.0.0.1:8090")  # type: ignore[arg-type]
        start, end = span(system, "140 euros", "hr/travel.docx")
        place = {"source": "s", "key": "hr/travel.docx", "start": start, "end": end}
        assert [box["page"] for box in client.get("/api/documents/boxes", params=place).json()["boxes"]] == [1]
        image = client.get("/api/documents/page-image", params=place)
        assert image.headers["content-type"] == "image/png"
        assert marked(image.content) > 0


def test_over_the_api(system: System) -> None:
    start, end = span(system, "Meals")
    client = TestClient(create_api(system, ListQueue()), base_url="http://127.0.0.1:8090")  # type: ignore[arg-type]
    place = {"source": "s", "key": "hr/travel.pdf"}
    found = client.get("/api/documents/boxes", params={**place, "start": start, "end": end}).json()["boxes"]
    assert [box["page"] for box in found] == [2]
    image = client.get("/api/documents/page-image", params={**place, "page": 2, "start": start, "end": end})
    assert image.headers["content-type"] == "image/png"
    assert image.headers["cache-control"] == "private, no-store"
    assert marked(image.content) > 0
    half = client.get("/api/documents/page-image", params={**place, "page": 2, "start": start})
    assert half.status_code == 422


def test_the_blocks_of_a_page_stand_where_their_words_do(system: System, pages: PageImages) -> None:
    layout = pages.layout("s", "hr/travel.pdf", 1, HR)
    assert (layout.page, layout.pages, layout.placed) == (1, 2, True)
    text = system.library.read("s", "hr/travel.pdf", HR)
    (box,) = pages.boxes("s", "hr/travel.pdf", *span(system, LINES[0][0]), HR)
    across, down = 612.0, 792.0  # what `make_pdf` draws on
    (block,) = [one for one in layout.blocks if LINES[0][0] in text.blocks[one.number].text]
    left, top, right, _ = block.places[0]
    assert (left, top, right) == pytest.approx((box.left / across, box.top / down, box.right / across), abs=0.005)
    assert all(0 <= edge <= 1 for one in layout.blocks for place in one.places for edge in place)
    with pytest.raises(NotFoundError, match="no page 3"):
        pages.layout("s", "hr/travel.pdf", 3, HR)
    with pytest.raises(NotFoundError, match="that you may read"):
        pages.layout("s", "hr/travel.pdf", 1, STAFF)
    with pytest.raises(UnsupportedFormatError, match="cannot be shown"):
        pages.layout("s", "note.txt", 1, STAFF)


def test_where_blocks_stand_on_printed_pages_is_not_told(pages: PageImages) -> None:
    layout = pages.layout("s", "hr/travel.docx", 1, HR)
    assert not layout.placed
    assert layout.blocks
    assert not any(one.places for one in layout.blocks)
