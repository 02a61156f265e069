"""The tables of feedback and of kept questions, on SQLite and Postgres."""

from __future__ import annotations

import pytest

from assistant.catalog import Catalog
from assistant.errors import NotFoundError
from assistant.types import LOCAL_OPERATOR, User

ANN = User("ann", frozenset({"hr", "everyone"}))


def test_feedback_is_kept_as_it_was_given(catalog: Catalog) -> None:
    first = catalog.feedback.add(ANN, "q\u00fc?", "a", "up", "", [("s", "a.md")])
    second = catalog.feedback.add(LOCAL_OPERATOR, "q2", "", "down", "wrong", [])
    assert (first.groups, first.cited, first.verdict) == (("everyone", "hr"), (("s", "a.md"),), "up")
    assert (first.reads_everything, second.reads_everything) == (False, True)
    assert catalog.feedback.get(first.id) == first
    assert [each.id for each in catalog.feedback.newest(10)] == [second.id, first.id]
    assert catalog.feedback.newest(1) == [second]
    assert catalog.feedback.newest(10, "up") == [first]
    assert catalog.feedback.newest(10, offset=1) == [first]
    assert (catalog.feedback.count(), catalog.feedback.count("up"), catalog.feedback.count("down")) == (2, 1, 1)
    catalog.feedback.remove(first.id)
    catalog.feedback.remove(first.id)
    with pytest.raises(NotFoundError, match="feedback"):
        catalog.feedback.get(first.id)


def test_questions_are_kept_until_they_are_removed(catalog: Catalog) -> None:
    rows = [{"question": "one"}, {"question": "two", "facts": ["f"]}, *({"question": str(n)} for n in range(20))]
    kept = catalog.questions.add(rows, "import", "operator")
    (later,) = catalog.questions.add([{"question": "three"}], "feedback", "ann", "f1")
    assert catalog.questions.all() == [*kept, later]
    assert [each.expected for each in kept] == rows
    assert (later.origin, later.feedback_id, later.added_by) == ("feedback", "f1", "ann")
    assert catalog.questions.remove(kept[1].id).expected == {"question": "two", "facts": ["f"]}
    with pytest.raises(NotFoundError, match="no question"):
        catalog.questions.remove(kept[1].id)
