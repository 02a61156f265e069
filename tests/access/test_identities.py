"""Whom an identity provider has recognised, as a person here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.access.identities import Identity, IdentityDesk
from assistant.catalog.people import PersonRecord
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError, NotSignedInError
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System

ISSUER = "https://id.example"
ANN = Identity(ISSUER, "42", "ann", "Ann B", "ann@corp.example", ("hr", "staff"))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


def test_a_person_is_made_once_and_follows_the_provider(system: System) -> None:
    desk = IdentityDesk(system.catalog)
    made = desk.recognise(ANN)
    assert (made.id, made.name, made.email, made.origin) == ("ann", "Ann B", "ann@corp.example", "oidc")
    assert made.user.groups == {"everyone", "hr", "staff"}
    assert made.groups == ()
    system.people.regroup("ann", LOCAL_OPERATOR, add=["local"])
    renamed = Identity(ISSUER, "42", "ann.married", "Ann C", "c@corp.example", ("staff",))
    again = desk.recognise(renamed)
    assert (again.id, again.name, again.email) == ("ann", "Ann C", "c@corp.example")
    assert again.user.groups == {"everyone", "staff", "local"}
    assert len(system.people.all(LOCAL_OPERATOR)) == 1


@pytest.mark.parametrize("other", [Identity(ISSUER, "43", "ann"), Identity("https://b.example", "42", "ANN")])
def test_nobody_is_somebody_else_by_name(system: System, other: Identity) -> None:
    desk = IdentityDesk(system.catalog)
    desk.recognise(ANN)
    with pytest.raises(AccessDeniedError, match="already"):
        desk.recognise(other)


def test_a_mail_address_links_nothing(system: System) -> None:
    system.people.add("boss", "", ["board"], "admin", LOCAL_OPERATOR)
    system.catalog.people.change("boss", email="ann@corp.example")
    assert IdentityDesk(system.catalog).recognise(ANN).id == "ann"


def test_a_provisioned_account_is_found_where_ids_are_the_same(system: System) -> None:
    system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)
    system.catalog.people.change("ann", origin="scim", external_id="scim-1")
    with pytest.raises(AccessDeniedError):
        IdentityDesk(system.catalog).recognise(ANN)
    linked = IdentityDesk(system.catalog, link_provisioned=True)
    assert linked.recognise(ANN).external_id == "scim-1"
    system.catalog.people.change("ann", origin="local")
    with pytest.raises(AccessDeniedError):
        linked.recognise(ANN)


def test_roles_are_those_of_groups_where_groups_are_named(system: System) -> None:
    plain = IdentityDesk(system.catalog)
    desk = IdentityDesk(system.catalog, admin_groups=["it"], auditor_groups=["audit"])
    assert desk.recognise(ANN).role == "employee"
    for groups, role in ((("it", "audit"), "admin"), (("audit",), "auditor"), ((), "employee")):
        assert desk.recognise(Identity(ISSUER, "42", "ann", groups=groups)).role == role
    system.catalog.people.change("ann", role="curator")
    assert desk.recognise(ANN).role == "curator"
    system.catalog.people.change("ann", role="admin")
    assert plain.recognise(ANN).role == "admin"
    assert desk.recognise(ANN).role == "employee"


def test_a_role_that_an_admin_takes_away_meanwhile_is_not_written_back(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = IdentityDesk(system.catalog)
    desk.recognise(ANN)
    system.catalog.people.change("ann", role="admin")
    known = system.catalog.people.by_external_id

    def demoted_after(external: str) -> PersonRecord | None:
        found = known(external)
        system.catalog.people.change("ann", role="employee")
        return found

    monkeypatch.setattr(system.catalog.people, "by_external_id", demoted_after)
    assert desk.recognise(ANN).role == "employee"


def test_who_is_unknown_stays_out_where_nobody_is_made(system: System) -> None:
    desk = IdentityDesk(system.catalog, create=False)
    with pytest.raises(NotSignedInError, match="nobody here"):
        desk.recognise(ANN)
    with pytest.raises(NotFoundError):
        system.catalog.people.get("ann")


@pytest.mark.parametrize("named", ["operator", "a,b", " ann", "", "x" * 201, "a\nb"])
def test_an_id_that_is_none_is_refused(system: System, named: str) -> None:
    with pytest.raises(ConfigurationError):
        IdentityDesk(system.catalog).recognise(Identity(ISSUER, "42", named))


def test_groups_with_names_that_cannot_be_used_are_left_out_and_said(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    groups = ("cn=hr,ou=corp", "x" * 201, "a\nb", "hr")
    assert IdentityDesk(system.catalog).recognise(Identity(ISSUER, "42", "ann", groups=groups)).provided_groups == (
        "cn=hr,ou=corp",
        "hr",
    )
    assert "2 groups" in caplog.text
