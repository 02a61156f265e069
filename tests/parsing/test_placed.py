from __future__ import annotations

import pytest

from assistant.parsing.placed import place_boxes
from assistant.types import Box, Place


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
    place = Place(100, 104, Box(2, 10, 20, 50, 60), turn)
    assert list(place_boxes([place], 2, 90, 101)) == [Box(2, *edges)]
    assert list(place_boxes([place], 2, 100, 104)) == [place.box]


def test_other_pages_and_other_lines_have_no_box():
    place = Place(100, 104, Box(2, 10, 20, 50, 60))
    assert list(place_boxes([place], 1, 100, 104)) == []
    assert list(place_boxes([place], 2, 104, 110)) == []
