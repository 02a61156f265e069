"""People and tokens in the catalog, on SQLite and Postgres."""

from __future__ import annotations

import threading
import time

import pytest

from assistant.catalog import Catalog
from assistant.errors import ConfigurationError, NotFoundError, NotSignedInError
from assistant.types import LOCAL_OPERATOR, User


def test_people_and_tokens_are_kept(catalog: Catalog) -> None:
    people = catalog.people
    ann = people.add("ann", "Ann", ["hr", "everyone", "hr"], "employee")
    assert (ann.groups, ann.user.groups, ann.disabled) == (("hr",), {"everyone", "hr"}, False)
    with pytest.raises(ConfigurationError, match="there is a person 'ANN' already"):
        people.add("ANN", "", [], "employee")
    people.add("bob", "", [], "admin")
    assert [(one.id, one.role) for one in people.all()] == [("ann", "employee"), ("bob", "admin")]
    assert people.disable("ann", True).disabled
    assert people.get("ann").disabled

    later = time.time() + 60
    first = people.add_token("ann", "laptop", ["read", "ask"], "a" * 64, later)
    second = people.add_token("bob", "", ["read"], "b" * 64, later)
    assert people.by_digest("a" * 64) == (first, people.get("ann"))
    assert people.by_digest("A" * 64) is None
    assert people.tokens() == [first, second]
    assert people.tokens("bob") == [second]
    assert (first.scopes, first.used_at, first.revoked_at) == (("ask", "read"), None, None)
    people.note_use(first, 125.0)
    assert people.token(first.id).used_at == 120.0
    assert people.revoke(first.id).revoked_at
    assert people.token(second.id).revoked_at is None
    for missing in (people.token, people.revoke, people.get, people.tokens):
        with pytest.raises(NotFoundError, match="'none'"):
            missing("none")


def test_changes_of_groups_at_once_all_count(catalog: Catalog) -> None:
    catalog.people.add("ann", "", [], "employee")

    def join(number: int) -> None:
        catalog.people.regroup("ann", lambda before: before | {f"g{number}"})

    threads = [threading.Thread(target=join, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catalog.people.get("ann").groups == tuple(f"g{number}" for number in range(6))


def test_somebody_is_who_the_catalog_says_now(catalog: Catalog) -> None:
    people = catalog.people
    before = people.add("ann", "", ["hr"], "employee").user
    people.regroup("ann", lambda _: ["it"])
    catalog.groups.nest("all", "it")
    assert people.now(before).groups == {"everyone", "it", "all"}
    people.disable("ann", True)
    with pytest.raises(NotSignedInError, match="disabled"):
        people.now(before)
    stranger = User("command-line", frozenset({"hr"}))
    assert (people.now(stranger), people.now(LOCAL_OPERATOR)) == (stranger, LOCAL_OPERATOR)
