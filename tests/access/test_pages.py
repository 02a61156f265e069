"""Pages as people see them: who may look, and what is marked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from assistant.access import PageImages
from assistant.api import create_api
from assistant.errors import ConfigurationError, NotFoundError, UnsupportedFormatError
from assistant.parsing.sandbox import ParserPool
from assistant.registry import load_registry
from assistant.types import RawDocument, User
from tests.api.conftest import ListQueue
from tests.fakes.pdf import make_pdf
from tests.fakes.system import MemoryConfig, MemorySource, System

HR = User("ada", frozenset({"hr"}))
STAFF = User("bob", frozenset({"everyone"}))
LINES = [["Travel is booked early.", "Hotels cost 140 euros at most."], ["Meals are paid by day."]]


class PdfSource(MemorySource):
    """Hands out one PDF, for HR only, and one text."""

    def fetch(self, key: str) -> RawDocument:
        if key.endswith(".pdf"):
            return RawDocument(key, make_pdf(LINES), "application/pdf", key, f"memory:{key}")
        return super().fetch(key)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("pages")
    system = System(folder, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source = PdfSource(texts={"hr/travel.pdf": "pdf", "note.txt": "A note.\n"})
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


def span(system: System, words: str) -> tuple[int, int]:
    text = system.library.read("s", "hr/travel.pdf", HR).text
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
