"""Groups for admins: which there are, who is in them and how, and who changes them; and who gives which role."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.access.groups import GroupDesk, parents_of, path_to
from assistant.access.roles import SCOPES, scopes_of
from assistant.catalog import Catalog, Keyring
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.types import LOCAL_OPERATOR, User
from tests.fakes.system import System

ADMIN = User("root", frozenset({"everyone"}), "admin")


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr", "user:ann"], "deny": ["temps"]}]})


def test_all_groups_are_known_by_whoever_names_them(system: System) -> None:
    desk = system.rights.groups
    system.people.add("ann", "", ["sales"], "employee", LOCAL_OPERATOR)
    system.catalog.people.change("ann", provided_groups=["cloud"])
    desk.nest("staff", "sales", LOCAL_OPERATOR)
    found = {group.name: group for group in desk.all(ADMIN)}
    assert sorted(found) == ["cloud", "everyone", "hr", "sales", "staff", "temps"]
    assert (found["sales"].given, found["sales"].parents) == (("ann",), ("staff",))
    assert (found["cloud"].provided, found["staff"].children) == (("ann",), ("sales",))
    assert desk.show("temps", ADMIN).sources == ("s",)
    system.source.texts = {"hr/a.txt": "one", "b.txt": "two"}
    system.ingestor.sync("s", "cli")
    assert {group.name: group.documents for group in desk.all(ADMIN)} == {
        "cloud": 0, "everyone": 1, "hr": 1, "sales": 0, "staff": 0, "temps": 1,
    }  # fmt: skip
    with pytest.raises(NotFoundError, match="no group 'none'"):
        desk.show("none", ADMIN)


def test_members_are_told_with_their_way(system: System) -> None:
    desk = system.rights.groups
    system.people.add("ann", "Ann", ["interns"], "employee", LOCAL_OPERATOR)
    system.people.add("bob", "", [], "employee", LOCAL_OPERATOR)
    system.catalog.people.change("bob", provided_groups=["sales"])
    desk.nest("sales", "interns", LOCAL_OPERATOR)
    desk.nest("staff", "sales", LOCAL_OPERATOR)
    view = desk.show("staff", ADMIN)
    assert [(one.person.id, one.path.way, one.path.groups) for one in view.members] == [
        ("ann", "given", ("interns", "sales", "staff")),
        ("bob", "provided", ("sales", "staff")),
    ]
    assert [one.path.way for one in desk.show("everyone", ADMIN).members] == ["everyone", "everyone"]
    assert desk.unnest("staff", "sales", ADMIN).children == ()
    assert system.catalog.people.get("bob").user.groups == {"everyone", "sales"}
    with pytest.raises(NotFoundError, match="not directly in"):
        desk.unnest("staff", "sales", ADMIN)


def test_only_admins_manage_groups_and_none_opens_something_to_the_own_account(system: System) -> None:
    desk = system.rights.groups
    for role in ("employee", "curator", "auditor"):
        with pytest.raises(AccessDeniedError, match="only admins"):
            desk.all(User("x", frozenset(), role))  # type: ignore[arg-type]
    ann = User("ann", frozenset({"everyone", "it"}), "admin")
    for group in ("it", "everyone"):
        with pytest.raises(AccessDeniedError, match="nobody changes the own groups"):
            desk.nest("board", group, ann)
    desk.nest("board", "chairs", ann)
    with pytest.raises(ConfigurationError, match="already"):
        desk.nest("everyone", "it", LOCAL_OPERATOR)
    with pytest.raises(ConfigurationError, match="no name of a group"):
        desk.nest("user:ann", "it", LOCAL_OPERATOR)


def test_roles_are_given_by_other_admins_and_one_admin_stays(system: System) -> None:
    people = system.people
    for name in ("ann", "bob"):
        people.add(name, "", [], "admin", LOCAL_OPERATOR)
    ann = system.catalog.people.get("ann").user
    with pytest.raises(AccessDeniedError, match="own role"):
        people.set_role("ann", "auditor", ann)
    with pytest.raises(AccessDeniedError, match="own groups"):
        people.regroup("ann", ann, add=["hr"])
    with pytest.raises(AccessDeniedError, match="only admins"):
        people.set_role("bob", "admin", User("eve", frozenset(), "curator"))
    changed = people.set_role("bob", "curator", ann, curates=["s"])
    assert (changed.role, changed.curates, changed.user.looks_after("s")) == ("curator", ("s",), True)
    for change in (
        lambda: people.set_role("ann", "employee", User("carl", frozenset(), "admin")),
        lambda: people.disable("ann", User("carl", frozenset(), "admin"), disabled=True),
    ):
        with pytest.raises(AccessDeniedError, match="'ann' is the last admin"):
            change()
    assert people.disable("ann", LOCAL_OPERATOR, disabled=True).disabled
    assert system.catalog.people.admins() == []
    assert not people.set_role("bob", "auditor", LOCAL_OPERATOR).curates


def test_curated_sources_are_there_and_of_curators(system: System) -> None:
    with pytest.raises(NotFoundError, match="no source 'none'"):
        system.people.add("ann", "", [], "curator", LOCAL_OPERATOR, curates=["none"])
    with pytest.raises(ConfigurationError, match="looks after no chosen sources"):
        system.people.add("ann", "", [], "admin", LOCAL_OPERATOR, curates=["s"])
    assert system.people.all(LOCAL_OPERATOR) == []
    assert system.people.add("ann", "", [], "curator", LOCAL_OPERATOR, curates=["s"]).curates == ("s",)


def test_a_token_is_for_no_more_than_the_role(system: System) -> None:
    assert scopes_of("employee") == ("read", "ask", "upload")
    assert scopes_of("curator") == ("read", "ask", "upload", "manage")
    assert scopes_of("auditor") == ("read", "ask", "upload", "audit", "metrics")
    assert scopes_of("admin") == SCOPES
    system.people.add("ann", "", [], "auditor", LOCAL_OPERATOR)
    with pytest.raises(ConfigurationError, match="role 'auditor' is not for: manage, scim"):
        system.people.add_token("ann", LOCAL_OPERATOR, scopes=["read", "scim", "manage"])
    _, token = system.people.add_token("ann", LOCAL_OPERATOR, scopes=["read", "audit"])
    assert token.scopes == ("audit", "read")


NAMES = st.sampled_from("abcdef")


@settings(max_examples=150, deadline=None)
@given(edges=st.sets(st.tuples(NAMES, NAMES), max_size=9), direct=st.sets(NAMES, max_size=3), name=NAMES)
def test_a_path_is_there_exactly_where_the_closure_has_the_group(
    edges: set[tuple[str, str]], direct: set[str], name: str
) -> None:
    nested: dict[str, frozenset[str]] = {}
    for parent, child in edges:
        nested[parent] = nested.get(parent, frozenset()) | {child}
    closure = set(direct)
    while grown := {parent for parent, children in nested.items() if children & closure} - closure:
        closure |= grown
    path = path_to(name, dict.fromkeys(sorted(direct), "given"), parents_of(nested))  # type: ignore[arg-type]
    assert (path is not None) == (name in closure)
    if path is not None:
        assert path.groups[0] in direct
        assert path.groups[-1] == name
        assert all(child in nested[parent] for child, parent in zip(path.groups, path.groups[1:], strict=False))


def test_a_group_that_the_identity_provider_nested_is_taken_apart_there(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path}/c.sqlite3", Keyring(tmp_path / "k"))
    desk = GroupDesk(catalog)
    desk.nest("staff", "sales", LOCAL_OPERATOR)
    from assistant.catalog.models_people import GroupMemberRow

    with catalog.database.write() as session:
        row = session.get(GroupMemberRow, ("staff", "sales"))
        assert row is not None
        row.origin = "scim"
    with pytest.raises(ConfigurationError, match="identity provider says"):
        desk.unnest("staff", "sales", LOCAL_OPERATOR)
    catalog.close()
