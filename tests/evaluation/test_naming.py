"""What the documents of a question file may be called."""

from __future__ import annotations

import pytest

from assistant.evaluation.naming import Names
from tests.answer.memory import make_document

A = make_document("pages/Travel.md", "x", title="How to travel").ref
B = make_document("mails.zip!/offer.eml", "x", title="How to travel", source="mail").ref
C = make_document("old/travel.md", "x", title="offer").ref
NAMES = Names([A, B, C])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("demo:pages/Travel.md", {A}),
        ("pages/Travel.md", {A}),
        ("PAGES/TRAVEL.MD", {A}),
        ("memory:old/travel.md", {C}),
        ("How to travel", {A, B}),
        ("how to travel", {A, B}),
        ("Travel", {A}),  # as it is written, before `travel`
        ("travel.md", {C}),
        ("TRAVEL", {A, C}),
        ("offer", {C}),  # a title goes before a file's name
        ("offer.eml", {B}),
        ("nothing", set()),
        ("", set()),
    ],
)
def test_the_first_kind_of_name_that_a_document_has(name, found):
    assert NAMES.find(name) == {ref.id for ref in found}
