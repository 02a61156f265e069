"""Lists and pairs in a text field: what is written there is read as what it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ui.lines import list_of, list_text, pairs_of, pairs_text


@given(st.dictionaries(st.text(), st.text()))
@example({"domain:example.org": "group:staff", "712020:ab-cd": "user:ann"})
@example({"a: b": "c", "": "d", "x\ny": " z "})
@example({'{"a"': "b"})
@example({"a:b": ""})
def test_pairs_are_read_as_they_were(pairs: dict[str, str]) -> None:
    assert pairs_of(pairs_text(pairs)) == pairs


@given(st.lists(st.text()))
@example(["python", "-c", "a\nb"])
@example(["", " a", '["b"]', "[c]*.md"])
def test_lists_are_read_as_they_were(items: list[str]) -> None:
    assert list_of(list_text(items)) == items


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("domain:example.org: group:staff", {"domain:example.org": "group:staff"}),
        ("ann@example.org:user:ann", {"ann@example.org": "user:ann"}),
        ("X:\n\n Y : z ", {"X": "", "Y": "z"}),
        ('{"domain:example.org": "group:staff"}', {"domain:example.org": "group:staff"}),
        ('\n{ "a":\n "b" }\n', {"a": "b"}),
        ("{}", {}),
        ("{mail}: user:x", {"{mail}": "user:x"}),
    ],
)
def test_what_people_write(text: str, pairs: dict[str, str]) -> None:
    assert pairs_of(text) == pairs


def test_what_can_be_said_in_lines_is_no_json() -> None:
    assert pairs_text({"domain:example.org": "group:staff"}) == "domain:example.org: group:staff"
    assert list_text(["a", "[b]*.md"]) == "a\n[b]*.md"


@pytest.mark.parametrize("text", ["no colon", ": no name", '{"a": "b"', '{"a": "b"} c'])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        pairs_of(text)
