"""Markers are read as they come."""

import pytest

from assistant.citations.markers import MarkerReader


def read(text, known=(1, 2, 3), size=1000):
    reader = MarkerReader(known)
    shown = "".join(reader.feed(text[at : at + size]) for at in range(0, len(text), size)) + reader.feed("", last=True)
    assert shown == reader.text
    return reader


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "shown", "numbers", "dropped"),
    [
        ("It is so [1].", "It is so [1].", [(1,)], 0),
        ("It is so [1, 2][3].", "It is so [1, 2][3].", [(1, 2), (3,)], 0),
        ("It is so [1, 9].", "It is so [1].", [(1,)], 1),
        ("It is so [7]. And", "It is so. And", [], 1),
        ("It is so [1-3].", "It is so [1, 2, 3].", [(1, 2, 3)], 0),
        ("是的【2】。", "是的[2]。", [(2,)], 0),
        ("a[1] = `b[1]` and `[9]`", "a[1] = `b[1]` and `[9]`", [(1,)], 0),
        ("```\nx[9]\n```\nso [1]", "```\nx[9]\n```\nso [1]", [(1,)], 0),
        ("[1](https://x.example) and [sic] [2", "[1](https://x.example) and [sic] [2", [], 0),
        ("[1]: https://x.example", "[1]: https://x.example", [], 0),
        ("in [2023] it was [^1]", "in [2023] it was [1]", [(1,)], 0),
        ("a  b [  3 ]  c", "a  b [3]  c", [(3,)], 0),
        ("see https[9]://x.example", "see https ://x.example", [], 1),
        ("see www [9].x.example and www[9].x.example", "see www .x.example and www .x.example", [], 2),
        ("28[9]days[9]", "28 days", [], 2),
        ("an open ` tick [9]\nand [1]", "an open ` tick [9]\nand [1]", [(1,)], 0),
    ],
)
def test_a_marker_points_to_what_there_is(text, shown, numbers, dropped, size):
    reader = read(text, size=size)
    assert reader.text == shown
    assert [m.numbers for m in reader.markers] == numbers
    assert all(shown[m.start] == "[" and shown[m.end - 1] == "]" for m in reader.markers)
    assert reader.dropped == dropped


def test_text_waits_only_while_a_marker_may_have_begun():
    reader = MarkerReader((1,))
    assert reader.feed("So it is") == "So it is"
    assert reader.feed(" ") == ""
    assert reader.feed("[") == ""
    assert reader.feed("see] th") == " [see] th"
