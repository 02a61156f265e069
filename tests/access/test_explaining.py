"""Why somebody may read a document: the chain is there, and says what `may_read` says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.access.explaining import Explanation, decide
from assistant.access.subjects import person_subject
from assistant.catalog import PersonRecord
from assistant.errors import NotFoundError
from assistant.types import LOCAL_OPERATOR, Access, Role, User, may_read
from tests.fakes.system import System

ADMIN = User("root", frozenset({"everyone"}), "admin")


@pytest.fixture
def system(tmp_path: Path) -> System:
    readers = {
        "default": ["everyone"],
        "rules": [
            {"glob": "hr/**", "readers": ["staff"], "deny": ["temps"]},
            {"glob": "hr/pay/*", "readers": ["user:ann"]},
        ],
    }
    system = System(tmp_path, readers=readers)
    system.source.texts = {"a.txt": "one", "hr/b.txt": "two", "hr/pay/c.txt": "three", "own.txt": "four"}
    system.source.access = {"own.txt": Access(frozenset({"group:hr"}), frozenset({"user:bob"}))}
    system.ingestor.sync("s", "cli")
    for name, groups in (("ann", ["interns"]), ("bob", ["hr"]), ("cora", [])):
        system.people.add(name, name.title(), groups, "employee", LOCAL_OPERATOR)
    system.catalog.groups.nest("sales", "interns")
    system.catalog.groups.nest("staff", "sales")
    return system


def why(system: System, subject: str, key: str, by: User = ADMIN) -> Explanation:
    return system.rights.explainer.why(subject, "s", key, by)


def test_the_whole_chain_is_told(system: System) -> None:
    found = why(system, "ann", "hr/b.txt")
    assert (found.subject, found.decision.may, found.decision.verdict) == ("user:ann", True, "allowed")
    (grant,) = found.decision.allowed
    assert grant.path is not None
    assert (grant.principal, grant.path.way, grant.path.groups) == (
        "group:staff",
        "given",
        ("interns", "sales", "staff"),
    )
    assert (found.readers.origin, found.readers.glob, found.readers.coming) == ("rule", "hr/**", None)
    system.people.regroup("ann", LOCAL_OPERATOR, add=["temps"])
    denied = why(system, "user:ann", "hr/b.txt").decision
    assert (denied.may, denied.verdict, [one.principal for one in denied.denied]) == (False, "denied", ["group:temps"])
    assert [one.principal for one in denied.allowed] == ["group:staff"]
    person = why(system, "ann", "hr/pay/c.txt")
    assert [(one.principal, one.path) for one in person.decision.allowed] == [("user:ann", None)]
    assert person.readers.glob == "hr/pay/*"
    assert why(system, "cora", "a.txt").readers.origin == "default"


def test_readers_of_the_source_are_told_as_such(system: System) -> None:
    found = why(system, "bob", "own.txt")
    assert (found.readers.origin, found.readers.glob, found.decision.verdict) == ("source", None, "denied")
    system.catalog.people.change("cora", provided_groups=["hr"])
    (grant,) = why(system, "cora", "own.txt").decision.allowed
    assert grant.path is not None
    assert grant.path.way == "provided"


def test_a_group_a_disabled_person_and_the_next_sync(system: System) -> None:
    assert why(system, "group:interns", "hr/b.txt").decision.verdict == "allowed"
    assert why(system, "group:hr", "hr/b.txt").decision.verdict == "not_granted"
    system.people.disable("ann", LOCAL_OPERATOR, disabled=True)
    disabled = why(system, "ann", "hr/b.txt").decision
    assert (disabled.may, disabled.verdict, len(disabled.allowed)) == (False, "disabled", 1)
    system.catalog.sources.set_readers("s", {"default": ["board"], "rules": []})
    readers = why(system, "cora", "hr/b.txt").readers
    assert (readers.access.allow, readers.coming) == ({"group:staff"}, Access(frozenset({"group:board"})))


def test_who_is_told(system: System) -> None:
    cora = User("cora", frozenset({"everyone"}), "curator", curates=frozenset({"s"}))
    assert why(system, "ann", "hr/b.txt", cora).decision.may
    bob = system.catalog.people.get("bob").user
    assert why(system, "bob", "a.txt", bob).decision.may
    for subject, key, by in (
        ("bob", "hr/b.txt", bob),  # not even that there is such a document
        ("ann", "a.txt", bob),
        ("group:hr", "a.txt", bob),
        ("ann", "hr/b.txt", User("x", frozenset(), "auditor")),
        ("ann", "hr/b.txt", replace(cora, curates=frozenset({"t"}))),
        ("ann", "none.txt", ADMIN),
    ):
        with pytest.raises(NotFoundError, match="no document"):
            why(system, subject, key, by)
    with pytest.raises(NotFoundError, match="no person 'nobody'"):
        why(system, "nobody", "a.txt")


NAMES = st.sampled_from("abcdef")
GROUPS = st.sets(NAMES, max_size=3)
SIDE = st.sets(
    st.sampled_from([*(f"group:{name}" for name in "abcdef"), "group:everyone", "user:x", "user:y"]), max_size=3
)


@settings(max_examples=300, deadline=None)
@given(
    given_here=GROUPS,
    provided=GROUPS,
    edges=st.sets(st.tuples(NAMES, NAMES), max_size=8),
    allow=SIDE,
    deny=SIDE,
    opened=st.booleans(),
    disabled=st.booleans(),
    role=st.sampled_from(["employee", "curator", "admin", "auditor", "operator"]),
)
def test_the_explanation_says_what_may_read_says(
    given_here: set[str],
    provided: set[str],
    edges: set[tuple[str, str]],
    allow: set[str],
    deny: set[str],
    opened: bool,
    disabled: bool,
    role: Role,
) -> None:
    nested: dict[str, frozenset[str]] = {}
    for parent, child in edges:
        nested[parent] = nested.get(parent, frozenset()) | {child}
    groups = {"everyone", *given_here, *provided}
    while grown := {parent for parent, children in nested.items() if children & groups} - groups:
        groups |= grown
    user = User("x", frozenset(groups), role, opened=frozenset({"d"} if opened else ()))
    person = PersonRecord(
        "x", "", tuple(given_here), role, disabled, 0.0, user, provided_groups=tuple(sorted(provided))
    )
    access = Access(frozenset(allow), frozenset(deny))
    found = decide(person_subject(person), nested, access, "d")
    assert found.may == (may_read(user, access, "d") and not disabled)
    assert {one.principal for one in found.allowed} == allow & user.principals
    assert {one.principal for one in found.denied} == deny & user.principals
    for one in (*found.allowed, *found.denied):
        if one.path is not None:
            first, *_ = one.path.groups
            there = {"given": given_here, "provided": provided, "everyone": {"everyone"}, "named": set()}
            assert first in there[one.path.way]
            assert one.principal == f"group:{one.path.groups[-1]}"
            assert all(
                child in nested[parent] for child, parent in zip(one.path.groups, one.path.groups[1:], strict=False)
            )
