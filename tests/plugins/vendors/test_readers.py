"""Rights there become rights here: never more than somebody has, and nobody is forgotten."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.types import Access
from plugins.vendors import Person, Readers, Rights, VendorConfig, common, digest

GROUPS = {
    "a": frozenset({Person("1"), Person("2", "two@x.example")}),
    "b": frozenset({Person("2"), Person("3")}),
    "c": frozenset[Person](),
}


def names(rights: Rights) -> set[str]:
    """Return who has a right, of all that there are."""
    if rights.public:
        return {"1", "2", "3", "4"}
    return {person.name for person in rights.people.union(*(GROUPS[group] for group in rights.groups))}


def some(choice: random.Random) -> Rights:
    people = frozenset(Person(name) for name in "1234" if choice.random() < 0.3)
    groups = frozenset(name for name in GROUPS if choice.random() < 0.4)
    return Rights(people, groups, public=choice.random() < 0.2)


def test_who_has_both_rights_is_exactly_who_has_each() -> None:
    choice = random.Random(7)
    for _ in range(500):
        one, other = some(choice), some(choice)
        assert names(common(one, other, GROUPS.__getitem__)) == names(one) & names(other), (one, other)


def test_groups_on_both_sides_stay_groups_and_nobody_is_asked_for() -> None:
    right = Rights(groups=frozenset({"a"}))
    assert common(right, right, lambda _: pytest.fail("asked")) == right


def test_a_mail_address_that_one_side_shows_is_kept() -> None:
    told = common(Rights(frozenset({Person("2")})), Rights(groups=frozenset({"a"})), GROUPS.__getitem__)
    assert told.people == {Person("2", "two@x.example")}


def config(**more: Any) -> VendorConfig:
    return VendorConfig(token=SecretStr("t"), **more)


RIGHTS = Rights(frozenset({Person("Ann", "ann@x.example"), Person("bob")}), frozenset({"Staff"}))


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ({}, set()),
        ({"users": {"ANN": "user:1"}, "groups": {"staff": "group:all"}}, {"user:1", "group:all"}),
        ({"users": {"Ann@X.example": "group:boss"}}, {"group:boss"}),
        ({"other_users": "user:{name}", "users": {"bob": "user:2"}}, {"user:Ann", "user:2"}),
        ({"other_users": "user:{mail}"}, {"user:ann@x.example"}),
        ({"other_groups": "group:wiki-{name}"}, {"group:wiki-Staff"}),
    ],
)
def test_names_are_mapped_and_those_nobody_thought_of_read_nothing(more: dict[str, Any], allowed: set[str]) -> None:
    assert Readers(config(**more)).access(RIGHTS) == Access(frozenset(allowed))


def test_what_is_public_there_is_as_public_here_as_the_admin_says() -> None:
    assert Readers(config()).access(Rights(public=True)) == Access(frozenset({"group:everyone"}))
    assert Readers(config(public="group:staff")).access(Rights(public=True)) == Access(frozenset({"group:staff"}))
    assert Readers(config(public="")).access(Rights(public=True)) == Access(frozenset())
    assert Readers(config(readers="rule")).access(Rights(public=True)) is None


def test_other_readers_have_another_digest() -> None:
    sets = [None, Access(frozenset()), Access(frozenset({"user:1"})), Access(frozenset({"group:1"}))]
    sets.append(Access(frozenset({"user:1"}), frozenset({"group:1"})))
    assert all(digest(one) != digest(other) for one, other in itertools.combinations(sets, 2))
    assert digest(Access(frozenset({"user:1", "user:2"}))) == digest(Access(frozenset({"user:2", "user:1"})))
