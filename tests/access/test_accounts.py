"""Accounts: who changes what of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.access import Changes
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.types import LOCAL_OPERATOR, User
from tests.fakes.system import System

ADMIN, ANN = User("boss", frozenset(), "admin"), User("ann", frozenset())


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.people.add("boss", "", [], "admin", LOCAL_OPERATOR)
    system.people.add("ann", "Ann", ["hr"], "employee", LOCAL_OPERATOR)
    yield system
    system.close()


def test_what_is_not_named_stays(system: System) -> None:
    changed = system.accounts.change("ann", Changes(email="a@b.c", groups=("it", "everyone")), ADMIN)
    assert (changed.name, changed.email, changed.groups, changed.role) == ("Ann", "a@b.c", ("it",), "employee")
    assert system.accounts.change("ann", Changes(), ADMIN) == changed
    assert system.accounts.change("ann", Changes(name="", email=""), ADMIN).name == ""
    curator = system.accounts.change("ann", Changes(role="curator", curates=("s", "s")), ADMIN)
    assert (curator.curates, curator.user.looks_after("s")) == (("s",), True)


def test_only_admins_change_accounts_and_none_the_own_role(system: System) -> None:
    assert system.accounts.get("ann", ANN).id == "ann"
    with pytest.raises(AccessDeniedError):
        system.accounts.get("boss", ANN)
    with pytest.raises(AccessDeniedError):
        system.accounts.change("ann", Changes(role="admin"), ANN)
    for changes in (Changes(role="employee"), Changes(disabled=True)):
        with pytest.raises(AccessDeniedError, match="own"):
            system.accounts.change("boss", changes, ADMIN)
    assert system.accounts.change("boss", Changes(role="auditor"), LOCAL_OPERATOR).role == "auditor"


@pytest.mark.parametrize(
    "changes",
    [
        Changes(name=" x"),
        Changes(email="nobody"),
        Changes(email="a@b\n.c"),
        Changes(role="operator"),
        Changes(groups=("user:ann",)),
        Changes(curates=("none",)),
    ],
)
def test_what_is_wrong_changes_nothing(system: System, changes: Changes) -> None:
    before = system.catalog.people.get("ann")
    with pytest.raises((ConfigurationError, NotFoundError)):
        system.accounts.change("ann", changes, ADMIN)
    assert system.catalog.people.get("ann") == before
