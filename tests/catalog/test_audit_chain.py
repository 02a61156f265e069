"""The canonical form and the check of a chain: what is changed anywhere is named, for any chain."""

from __future__ import annotations

import json
import string
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.catalog.audit_chain import Check, Head, Link, canonical, digest_of, link_of

PLAIN = "".join(set(string.printable) - set('"\\' + string.whitespace)) + " "
texts = st.text(PLAIN, max_size=12)
links = st.builds(
    Link,
    number=st.integers(1, 9),
    at=st.integers(0, 2**53),
    actor=texts,
    subject=texts,
    action=texts,
    outcome=texts,
    documents=st.lists(texts, max_size=3).map(tuple),
    personal=texts,
    details=texts,
    about=texts,
    previous=texts,
)


def _chain(made: list[Link]) -> list[Link]:
    chain, end = [], Head()
    for number, link in enumerate(made, 1):
        placed = replace(link, number=number, previous=end.digest)
        chain.append(replace(placed, digest=digest_of(placed)))
        end = Head(number, chain[-1].digest)
    return chain


def _checked(chain: list[Link], head: Head | None = None) -> Check:
    check = Check(Head())
    check.take_all(chain)
    check.end(head)
    return check


@settings(max_examples=200, deadline=None)
@given(links, links)
def test_two_entries_have_one_form_only_if_they_are_the_same(one: Link, other: Link) -> None:
    assert (canonical(one) == canonical(other)) == (replace(one, digest="") == replace(other, digest=""))


@settings(max_examples=100, deadline=None)
@given(links)
def test_an_entry_survives_json_and_any_writer_gives_its_form(link: Link) -> None:
    written = replace(link, digest=digest_of(link))
    assert link_of(json.loads(json.dumps(written.row(), indent=3))) == written
    parts = json.loads(canonical(link))
    assert json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode() == canonical(link)


@settings(max_examples=150, deadline=None)
@given(st.lists(links, min_size=1, max_size=6), st.data())
def test_the_first_entry_that_was_changed_is_named(made: list[Link], data: st.DataObject) -> None:
    chain = _chain(made)
    head = Head(len(chain), chain[-1].digest)
    assert _checked(chain, head).broken is None
    at = data.draw(st.integers(0, len(chain) - 1))
    field = data.draw(st.sampled_from([one.name for one in fields(Link) if one.name != "number"]))
    other = getattr(data.draw(links), field) or (9 if field == "at" else ("x",) if field == "documents" else "x")
    if other == getattr(chain[at], field):
        return
    broken = _checked([*chain[:at], replace(chain[at], **{field: other}), *chain[at + 1 :]], head).broken
    assert broken is not None
    assert broken.number == at + 1


@settings(max_examples=100, deadline=None)
@given(st.lists(links, min_size=2, max_size=6), st.data())
def test_what_is_cut_doubled_or_moved_is_named(made: list[Link], data: st.DataObject) -> None:
    chain = _chain(made)
    head = Head(len(chain), chain[-1].digest)
    at = data.draw(st.integers(0, len(chain) - 1))
    cut = _checked([*chain[:at], *chain[at + 1 :]], head).broken
    doubled = _checked([*chain[: at + 1], *chain[at:]], head).broken
    moved = _checked([chain[-1], *chain[:-1]], head).broken
    assert [one.number for one in (cut, doubled, moved) if one] == [at + 1, at + 2, 1]


def test_a_chain_made_anew_from_the_middle_does_not_follow() -> None:
    link = Link(0, 1, "a", "", "x", "done", (), "", "", "", "")
    chain = _chain([link] * 4)
    forged = replace(chain[1], action="y")
    forged = replace(forged, digest=digest_of(forged))
    broken = _checked([chain[0], forged, *chain[2:]]).broken
    assert broken is not None
    assert (broken.number, "does not follow" in broken.why) == (3, True)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "ä", "a\nb", "a\x7f"])
def test_texts_that_would_have_more_than_one_form_are_refused(text: str) -> None:
    link = Link(1, 1, "a", "", text, "done", (), "", "", "", "")
    with pytest.raises(ValueError, match="cannot take"):
        canonical(link)
    broken = _checked([link]).broken
    assert broken is not None
    assert broken.number == 1


@pytest.mark.parametrize(
    "change",
    [{"number": "1"}, {"number": True}, {"at": 1.5}, {"documents": "d"}, {"documents": [1]}, {"action": None}],
)
def test_a_line_that_is_no_entry_is_refused(change: dict[str, object]) -> None:
    row = Link(1, 1, "a", "", "x", "done", (), "", "", "", "").row()
    with pytest.raises(ValueError, match=r"has to be|have to be"):
        link_of({**row, **change})
