"""Break-glass: who opens what for how long, and that nothing stays open."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from assistant.access.openings import OpeningDesk
from assistant.catalog.models_people import OpeningRow
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.ingest.uploads import register_uploads
from assistant.types import LOCAL_OPERATOR, Access, Role, User
from assistant.types.access import UNFINISHED, WITHDRAWN
from tests.fakes.system import System

REASON = "The works council asked for it"


@pytest.fixture
def system(tmp_path: Path) -> System:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {"a.txt": "one", "hr/b.txt": "two", "hr/c.txt": "three"}
    system.ingestor.sync("s", "cli")
    system.people.add("root", "", [], "admin", LOCAL_OPERATOR)
    return system


def root(system: System) -> User:
    return system.catalog.people.get("root").user


def test_a_document_is_open_until_it_ends(system: System) -> None:
    desk = system.rights.openings
    opened = desk.open("s", "hr/b.txt", REASON, 60, root(system))
    assert system.library.read("s", "hr/b.txt", root(system)).text == "two"
    with pytest.raises(NotFoundError):
        system.library.read("s", "hr/c.txt", root(system))
    of_document = desk.of_document("s", "hr/b.txt", root(system))
    assert of_document is not None
    assert of_document.id == opened.id
    assert desk.of_document("s", "a.txt", root(system)) is None
    assert "hr/b.txt" not in [hit.ref.key for hit in system.retriever.search("two", root(system), 5)]
    assert desk.end(opened.id, root(system)).ended_at is not None
    with pytest.raises(NotFoundError):
        system.library.read("s", "hr/b.txt", root(system))
    assert desk.page(User("aud", frozenset(), "auditor"))[0][0].reason == REASON
    assert desk.page(LOCAL_OPERATOR, open_only=True) == ([], 0)


def test_it_ends_by_itself_and_with_the_role(system: System) -> None:
    opened = system.rights.openings.open("s", "hr/b.txt", REASON, 1, root(system))
    assert 59 < opened.expires_at - opened.created_at <= 60
    assert root(system).opened == {opened.document}
    system.people.set_role("root", "auditor", LOCAL_OPERATOR)
    assert root(system).opened == frozenset()
    system.people.set_role("root", "admin", LOCAL_OPERATOR)
    assert root(system).opened
    with system.catalog.database.write() as session:
        session.execute(update(OpeningRow).values(expires_at=opened.created_at))
    assert root(system).opened == frozenset()
    assert system.rights.openings.of_document("s", "hr/b.txt", root(system)) is None


def test_members_are_open_with_it(system: System) -> None:
    from assistant.catalog.models import DocumentRow
    from assistant.types import document_id

    with system.catalog.database.write() as session:  # as though c.txt were in b.txt
        row = session.get(DocumentRow, document_id("s", "hr/c.txt"))
        assert row is not None
        row.parent = document_id("s", "hr/b.txt")
    system.rights.openings.open("s", "hr/b.txt", REASON, 5, root(system))
    assert system.library.read("s", "hr/c.txt", root(system)).text == "three"


@pytest.mark.parametrize("role", ["employee", "curator", "auditor", "operator"])
def test_only_admins_open_and_end(system: System, role: Role) -> None:
    with pytest.raises(AccessDeniedError, match="only admins"):
        system.rights.openings.open("s", "hr/b.txt", REASON, 5, User("x", frozenset(), role))
    if role != "operator":
        with pytest.raises(AccessDeniedError, match="only admins"):
            system.rights.openings.end("x", User("x", frozenset(), role))
    if role in {"employee", "curator"}:
        with pytest.raises(AccessDeniedError, match="only auditors"):
            system.rights.openings.page(User("x", frozenset(), role))


def test_what_is_refused(system: System) -> None:
    by = root(system)
    for key, reason, minutes, told in (
        ("hr/b.txt", " too short ", 5, "9 characters"),
        ("hr/b.txt", REASON, 61, "61 minutes"),
        ("hr/b.txt", REASON, 0, "0 minutes"),
        ("a.txt", REASON, 5, "already"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            system.rights.openings.open("s", key, reason, minutes, by)
    with pytest.raises(NotFoundError, match="no document"):
        system.rights.openings.open("s", "none", REASON, 5, by)
    with pytest.raises(AccessDeniedError, match="switched off"):
        OpeningDesk(system.catalog, allowed=False).open("s", "hr/b.txt", REASON, 5, by)
    assert system.catalog.openings.page() == ([], 0)


@pytest.mark.parametrize("key", ["mine.txt", "none.txt"])
def test_what_people_upload_is_theirs(system: System, key: str) -> None:
    """Whether there is such a file or not, the answer is the same."""
    register_uploads(system.registry, lambda: system.catalog, lambda: system.blobs)
    system.uploads.put(User("ann", frozenset()), "mine.txt", b"my own words")
    (source,) = (one.name for one in system.catalog.sources.all() if one.kind == "uploads")
    system.ingestor.sync(source, "api")
    with pytest.raises(AccessDeniedError, match="not opened by break-glass"):
        system.rights.openings.open(source, key, REASON, 5, root(system))
    assert system.catalog.openings.page() == ([], 0)


def test_what_is_about_to_be_deleted_is_open_to_nobody(system: System) -> None:
    opened = system.rights.openings.open("s", "hr/b.txt", REASON, 60, root(system)).document
    system.catalog.documents.set_access(opened, Access(frozenset(), frozenset({WITHDRAWN})))
    assert system.library.readable([opened], root(system)) == {}
    assert "" not in {one.name for one in system.catalog.groups.all()}  # what marks it is no group
    assert opened not in {info.ref.id for info in system.library.documents(root(system))}
    system.catalog.documents.set_access(opened, Access(frozenset(), frozenset({UNFINISHED})))  # nobody's, by a rule
    assert opened in system.library.readable([opened], root(system))
    assert opened in {info.ref.id for info in system.library.documents(root(system))}
