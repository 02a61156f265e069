from __future__ import annotations

import pytest

from assistant.parsing.pictures.reading import Line, Reading


@pytest.mark.parametrize(
    ("confidence", "unread", "lines", "expected"),
    [
        (0.99, 0.0, 1, (True, True, False)),
        (0.99, 0.2, 1, (True, True, True)),
        (0.99, 0.5, 1, (False, True, False)),
        (0.5, 0.0, 1, (False, True, False)),
        (0.0, 1.0, 0, (False, True, False)),
        (0.0, 0.0, 0, (False, False, False)),
    ],
)
def test_what_can_be_relied_on(confidence: float, unread: float, lines: int, expected: tuple[bool, bool, bool]):
    reading = Reading((((Line("a", 0, 0, 9, 9, confidence),),),) * lines, 0, confidence, unread)
    assert (reading.reliable, reading.seen, reading.incomplete) == expected
