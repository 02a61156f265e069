"""Whose right at a vendor's is whose here."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from assistant.types import Access
from plugins.cloud import Holder, ReadersConfig, readers_of

HR = Holder("group", ("hr@example.org", "42", "Human Resources"))


@pytest.mark.parametrize("name", ["hr@example.org", "HR@example.org", "42", "human resources"])
def test_any_of_the_names_is_mapped(name: str) -> None:
    mapped = ReadersConfig(principals={name: ("group:hr", "user:ann")}, unmapped="nobody")
    assert readers_of([HR], mapped) == Access(frozenset({"group:hr", "user:ann"}))


def test_without_a_mapping_the_best_name_counts_and_links_do_not() -> None:
    holders = [HR, Holder("user", ("", "u7")), Holder("other", ("anyone",)), Holder("user", ("",))]
    assert readers_of(holders, ReadersConfig()) == Access(frozenset({"group:hr@example.org", "user:u7"}))
    assert readers_of(holders, ReadersConfig(unmapped="nobody")) == Access(frozenset())


def test_who_is_mapped_to_nobody_is_nobody() -> None:
    assert readers_of([HR], ReadersConfig(principals={"42": ()})) == Access(frozenset())


@pytest.mark.parametrize("principal", ["hr", "group:", "role:admin"])
def test_what_is_no_principal_is_refused(principal: str) -> None:
    with pytest.raises(ValidationError, match="group:NAME or user:ID"):
        ReadersConfig(principals={"hr@example.org": (principal,)})
