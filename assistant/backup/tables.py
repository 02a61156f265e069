"""The catalog as rows: every table as lines of JSON, from one read transaction, and back into any database.

Rows say nothing of SQLite or Postgres, so that what was written from one can be put into the other. Rows of an older
schema are brought forward by the catalog's own migrations, in a scratch database.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    func,
    insert,
    null,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from assistant.access.stored_text import attachment_key, member_key, upload_key
from assistant.adapters.disk import MEGABYTE, storage_error
from assistant.backup.manifest import lines_out
from assistant.catalog.audit_triggers import arm, disarm
from assistant.catalog.database import HEAD, Database, clear_errors, upgrade
from assistant.catalog.generation import leap_generations
from assistant.catalog.indexes import FIRST, IndexRecord, keep_restored
from assistant.catalog.models import Base, JobRow, RunRow, TurnRow
from assistant.catalog.models_people import SessionRow
from assistant.catalog.models_webhooks import DeliveryRow
from assistant.catalog.schema import revisions
from assistant.catalog.secrets import key_names
from assistant.errors import BackupError
from assistant.types import Access, document_id

AUDIT_TABLES = frozenset({"audit", "audit_documents", "audit_chain", "person_keys"})  # also of a home that has nothing
AUDIT_LOG = "the audit log"  # in `Snapshot.keys`, as no source is called
_AT_ONCE = 500
_MIGRATING = 4  # times the rows' size: they take less than twice as much in a table, which a migration may copy
_VERSION_TABLE = "alembic_version"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document as the rows have it: what must be in the backup beside them."""

    source: str
    key: str
    version: str
    mark: str | None
    chunks: int
    content: str = ""  # digest of its bytes


@dataclass(slots=True)
class Snapshot:
    """What the rows of one moment say.

    `documents` are by id, `attached` the blobs of pictures that belong to questions, `waiting` the blobs of members and
    uploads that are not ingested yet, with their source and key, `index_name` the index that searches
    used, `keys` the names of the keys that the secrets of each source, of each `tool NAME` and `webhook NAME`, and
    of the audit log, are encrypted or sealed with.
    """

    revision: str = ""
    sources: int = 0
    documents: dict[str, Wanted] = field(default_factory=dict)
    waiting: dict[str, tuple[str, str]] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    attached: set[str] = field(default_factory=set)
    index_name: str = FIRST
    _uploads: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def take(self, table: str, row: dict[str, Any]) -> None:
        """Note what a row means for the rest of the backup."""
        whose, names = _needed_keys(table, row)
        if names:
            self.keys.setdefault(whose, set()).update(names)
        if table == "sources":
            self.sources += 1
        elif table == "documents":
            self.documents[row["id"]] = Wanted(
                row["source"], row["key"], row["version"], row["mark"], row["chunks"], row.get("content", "")
            )
        elif table == "jobs" and row["parent"] is not None and row["action"] != "delete":
            key = member_key(row["parent"], document_id(row["source"], row["key"]), row["mark"] or "")
            self.waiting[key] = (row["source"], row["key"])
        elif table == "turns":
            self.attached.update(
                attachment_key(row["conversation_id"], one["id"]) for one in row["options"].get("attachments", ())
            )
        elif table == "indexes" and row["state"] == "current":
            self.index_name = row["name"]
        elif table == "uploads":
            self._uploads[upload_key(row["source"], row["id"])] = (row["source"], row["key"], row["digest"])

    def settle(self) -> None:
        """Leave out what is ingested already, from the same bytes: those are the documents' originals."""
        for key in list(self.waiting):
            _, _, member, mark = key.split("/")
            known = self.documents.get(member)
            if known is not None and known.mark == mark:
                del self.waiting[key]
        for blob, (source, key, digest) in self._uploads.items():
            known = self.documents.get(document_id(source, key))
            if known is None or known.content != digest:
                self.waiting[blob] = (source, key)


def _needed_keys(table: str, row: dict[str, Any]) -> tuple[str, set[str]]:
    """Return what a row belongs to, as in `Snapshot.keys`, and the names of the keys that it needs."""
    if table == "sources":
        return row["name"], set(key_names([row["config"], row["passwords"]]))
    if table == "tools":
        return f"tool {row['name']}", set(key_names(row["config"]))
    if table == "webhooks":
        return f"webhook {row['name']}", set(key_names(row["secrets"]))
    if table == "person_keys":
        return AUDIT_LOG, set(key_names(row["key"]))
    if table == "audit_chain":
        return AUDIT_LOG, {row["seal_key"]} - {""}
    return "", set()


def dump(database: Database, folder: Path) -> Snapshot:
    """Write all rows of one moment to `folder`, a file a table, and return what they say.

    Raises:
        BackupError: the catalog's schema is another than this assistant's.
    """
    folder.mkdir(exist_ok=True)
    snapshot = Snapshot()
    with database.read() as session:
        connection = _frozen(session)
        snapshot.revision = str(connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar_one())  # noqa: S608
        if snapshot.revision != HEAD:
            raise BackupError(
                f"the catalog's schema is {snapshot.revision}, this version's is {HEAD}", "run the version that uses it"
            )
        for table in Base.metadata.sorted_tables:
            with _written(folder / _name(table)) as file:
                for row in _rows(connection, table):
                    snapshot.take(table.name, row)
                    file.write(lines_out(row))
    snapshot.settle()
    return snapshot


def migrated(folder: Path, revision: str, scratch: Path) -> Path:
    """Return a folder with the rows of `folder` in this version's schema: itself, or one below `scratch`.

    Raises:
        BackupError: this version does not know the revision.
        StorageFullError, StorageError: the scratch folder cannot be written.
    """
    if not _is_older(revision):
        return folder
    url = f"sqlite:///{scratch / 'catalog.sqlite3'}"
    try:
        with clear_errors(url):
            _fill(url, revision, folder)
        database = Database(url)  # which brings it up to date
        dump(database, scratch / "catalog")
    except OSError as error:
        raise storage_error(scratch, error) from error
    database.close()
    return scratch / "catalog"


def room_to_migrate(folder: Path, revision: str) -> int:
    """Return the bytes that `migrated` takes below its scratch folder, at most. Raises as it does."""
    if not _is_older(revision):
        return 0
    size = 0
    for path in folder.iterdir():
        with _opened(path) as file:
            while block := file.read(MEGABYTE):
                size += len(block)
    return _MIGRATING * size


def _is_older(revision: str) -> bool:
    """Whether rows of that schema have to be brought up to date. Raises BackupError where it is not known."""
    if revision != HEAD and revision not in revisions():
        raise BackupError(
            f"the backup's catalog has the schema {revision}, which this version does not know",
            "install the version that made the backup, or a later one",
        )
    return revision != HEAD


def _fill(url: str, revision: str, folder: Path) -> None:
    """Make a database of that schema, and put the rows into it."""
    engine = create_engine(url, hide_parameters=True)
    try:
        upgrade(engine, revision)
        old = MetaData()
        old.reflect(engine)
        with engine.begin() as connection:
            for table in old.sorted_tables:
                if table.name != _VERSION_TABLE:
                    _insert(connection, table, folder)
    finally:
        engine.dispose()


def load(database: Database, folder: Path, index: IndexRecord | None = None) -> None:
    """Put the rows into an empty database, in one transaction; what was at work when they were dumped waits again.

    Generations go on at a number that was never used, as running processes keep things by those before.

    Args:
        database: where they go.
        folder: where they are.
        index: the one that was filled from the backup, see `keep_restored`; None: the rows' indexes stay as they are.
    """
    with database.write() as session:
        connection = session.connection()
        for table in Base.metadata.sorted_tables:
            _insert(connection, table, folder)
        _let_go(session)
        if index is not None:
            keep_restored(session, index)
        if connection.dialect.name == "postgresql":
            _continue_counting(connection)
        leap_generations(session)


def clear(database: Database) -> None:
    """Delete all rows, in one transaction."""
    with database.write() as session:
        disarm(session.connection())  # the audit log gives way to that of the backup
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
        arm(session.connection())


def counts(database: Database) -> dict[str, int]:
    """Return how many rows each table has."""
    with database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def grants(folder: Path) -> dict[str, Access]:
    """Return who may read each document, by its id, as the rows in `folder` say."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for row in _read(folder / _name(Base.metadata.tables["grants"])):
        allowed, denied = found.setdefault(row["document_id"], (set(), set()))
        (allowed if row["allowed"] else denied).add(row["principal"])
    return {document: Access(frozenset(allow), frozenset(deny)) for document, (allow, deny) in found.items()}


def summary(folder: Path) -> Snapshot:
    """Return what the rows in `folder` say."""
    snapshot = Snapshot(HEAD)
    for table in Base.metadata.sorted_tables:
        if table.name in {"sources", "tools", "webhooks", "documents", "person_keys", "audit_chain"}:
            for row in _read(folder / _name(table)):
                snapshot.take(table.name, row)
    return snapshot


def _frozen(session: Session) -> Connection:
    """Return a connection on which every statement sees one and the same moment, as SQLite's readers always do."""
    if session.get_bind().dialect.name == "sqlite":
        return session.connection()
    return session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_AT_ONCE)
    binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    for row in connection.execute(query).mappings():
        yield {
            name: base64.b64encode(value).decode("ascii") if name in binary and value is not None else value
            for name, value in row.items()
        }


def _insert(connection: Connection, table: Table, folder: Path) -> None:
    binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    nullable = {column.name for column in table.columns if isinstance(column.type, JSON) and column.nullable}
    known = set(table.columns.keys())
    rows = _read(folder / _name(table))
    while part := list(islice(rows, _AT_ONCE)):
        if strange := {name for row in part for name in row} - known:
            raise BackupError(f"the table {table.name} has no column {sorted(strange)[0]!r}", "use another backup")
        for row in part:
            row.update({name: base64.b64decode(row[name]) for name in binary if row.get(name) is not None})
            row.update({name: null() for name in nullable if name in row and row[name] is None})
        connection.execute(insert(table), part)


def _let_go(session: Session) -> None:
    """Take the work away from processes of the assistant that was backed up: they do nothing here."""
    free = {"state": "queued", "lease_owner": None, "lease_until": 0.0}
    session.execute(update(JobRow).where(JobRow.state == "running").values(**free))
    ended = {"state": "interrupted", "finished_at": time.time(), "error": "it was at work when the backup was made"}
    session.execute(update(RunRow).where(RunRow.state == "running", RunRow.listed.is_(False)).values(**ended))
    broken_off = {"state": "interrupted", "finished_at": time.time(), "lease_until": 0.0}
    session.execute(update(TurnRow).where(TurnRow.state == "answering").values(**broken_off))
    # a call that waited may have been made there since: it must not be made again from here
    waiting = update(TurnRow).where(TurnRow.state == "waiting")
    session.execute(waiting.values(state="stopped", finished_at=time.time(), stop_asked=True))
    # what waited to be sent is sent from there
    unsent = {"state": "failed", "finished_at": time.time(), "answer": "it waited to be sent when the backup was made"}
    session.execute(update(DeliveryRow).where(DeliveryRow.state == "waiting").values(**unsent))
    # a sign-in may have been ended there since
    session.execute(update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=time.time()))


def _continue_counting(connection: Connection) -> None:
    """Let Postgres go on behind the numbers that were put in; SQLite does so by itself."""
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            newest = connection.execute(select(func.max(column))).scalar()
            if newest is not None:
                named = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(named, newest)))


def _name(table: Table) -> str:
    return f"{table.name}.jsonl.gz"


@contextmanager
def _written(path: Path) -> Iterator[Any]:
    with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as file:
        yield file


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with _opened(path) as file:
        for line in file:
            yield json.loads(line)


@contextmanager
def _opened(path: Path) -> Iterator[gzip.GzipFile]:
    try:
        with gzip.open(path, "rb") as file:
            yield file
    except (OSError, EOFError, ValueError) as error:
        raise BackupError(f"{path} cannot be read: {error}", "use another backup") from error
