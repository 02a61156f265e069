"""Which pictures a passage shows to a model that sees, and whose eyes they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from assistant.access import Gallery
from assistant.errors import UnsupportedFormatError
from assistant.types import Block, Box, Document, Page, Passage, Picture, User
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.album import png
from tests.fakes.embedder import FakeEmbedder

STAFF = User("ann", frozenset({"everyone"}))
TEXT = "Page one.\n\nLeakage of pumps.\n\nLitres.\n\n[Page 3 is cut.]"
FIGURE, OTHER = Box(2, 60, 100, 300, 400), Box(2, 320, 100, 500, 400)


def paged(key: str, media_type: str, pictures: Sequence[Picture], readers=("everyone",)) -> Document:
    made = make_document(key, TEXT, readers=readers)
    notice = TEXT.index("[Page 3")
    return replace(
        made,
        ref=replace(made.ref, media_type=media_type),
        pages=(Page(1, 0, 11), Page(2, 11, len(TEXT))),
        blocks=(Block("notice", TEXT[notice:], notice, len(TEXT), 2),),
        pictures=tuple(pictures),
    )


FIGURES = [Picture(30, 37, "image/png", b"", 2, box) for box in (FIGURE, OTHER)]
SCAN = Picture(11, 37, "image/jpeg", b"", 2, Box(2, 0.0, 0.0, 595.0, 842.0))
REPORT = paged("report.pdf", "application/pdf", FIGURES)
SCANNED = paged("scan.pdf", "application/pdf", [SCAN])
SLIDES = paged("talk.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", FIGURES)
SECRET = paged("pay.pdf", "application/pdf", FIGURES, readers=("hr",))


class Shelf(MemoryLibrary):
    def picture(self, source: str, key: str, number: int, user: User) -> Picture:
        return replace(self.read(source, key, user).pictures[number - 1], data=png("red"))


class Pages:
    """Draws white pages; `drawn` is what was asked for."""

    def __init__(self, library: MemoryLibrary) -> None:
        self._library = library
        self.drawn: list[tuple[str, int, int]] = []

    def image(self, source: str, key: str, page: int, user: User, *, width: int) -> bytes:
        self._library.info(source, key, user)
        self.drawn.append((key, page, width))
        if key == "broken.pdf":
            raise UnsupportedFormatError("it cannot be drawn")
        target = BytesIO()
        Image.new("RGB", (width, 2 * width), "white").save(target, "PNG")
        return target.getvalue()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf([REPORT, SCANNED, SLIDES, SECRET], FakeEmbedder())


@pytest.fixture
def gallery(shelf: Shelf) -> Gallery:
    return Gallery(shelf, Pages(shelf))  # type: ignore[arg-type]


def hit(document: Document, *pictures: int) -> Passage:
    return Passage(document.ref, 11, 37, document.text[11:37], 2, pictures=pictures)


def test_figures_on_a_page_of_a_pdf_are_one_picture_the_page(gallery: Gallery) -> None:
    (page,) = gallery.shown([hit(REPORT, 1), hit(REPORT, 2, 1)], STAFF)
    place = page.place
    assert (page.kind, place.page, place.pictures, place.boxes) == ("page", 2, (1, 2), (FIGURE, OTHER))
    assert place.text == TEXT[place.start : place.end] == TEXT[11:]
    assert "cut" not in place.own_text
    image = gallery.image(page, STAFF)
    assert image is not None
    assert Image.open(BytesIO(image.data)).size == (672, 1344)


def test_a_scan_and_what_has_no_drawn_page_are_shown_as_they_are_kept(gallery: Gallery) -> None:
    shown = gallery.shown([hit(SLIDES, 2), hit(SCANNED, 1)], STAFF)
    assert [(one.kind, one.place.ref.key, one.place.pictures) for one in shown] == [
        ("picture", "talk.pptx", (2,)),
        ("picture", "scan.pdf", (1,)),
    ]
    assert (shown[0].place.boxes, shown[0].place.text) == ((OTHER,), "Litres.")
    image = gallery.image(shown[0], STAFF)
    assert image is not None
    assert (Image.open(BytesIO(image.data)).size, image.media_type) == ((60, 50), "image/png")
    assert gallery.pages.drawn == []  # type: ignore[attr-defined]


def test_the_best_passage_s_pictures_come_first(gallery: Gallery) -> None:
    shown = gallery.shown([hit(SLIDES, 2), hit(REPORT, 1), hit(SLIDES, 1, 2)], STAFF)
    assert [one.place.pictures for one in shown] == [(2,), (1, 2), (1,)]


def test_what_may_not_be_read_or_is_another_version_now_is_not_shown(gallery: Gallery, shelf: Shelf) -> None:
    assert gallery.shown([hit(SECRET, 1)], STAFF) == []
    (seen,) = gallery.shown([hit(SECRET, 1)], replace(STAFF, groups=frozenset({"hr"})))
    assert gallery.image(seen, STAFF) is None  # asked again, at the very moment
    shelf.put(replace(REPORT, ref=replace(REPORT.ref, version="2")))
    assert gallery.shown([hit(REPORT, 1)], STAFF) == []


def test_a_page_that_cannot_be_drawn_is_left_out(gallery: Gallery, shelf: Shelf) -> None:
    broken = paged("broken.pdf", "application/pdf", FIGURES)
    shelf.put(broken)
    (page,) = gallery.shown([hit(broken, 1)], STAFF)
    assert gallery.image(page, STAFF) is None
