"""Rows of older schemas, of the members of documents, and everything that a table can hold."""

from __future__ import annotations

import errno
import gzip
import json
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, select, text, update

from assistant.access import SignInDesk, Where
from assistant.access.stored_text import member_key
from assistant.backup import Missing, create_backup
from assistant.backup.manifest import MANIFEST, list_files, silent
from assistant.backup.tables import Snapshot, clear, counts, dump, load, migrated
from assistant.catalog import Catalog, Keyring, NewTurn
from assistant.catalog.database import HEAD, upgrade
from assistant.catalog.generation import current_generation
from assistant.catalog.jobs import NewJob
from assistant.catalog.models import Base, TurnRow
from assistant.catalog.records import RunCost
from assistant.errors import BackupError, NotSignedInError, StorageFullError
from assistant.types import LOCAL_OPERATOR, Access, Failure, Question, User, document_id
from tests.backup.homes import Home, assert_whole, backed_up, origin, texts
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.system import System


def rows_at(revision: str, folder: Path, rows: dict[str, list[dict[str, object]]]) -> None:
    """Write what a version with that schema would have dumped."""
    engine = create_engine(f"sqlite:///{folder.parent / 'old.sqlite3'}")
    upgrade(engine, revision)
    old = MetaData()
    old.reflect(engine)
    engine.dispose()
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, table in old.tables.items():
        if name == "alembic_version":
            continue
        lines = [
            {key: row[key] for key in [column.name for column in table.columns] if key in row}
            for row in rows.get(name, [])
        ]
        with gzip.open(folder / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


def rows_of(folder: Path) -> dict[str, list[dict[str, object]]]:
    found = {}
    for path in folder.glob("*.jsonl.gz"):
        found[path.name.partition(".")[0]] = [
            json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()
        ]
    return found


def older(backup: Path, revision: str) -> Path:
    """Make the backup one of a version with that schema."""
    rows_at(revision, backup / "catalog", rows_of(backup / "catalog"))
    described = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).unlink()
    (backup / "files.jsonl").unlink()
    files, size, sha256 = list_files(backup, silent)
    described.update(revision=revision, files=files, bytes=size, files_sha256=sha256)
    (backup / MANIFEST).write_text(json.dumps(described))
    return backup


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    system: System, tmp_path: Path, catalog_url: str, revision: str
) -> None:
    backup = older(backed_up(system, tmp_path / "backup"), revision)
    home = Home(tmp_path / "home", catalog_url)
    assert home.restore(backup).migrated is True
    restored = home.system()
    assert texts(restored) == texts(system)
    assert_whole(restored)
    assert restored.catalog.sources.get("s").time_zone == "UTC"
    restored.source.texts = {"vpn": "another text"}
    assert restored.ingestor.sync("s", "cli").deleted == 2


def test_an_older_backup_is_brought_up_to_date_in_the_home_if_there_is_room(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the machine's temporary folder, which may be too small; and a disk that is full is said in one line."""
    backup = older(backed_up(system, tmp_path / "backup"), "0002")
    size = json.loads((backup / MANIFEST).read_text())["bytes"]
    home = Home(tmp_path / "home")
    (home.folder / ".restore-killed").mkdir()
    free = size
    monkeypatch.setattr("assistant.adapters.disk.Disk._free", lambda _: free)
    with pytest.raises(StorageFullError, match="no space left"):
        home.restore(backup)
    free, at = 1 << 40, []

    def full(_: object, table: str, __: object) -> None:
        at.extend(path.name for path in home.folder.glob(".restore-*"))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as while_full:
        while_full.setattr(Snapshot, "take", full)
        with pytest.raises(StorageFullError, match="no space left"):
            home.restore(backup)
    assert len(at) == 1
    assert at != [".restore-killed"]
    assert home.restore(backup).migrated is True
    assert not list(home.folder.glob(".restore-*"))


def test_rows_of_this_version_stay_where_they_are(tmp_path: Path) -> None:
    assert migrated(tmp_path / "rows", HEAD, tmp_path) == tmp_path / "rows"
    with pytest.raises(BackupError, match="9999"):
        migrated(tmp_path / "rows", "9999", tmp_path)


def test_every_table_is_dumped_and_comes_back_as_it_was(system: System, tmp_path: Path, catalog_url: str) -> None:
    run = system.catalog.runs.newest("s")[0]
    system.catalog.runs.add_failures(run.id, [Failure("k\u2028é\t", "why 'not'\n", True, "X")])
    system.catalog.runs.measured(run.id, RunCost(12, {"parse": 0.1}))
    system.catalog.people.add("ann", "Ann", ["hr"], "employee")
    system.catalog.people.add_token("ann", "laptop", ["read"], "a" * 64, 5.0)
    snapshot = dump(system.catalog.database, tmp_path / "rows")
    assert snapshot.revision == HEAD
    catalog = Catalog(catalog_url, Keyring(tmp_path / "key"))
    load(catalog.database, tmp_path / "rows")
    assert counts(catalog.database) == counts(system.catalog.database)
    for table in Base.metadata.sorted_tables:
        query = select(table).order_by(*table.primary_key.columns)
        with system.catalog.database.read() as one, catalog.database.read() as two:
            if table.name != "generations":
                assert one.execute(query).all() == two.execute(query).all()
    dump(catalog.database, tmp_path / "again")
    before, after = rows_of(tmp_path / "rows"), rows_of(tmp_path / "again")
    assert [row["name"] for row in after.pop("generations")] == [row["name"] for row in before.pop("generations")]
    assert after == before
    clear(catalog.database)
    assert set(counts(catalog.database).values()) == {0}
    catalog.close()


def test_nobody_stays_signed_in(system: System, tmp_path: Path, catalog_url: str) -> None:
    system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)
    held = system.sign_in.known(system.catalog.people.get("ann"), "oidc", Where())
    dump(system.catalog.database, tmp_path / "rows")
    catalog = Catalog(catalog_url, Keyring(tmp_path / "key"))
    load(catalog.database, tmp_path / "rows")
    with pytest.raises(NotSignedInError, match="ended"):
        SignInDesk(catalog).caller(held.secret)
    assert system.sign_in.caller(held.secret).user.id == "ann"
    catalog.close()


def test_conversations_come_back_and_what_was_being_answered_is_interrupted(
    system: System, tmp_path: Path, catalog_url: str
) -> None:
    ann = User("ann", frozenset({"everyone"}))
    system.answerer = ScriptedAnswerer(system.library, ("travel",))
    record, turn = system.conversations.begin(ann, Question("When?"))
    live = system.conversations.live(ann, record.id, turn.id)
    assert live is None or live.stored.wait(60)
    waits, waiting = system.conversations.begin(ann, Question("Please write"))
    live = system.conversations.live(ann, waits.id, waiting.id)
    assert live is None or live.stored.wait(60)
    with system.catalog.database.write() as session:
        session.execute(update(TurnRow).where(TurnRow.id == waiting.id).values(state="waiting"))
    new = NewTurn(turn.id, "asked", "And?", turn.options, turn.context)
    system.catalog.conversations.begin(ann, record.id, new, 3600, "")
    home = Home(tmp_path / "home", catalog_url)
    home.restore(backed_up(system, tmp_path / "backup"))
    first, second = home.system().conversations.get(ann, record.id).turns
    assert (first.record.text, first.record.state) == ("train tickets are booked early [1]", "complete")
    assert (first.citations[0].withdrawn, second.record.state) == (None, "interrupted")
    # the call may have been made since: it is not made again from a backup
    assert home.system().conversations.turn(ann, waits.id, waiting.id).record.state == "stopped"
    home.system().catalog.conversations.begin(ann, record.id, new, 60, "")


def test_a_restored_catalog_is_not_taken_for_the_one_before(system: System, tmp_path: Path, catalog_url: str) -> None:
    """Another process keeps who may read what by the generation: a restore must not come to that number again."""
    catalog = Catalog(catalog_url, Keyring(tmp_path / "key"))
    bob, vpn = User("bob", frozenset({"everyone"})), document_id("s", "vpn")
    dump(system.catalog.database, tmp_path / "before")
    load(catalog.database, tmp_path / "before")
    catalog.documents.set_access(vpn, Access(frozenset()))
    dump(catalog.database, tmp_path / "withdrawn")
    catalog.documents.set_access(vpn, Access(frozenset({"group:everyone"})))
    assert set(catalog.documents.readable([vpn], bob)) == {vpn}  # kept from now on
    with catalog.database.read() as session:
        same = json.dumps({"name": "documents", "number": current_generation(session)})
    (tmp_path / "withdrawn" / "generations.jsonl.gz").write_bytes(gzip.compress(same.encode()))
    for left_out in (False, True):
        if left_out:
            (tmp_path / "withdrawn" / "generations.jsonl.gz").write_bytes(gzip.compress(b""))
        clear(catalog.database)
        load(catalog.database, tmp_path / "withdrawn")
        assert catalog.documents.readable([vpn], bob) == {}
        with catalog.database.read() as session:
            assert current_generation(session) > 1_700_000_000_000
    catalog.close()


def test_a_dump_is_one_moment(system: System, tmp_path: Path, catalog_url: str) -> None:
    """What is written while the tables are read is not in it, on SQLite and on Postgres."""
    rows = backed_up(system, tmp_path / "backup") / "catalog"
    catalog = Catalog(catalog_url, Keyring(tmp_path / "key"))
    load(catalog.database, rows)
    from assistant.backup import tables

    read = tables._rows

    def disturbed(connection, table):
        with catalog.database.write() as session:
            session.execute(text("DELETE FROM documents"))
        return read(connection, table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_rows", disturbed)
        snapshot = dump(catalog.database, tmp_path / "rows")
    assert len(snapshot.documents) == 3
    assert len(rows_of(tmp_path / "rows")["grants"]) == 3
    assert counts(catalog.database)["documents"] == 0
    catalog.close()


def test_a_catalog_of_another_version_is_not_dumped(system: System, tmp_path: Path) -> None:
    with system.catalog.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BackupError, match="9999"):
        backed_up(system, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_rows_that_do_not_fit_are_refused(system: System, tmp_path: Path) -> None:
    rows = backed_up(system, tmp_path / "backup") / "catalog"
    path = rows / "runs.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "1", "other": 2}\n'))
    home = Home(tmp_path / "home")
    with pytest.raises(BackupError, match="other"):
        load(home.catalog.database, rows)
    path.write_bytes(gzip.compress(b'{"id": '))
    with pytest.raises(BackupError, match=r"runs\.jsonl"):
        load(home.catalog.database, rows)
    assert set(counts(home.catalog.database).values()) == {0}


def test_members_that_wait_and_pictures_are_taken_along(system: System, tmp_path: Path) -> None:
    parent, member = document_id("s", "vpn"), document_id("s", "vpn!/a.txt")
    lost = document_id("s", "vpn!/lost.txt")
    run = system.catalog.runs.newest("s")[0]
    jobs = [NewJob("vpn!/a.txt", "ingest", "digest", parent), NewJob("vpn!/lost.txt", "ingest", "other", parent)]
    system.catalog.jobs.record("s", run.id, jobs)
    version = system.catalog.documents.current_versions()[parent]
    kept = {
        member_key(parent, member, "digest"): b"its bytes",
        f"picture/{parent}/{version}/1": b"a picture",
        f"pages/{parent}/{version}": b"as printed",
    }
    left = {
        member_key(parent, member, "former"): b"of an earlier version",
        f"picture/{parent}/0/1": b"the same",
    }
    for key, data in (kept | left).items():
        system.blobs.put(key, data)
    report = create_backup(origin(system), tmp_path / "backup")
    assert report.manifest.missing == [Missing(source="s", key="vpn!/lost.txt", what="text")]
    assert lost
    home = Home(tmp_path / "home")
    home.restore(tmp_path / "backup")
    assert {key: home.blobs.get(key) for key in kept} == kept
    assert not set(left) & set(home.blobs.keys())
