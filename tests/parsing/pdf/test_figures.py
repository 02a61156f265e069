"""Charts and drawings made of paths: which are kept as pictures, and where they stand."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence

import pytest
from PIL import Image

from assistant.parsing.check import check_document
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pictures.picture_text import with_picture_text
from assistant.parsing.pictures.reading import Reading
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf

Placed = tuple[float, float, str]
TEXTS: list[Placed] = [
    (60, 720, "The text of the page begins here and is long enough to be one."),
    (100, 385, "2020"), (200, 385, "2021"), (300, 385, "2022"),
    (60, 340, "Figure 1: what it shows"),
    (60, 200, "The text goes on below the figure."),
]  # fmt: skip
GRID = "".join(f"100 {y} m 340 {y} l S\n" for y in (400, 450, 500, 550, 600))
CURVE = "1 0 0 RG 2 w\n110 420 m 180 520 l 250 470 l 330 590 l S\n0 0 0 RG 1 w\n"
BARS = "0 0 1 rg\n" + "".join(f"{110 + 60 * at} 400 30 {height} re f\n" for at, height in enumerate((60, 150, 90, 190)))
SLICE = "220 500 m 220 580 l 280 580 300 540 300 500 c h f\n"


def parse(*drawings: str, texts: Sequence[Placed] = TEXTS) -> Document:
    data = placed_pdf(*[texts] * len(drawings), drawings=drawings)
    document = PdfParser().parse(DocumentRef("s", "k", "1", "k", "", "application/pdf"), data)
    check_document(document)
    return document


@pytest.mark.parametrize("drawing", [GRID + CURVE, GRID + BARS + "0 g\n"])
def test_a_chart_is_a_picture_with_its_labels_before_its_caption(drawing: str):
    document = parse(drawing)
    (picture,) = document.pictures
    box = picture.box
    assert box is not None
    assert (picture.page, box.page) == (1, 1)
    assert box.left <= 100
    assert box.right >= 330
    assert 792 - 610 <= box.top <= 792 - 585
    assert 792 - 400 < box.bottom < 792 - 355  # the years, not the caption
    assert document.text[picture.start :].strip().startswith(("2020", "Figure 1"))
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.width > 400
        assert max(high - low for low, high in image.convert("RGB").getextrema()) > 200


def test_a_pie_of_slices_is_a_picture():
    turned = [f"q 1 0 0 1 {dx} {dy} cm {SLICE}Q\n" for dx, dy in itertools.product((-82, 0), (-82, 0))]
    assert len(parse("".join(turned)).pictures) == 1


@pytest.mark.parametrize(
    "drawing",
    [
        GRID,  # lines alone
        "100 400 240 200 re S\n110 420 m 180 430 l S\n",  # a frame with a stroke
        CURVE,  # no chart without rules
        "0 0 m 0 792 l 300 400 l h f\n" * 7,  # reaches the edge of the page
        "".join(f"q 1 0 0 1 {9 * at} 0 cm 100 500 m 104 508 l 108 500 l h f Q\n" for at in range(9)),  # drawn letters
        "0.9 g\n"
        + "".join(  # the filled cells of a table, of different width
            f"100 {600 - 20 * at} {width} 18 re f\n{100 + width} {600 - 20 * at} {240 - width} 18 re f\n"
            for at, width in enumerate((90, 120, 150, 180))
        )
        + "0 g\n",
    ],
)
def test_rules_ornaments_and_cells_are_none(drawing: str):
    assert parse(drawing).pictures == ()


def test_what_many_pages_show_is_a_logo():
    assert parse(*[GRID + CURVE] * 3).pictures == ()


@pytest.mark.parametrize(("labelled", "read"), [(True, 0), (False, 1)])
def test_letters_that_are_text_of_the_page_are_not_recognised_again(labelled: bool, read: int):
    outside = [text for text in TEXTS if text[1] != 385]
    document = parse(GRID + CURVE, texts=TEXTS if labelled else outside)
    seen: list[Image.Image] = []

    def recognise(image: Image.Image) -> Reading:
        seen.append(image)
        return Reading()

    with_picture_text(document, recognise)
    assert len(document.pictures) == 1
    assert len(seen) == read
