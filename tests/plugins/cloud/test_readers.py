"""Whose right at a vendor's is whose here."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from assistant.types import Access
from plugins.cloud import CloudReadersConfig, Holder, readers_of

HR = Holder("group", ("hr@example.org", "42", "Human Resources"))
ALL = [
    HR,
    Holder("user", ("", "u7")),
    Holder("user", ("ann@example.org", "u8")),
    Holder("user", ("",)),
    Holder("link", ("anyone-link",)),
    Holder("public", ()),
]


@pytest.mark.parametrize("name", ["hr@example.org", "HR@example.org", "42", "human resources"])
def test_any_of_the_names_is_mapped(name: str) -> None:
    assert readers_of([HR], CloudReadersConfig(groups={name: "group:hr"})) == Access(frozenset({"group:hr"}))


@pytest.mark.parametrize(
    ("config", "allowed"),
    [
        ({}, {"group:everyone"}),
        ({"public": ""}, set()),
        ({"public": "", "other_users": "user:{mail}"}, {"user:ann@example.org"}),
        ({"public": "", "other_users": "user:{name}"}, {"user:ann@example.org", "user:u7"}),
        ({"public": "", "other_groups": "group:{name}"}, {"group:hr@example.org"}),
        ({"public": "", "links": {"Anyone-Link": "group:world"}}, {"group:world"}),
        ({"public": "", "users": {"42": "user:x", "anyone-link": "user:y", "u8": "user:ann"}}, {"user:ann"}),
    ],
)
def test_nobody_reads_whom_the_admin_did_not_name(config: dict[str, Any], allowed: set[str]) -> None:
    assert readers_of(ALL, CloudReadersConfig.model_validate(config)) == Access(frozenset(allowed))


@pytest.mark.parametrize("principal", ["hr", "group:", "role:admin"])
def test_what_is_no_principal_is_refused(principal: str) -> None:
    with pytest.raises(ValidationError, match="user:ID or group:NAME"):
        CloudReadersConfig(groups={"hr@example.org": principal})
    with pytest.raises(ValidationError, match="must be empty"):
        CloudReadersConfig(public=principal)


def test_another_mapping_has_another_mark() -> None:
    assert CloudReadersConfig().mapping_mark == CloudReadersConfig().mapping_mark
    assert CloudReadersConfig().mapping_mark != CloudReadersConfig(public="").mapping_mark
