"""The audit log in the catalog, on SQLite and Postgres."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from assistant.catalog import Act, AuditFilter, Catalog, Head, Keyring, Origin
from assistant.catalog.audit_triggers import arm, disarm
from assistant.catalog.database import upgrade
from assistant.catalog.models import Base
from assistant.errors import StorageError

HERE = Origin("api", "192.0.2.7", "Browser/1", "r1")


def _filled(catalog: Catalog) -> None:
    catalog.people.add("ann", "Ann", [], "employee")
    catalog.people.add("bob", "Bob", [], "admin")
    catalog.audit.append([Act("document opened", "ann", origin=HERE, documents=("d1", "d2"), details={"key": "a.txt"})])
    catalog.audit.append(
        [
            Act("person changed", "bob", "begun", origin=HERE, subject="ann", about={"person": "ann"}),
            Act("person changed", "bob", origin=HERE, subject="ann", about={"person": "ann"}),
            Act("search", "bob", "refused", details={"query": 'Übung "x"'}),
        ]
    )
    catalog.audit.append([Act("signed in", "nobody", "refused", origin=HERE, details={"name": "eve"})])


def _tampered(catalog: Catalog, *statements: str) -> None:
    """Do what the database's owner could: without the triggers."""
    with catalog.database.write() as session:
        disarm(session.connection())
        for statement in statements:
            session.execute(text(statement))
        arm(session.connection())


def test_entries_are_kept_and_found(catalog: Catalog) -> None:
    assert catalog.audit.verify().seal == "none"
    _filled(catalog)
    entries = catalog.audit.page(AuditFilter()).entries
    assert [one.number for one in entries] == [5, 4, 3, 2, 1]
    first = entries[-1]
    assert (first.who, first.origin, first.details) == ("ann", HERE, {"key": "a.txt"})
    assert first.documents == ("d1", "d2")
    assert abs(first.at - time.time()) < 60

    def found(**wanted: object) -> list[int]:
        return [one.number for one in catalog.audit.page(AuditFilter(**wanted)).entries]  # type: ignore[arg-type]

    assert found(who="ann") == [3, 2, 1]
    assert found(who="bob", outcome="begun") == [2]
    assert found(who="nobody there") == []
    assert found(action="person") == [3, 2]
    assert found(action="pers") == []
    assert found(document="d2") == [1]
    assert found(since=time.time() + 1) == []
    assert found(until=time.time() + 1) == [5, 4, 3, 2, 1]
    assert found(text="übung") == [4]
    assert found(text="EVE") == [5]
    assert found(text="192.0.2.7") == [5, 3, 2, 1]


def test_pages_go_on(catalog: Catalog) -> None:
    catalog.audit.append([Act("search", "ann", details={"n": number}) for number in range(7)])
    for wanted in (AuditFilter(), AuditFilter(text="search")):
        seen, before = [], None
        for _ in range(10):
            page = catalog.audit.page(wanted, 3, before)
            seen += [one.number for one in page.entries]
            before = page.next
            if before is None:
                break
        assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert catalog.audit.page(AuditFilter(), 7).next is None


def test_nothing_personal_lies_open(catalog: Catalog) -> None:
    _filled(catalog)
    with catalog.database.read() as session:
        rows = "\n".join(str(tuple(row)) for row in session.execute(text("SELECT * FROM audit")))
    for word in ("ann", "bob", "192.0.2.7", "Browser", "a.txt", "eve", "bung"):
        assert word not in rows.replace("begun", "")


def test_the_database_refuses_changes(catalog: Catalog) -> None:
    _filled(catalog)
    for statement in (
        "UPDATE audit SET action = 'x' WHERE number = 1",
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit",
        "UPDATE audit_documents SET number = 4",
        "DELETE FROM audit_documents",
        "UPDATE audit_chain SET head = 2",
        "UPDATE audit_chain SET anchor = 9",
        "DELETE FROM audit_chain",
    ):
        with pytest.raises((DBAPIError, StorageError), match="append-only"), catalog.database.write() as session:
            session.execute(text(statement))
    assert catalog.audit.verify().good


FIELDS = {
    "at": "at + 1",
    "actor": "subject",
    "subject": "''",
    "action": "'search'",
    "outcome": "'done'",
    "documents": "'[\"d1\"]'",
    "personal": "details",
    "details": "personal",
    "about": "''",
    "previous": f"'{'0' * 64}'",
    "digest": f"'{'1' * 64}'",
}
CUTS = (
    (("DELETE FROM audit WHERE number = 3",), 3, "entry 4 stands in its place"),
    (("DELETE FROM audit WHERE number = 1",), 1, "entry 2 stands in its place"),
    (("DELETE FROM audit WHERE number >= 4",), 4, "the entries 4 to 5 are missing at the end"),
    (("DELETE FROM audit",), 1, "the entries 1 to 5 are missing at the end"),
    (("UPDATE audit SET number = 9 WHERE number = 2",), 2, "stands in its place"),
    (
        (
            "UPDATE audit SET number = 90 WHERE number = 2",
            "UPDATE audit SET number = 2 WHERE number = 3",
            "UPDATE audit SET number = 3 WHERE number = 90",
        ),
        2,
        "it was changed",
    ),
    (("DELETE FROM audit_documents WHERE document_id = 'd2'",), 1, "the list by documents"),
    (("INSERT INTO audit_documents VALUES ('d1', 3)",), 3, "the list by documents"),
    (("DELETE FROM audit_chain",), 5, "another than the recorded head"),
)
TABLES = [Base.metadata.tables[name] for name in ("audit", "audit_documents", "audit_chain")]


def test_what_is_changed_cut_or_moved_is_named(catalog: Catalog) -> None:
    _filled(catalog)
    changed = [((f"UPDATE audit SET {one} = {value} WHERE number = 2",), 2, "") for one, value in FIELDS.items()]  # noqa: S608
    with catalog.database.read() as session:
        kept = [[dict(row) for row in session.execute(select(table)).mappings()] for table in TABLES]
    for statements, number, why in (*changed, *CUTS):
        assert catalog.audit.verify().good
        _tampered(catalog, *statements)
        found = catalog.audit.verify()
        assert found.broken is not None, statements
        assert (found.broken.number, why in found.broken.why) == (number, True), (statements, found.broken)
        assert not found.good
        with catalog.database.write() as session:  # as it was
            disarm(session.connection())
            for table, rows in zip(TABLES, kept, strict=True):
                session.execute(table.delete())
                session.execute(table.insert(), rows)
            arm(session.connection())


def test_a_chain_that_is_made_anew_breaks_the_seal_and_stays_visible(catalog: Catalog, tmp_path: Path) -> None:
    _filled(catalog)
    kept = catalog.audit.head()
    # the database's owner, who has not the key, forges the whole end: a shorter chain that holds in itself
    with catalog.database.read() as session:
        digest = session.scalar(text("SELECT digest FROM audit WHERE number = 3"))
    shorter = f"UPDATE audit_chain SET head = 3, head_digest = '{digest}'"  # noqa: S608
    _tampered(catalog, "DELETE FROM audit WHERE number > 3", shorter)
    found = catalog.audit.verify()
    assert found.broken is None
    assert "changed by something else" in found.seal
    assert not found.good
    broken = catalog.audit.verify(kept).broken
    assert broken is not None
    assert "the entries 4 to 5 are missing" in broken.why
    catalog.audit.append([Act("search", "ann")])  # seals anew, but not in silence
    after = catalog.audit.verify()
    assert (after.broken, after.seal, after.seal_breaks, after.good) == (None, "good", (4,), False)
    assert catalog.audit.verify(replace(kept, number=4)).broken is not None


def test_a_head_that_was_kept_has_to_be_there(catalog: Catalog) -> None:
    _filled(catalog)
    kept = catalog.audit.head()
    catalog.audit.append([Act("search", "ann")])
    assert catalog.audit.verify(kept).good
    broken = catalog.audit.verify(Head(kept.number, "f" * 64)).broken
    assert broken is not None
    assert broken.number == kept.number
    assert catalog.audit.verify(Head()).good


def test_erasing_a_person_leaves_the_chain_whole(catalog: Catalog, catalog_url: str) -> None:
    _filled(catalog)
    told = list(catalog.audit.of_person("ann"))
    assert [(one.number, one.who, one.subject) for one in told] == [(1, "ann", ""), (2, "", "ann"), (3, "", "ann")]
    assert "bob" not in str(told[1:])
    with catalog.database.read() as session:
        wrapped = session.scalar(text("SELECT key FROM person_keys WHERE person = 'ann'"))
    assert catalog.audit.forget("ann") == 3
    assert catalog.audit.forget("ann") == 0
    assert catalog.audit.verify().good
    entries = {one.number: one for one in catalog.audit.page(AuditFilter()).entries}
    assert (entries[1].erased, entries[1].who, entries[1].details) == (True, "", {})
    assert entries[1].documents == ("d1", "d2")
    assert (entries[3].who, entries[3].subject, entries[3].subject_erased) == ("bob", "", True)
    assert entries[6].action == "person forgotten"
    assert list(catalog.audit.of_person("ann")) == []
    if catalog_url.startswith("sqlite"):
        token = str(wrapped).split("$encrypted")[1][5:60]
        file = Path(catalog_url.removeprefix("sqlite:///"))
        held = file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()
        assert token.encode() not in held
    catalog.audit.append([Act("search", "ann")])  # somebody new, of the same name
    newest = catalog.audit.page(AuditFilter(), 1).entries[0]
    assert (newest.who, newest.actor == entries[1].actor) == ("ann", False)


def test_a_subject_who_is_nobody_here_gets_no_key(catalog: Catalog) -> None:
    catalog.audit.append([Act("person changed", "bob", "refused", subject="x" * 300, about={"person": "x"})])
    entry = catalog.audit.page(AuditFilter()).entries[0]
    assert (entry.subject, entry.about, entry.details) == ("", {}, {"subject": "x" * 200})


def test_retention_moves_the_anchor(catalog: Catalog) -> None:
    old = time.time() - 1000
    catalog.audit.append([Act("search", "ann", at=old, documents=("d1",)) for _ in range(5)])
    catalog.audit.append([Act("search", "ann"), Act("search", "ann", at=old)])
    kept = catalog.audit.head()
    assert catalog.audit.prune(time.time() - 500) == 5  # the late one has a newer before it
    assert catalog.audit.prune(time.time() - 500) == 0
    found = catalog.audit.verify(kept)
    assert (found.good, found.anchor.number, found.entries) == (True, 5, 3)
    newest = catalog.audit.page(AuditFilter(), 1).entries[0]
    assert (newest.action, newest.who, newest.details["through"]) == ("audit pruned", "system", 5)
    assert catalog.audit.page(AuditFilter(document="d1")).entries == ()
    broken = catalog.audit.verify(Head(2, "0" * 64)).broken
    assert broken is not None
    assert "keep a newer one" in broken.why
    _tampered(catalog, "UPDATE audit_chain SET anchor = 4")
    assert catalog.audit.verify().broken is not None


def test_many_processes_append_to_one_chain(catalog: Catalog, catalog_url: str, keyring: Keyring) -> None:
    code = (
        "import sys, threading; from pathlib import Path; from assistant.catalog import Act, Catalog, Keyring\n"
        "catalog = Catalog(sys.argv[1], Keyring(Path(sys.argv[2])))\n"
        "def write(): [catalog.audit.append([Act('search', f'p{n % 3}', documents=(f'd{n}',))]) for n in range(20)]\n"
        "threads = [threading.Thread(target=write) for _ in range(2)]\n"
        "[one.start() for one in threads]; [one.join() for one in threads]"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, catalog_url, str(keyring.file)]) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    found = catalog.audit.verify()
    assert (found.good, found.entries) == (True, 120)
    with catalog.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM person_keys")) == 3


def test_another_key_of_the_house(catalog: Catalog, catalog_url: str, tmp_path: Path) -> None:
    _filled(catalog)
    old = catalog.keyring.file.read_text(encoding="ascii").strip()
    new = "A" * 43 + "="
    rotated = Catalog(catalog_url, Keyring(tmp_path / "none", f"{new},{old}"))
    assert rotated.audit.protect() == 3
    assert rotated.audit.protect() == 0
    alone = Catalog(catalog_url, Keyring(tmp_path / "none", new))
    assert alone.audit.verify().good
    assert alone.audit.page(AuditFilter(who="ann")).entries[-1].who == "ann"
    # a house that lost its key goes on: what was is unreadable, what comes is not
    lost = Catalog(catalog_url, Keyring(tmp_path / "none", "B" * 43 + "="))
    assert "needs the key" in lost.audit.verify().seal
    lost.audit.append([Act("search", "ann")])
    newest, broken, *_, first = lost.audit.page(AuditFilter()).entries
    assert (newest.who, broken.action, first.who, first.erased) == ("ann", "seal broken", "", False)
    assert "needs the key" in first.unreadable
    for one in (rotated, alone, lost):
        one.close()


def test_the_migration_goes_back(catalog: Catalog) -> None:
    _filled(catalog)
    from alembic import command
    from alembic.config import Config

    from assistant.catalog.schema import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with catalog.database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0016")
    upgrade(catalog.database.engine)
    catalog.audit.append([Act("search", "ann")])
    assert catalog.audit.verify().good
