from __future__ import annotations

import pytest

from assistant.parsing.placed import place_boxes
from assistant.types import Box, Document, DocumentRef, Place


def _document(line: str, turn: int) -> Document:
    ref = DocumentRef("files", "a.png", "1", "a", "", "image/png")
    return Document(ref, "." * 100 + line, places=(Place(100, 104, Box(2, 10, 20, 50, 60), turn),))


@pytest.mark.parametrize(
    ("turn", "edges"),
    [
        (0, (10, 20, 20, 60)),
        (90, (10, 50, 50, 60)),
        (180, (40, 20, 50, 60)),
        (270, (10, 20, 50, 30)),
    ],
)
def test_a_lines_begin_is_where_its_reading_begins(turn: int, edges: tuple[float, ...]):
    document = _document("aeno", turn)
    assert list(place_boxes(document, 2, 90, 101)) == [Box(2, *edges)]
    assert list(place_boxes(document, 2, 100, 104)) == [document.places[0].box]


def test_a_line_is_cut_by_how_wide_its_letters_are():
    (box,) = place_boxes(_document("MWil", 0), 2, 100, 102)
    assert box.right - box.left > 30
    (box,) = place_boxes(_document("中i文i", 0), 2, 103, 104)
    assert 0 < box.right - box.left < 5


def test_other_pages_and_other_lines_have_no_box():
    assert list(place_boxes(_document("aeno", 0), 1, 100, 104)) == []
    assert list(place_boxes(_document("aeno", 0), 2, 104, 110)) == []
