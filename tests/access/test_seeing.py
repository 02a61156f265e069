"""What somebody sees, and what a rule would change: numbers and names, as the reads themselves have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import NotFoundError
from assistant.ingest.uploads import register_uploads
from assistant.types import LOCAL_OPERATOR, Access, ReadersRule, User, parse_readers
from tests.fakes.system import System

ADMIN = User("root", frozenset({"everyone"}), "admin")


@pytest.fixture
def system(tmp_path: Path) -> System:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {"a.txt": "one", "hr/b.txt": "two", "hr/pay/c.txt": "three", "it/d.txt": "four"}
    system.source.access = {"it/d.txt": Access(frozenset({"group:it"}))}
    system.ingestor.sync("s", "cli")
    system.people.add("ann", "", ["hr"], "employee", LOCAL_OPERATOR)
    system.people.add("bob", "", [], "employee", LOCAL_OPERATOR)
    return system


def test_folders_are_counted_and_documents_named(system: System) -> None:
    overlook = system.rights.overlook
    sight = overlook.sees("group:hr", ADMIN)
    assert (sight.subject, sight.documents, sight.private) == ("group:hr", 3, 0)
    assert [(one.folder, one.documents) for one in sight.folders] == [("", 1), ("hr", 2)]
    assert [key for _, key, _ in sight.listed] == ["a.txt", "hr/b.txt", "hr/pay/c.txt"]
    inner = overlook.sees("ann", ADMIN, "s", "/hr/", limit=1, offset=1)
    assert [(one.folder, one.documents) for one in inner.folders] == [("hr/", 1), ("hr/pay", 1)]
    assert [key for _, key, _ in inner.listed] == ["hr/pay/c.txt"]
    assert overlook.sees("group:none", ADMIN).documents == 1
    ann = system.catalog.people.get("ann").user
    assert overlook.sees("ann", ADMIN).documents == system.library.count(ann)[0]


def test_curators_are_told_of_their_sources_and_others_of_none(system: System) -> None:
    overlook = system.rights.overlook
    cora = User("cora", frozenset(), "curator", curates=frozenset({"s"}))
    assert overlook.sees("group:hr", cora).documents == 3
    for by, source in ((User("x", frozenset(), "auditor"), None), (User("x", frozenset()), None), (cora, "t")):
        with pytest.raises(NotFoundError, match="that you look after"):
            overlook.sees("group:hr", by, source)
        with pytest.raises(NotFoundError, match="that you look after"):
            overlook.preview(source or "s", ReadersRule(), by)


def test_private_uploads_are_counted_and_not_named(system: System) -> None:
    register_uploads(system.registry, lambda: system.catalog, lambda: system.blobs)
    system.uploads.put(system.catalog.people.get("ann").user, "diary.txt", b"dear diary\n")
    system.ingestor.sync(next(one.name for one in system.catalog.sources.all() if one.kind == "uploads"), "cli")
    sight = system.rights.overlook.sees("ann", ADMIN)
    assert (sight.documents, sight.private) == (3, 1)
    assert "diary" not in repr(sight)
    (private,) = [one.name for one in system.catalog.sources.all() if one.kind == "uploads"]
    with pytest.raises(NotFoundError, match="that you look after"):
        system.rights.overlook.sees("ann", ADMIN, private)
    (key,) = system.catalog.documents.known(private)
    with pytest.raises(NotFoundError, match="no document"):
        system.rights.explainer.why("ann", private, key, ADMIN)


def test_a_rule_is_previewed_as_it_then_comes(system: System) -> None:
    rule = {
        "default": ["everyone"],
        "rules": [{"glob": "hr/pay/*", "readers": ["hr"]}, {"glob": "a.txt", "readers": ["it"]}],
    }
    preview = system.rights.overlook.preview("s", parse_readers(rule, "readers"), ADMIN)
    assert (preview.documents, preview.changed, preview.of_source) == (4, 2, 1)
    effects = {one.subject: one for one in preview.effects}
    assert sorted(effects) == ["group:everyone", "group:hr", "group:it", "user:ann", "user:bob"]
    ann = effects["user:ann"]
    assert (ann.before, ann.after, ann.gained, ann.lost, ann.losses) == (3, 2, 0, 1, ("a.txt",))
    bob = effects["user:bob"]
    assert (bob.before, bob.after, bob.gains, bob.losses) == (1, 1, ("hr/b.txt",), ("a.txt",))
    system.catalog.sources.set_readers("s", rule)
    system.ingestor.sync("s", "cli")
    for name in ("ann", "bob"):
        user = system.catalog.people.get(name).user
        assert system.library.count(user)[0] == effects[f"user:{name}"].after
    assert system.rights.overlook.preview("s", parse_readers(rule, "readers"), ADMIN).effects == ()
