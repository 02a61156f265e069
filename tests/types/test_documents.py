"""Who is meant by the names that admins write."""

from __future__ import annotations

from assistant.types import User, principals


def test_names_become_principals() -> None:
    assert principals(["sales", "group:hr", "user:ann"]) == {"group:sales", "group:hr", "user:ann"}


def test_a_group_whose_name_holds_a_colon_is_that_group() -> None:
    assert principals(["team:eu"]) == User("bob", frozenset({"team:eu"})).principals - {"user:bob"}
