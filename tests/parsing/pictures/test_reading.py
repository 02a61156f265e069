from __future__ import annotations

import pytest

from assistant.parsing.pictures.reading import Line, Reading, doubtful_share


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


@pytest.mark.parametrize(
    ("words", "doubtful", "reliable"), [(40, 9, True), (40, 10, False), (3, 1, True), (3, 2, False)]
)
def test_too_many_doubtful_words_are_not_passed_off_as_text(words: int, doubtful: int, reliable: bool):
    line = Line("a", 0, 0, 9, 9, 0.96, words=words, doubtful=doubtful)
    reading = Reading((((line,),),), 0, 0.96, 0.0, doubtful_share([line]))
    assert (reading.reliable, reading.seen) == (reliable, True)
