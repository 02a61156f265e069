"""Opens the catalog's database, brings its schema up to date and hands out transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from assistant.catalog import schema, wires
from assistant.errors import (
    AssistantError,
    CatalogTooNewError,
    CatalogUnavailableError,
    ConfigurationError,
    HomeNotWritableError,
    StorageError,
    StorageFullError,
)

# what is deleted is written over, so that the file does not hold it any longer
_PRAGMAS = ("journal_mode=WAL", "secure_delete=ON", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000")
_WAIT_SECONDS = 30.0  # for other writers, and for a connection; as in the pragmas
# of SQLite, to a file: more than the threads of requests and of answers together, as nobody gains by waiting for one
_CONNECTIONS, _MORE_CONNECTIONS = 10, 130
# Of a server, for each process. Far fewer than 140, as a server has a hundred for all by default; they are opened when
# threads need them, so that a worker has no more than its threads, and an API with many requests goes up to 30.
_SERVER_POOL = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 10.0}
HEAD = "0028"


class Database:
    """An engine with two kinds of transactions: `read()`, and `write()`, which takes SQLite's write lock at once.

    Args:
        url: a SQLAlchemy URL; SQLite runs in WAL mode, so that readers and one writer do not block each other.

    Raises:
        HomeNotWritableError, StorageFullError: the file cannot be made or written.
        ConfigurationError: the URL is wrong, or the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self.engine = _make_engine(url)
        except (ArgumentError, ImportError) as error:
            raise ConfigurationError(f"catalog_url: {error}", "see SQLAlchemy's database URLs") from error
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._writing = threading.Lock() if self.engine.dialect.name == "sqlite" else None
        try:
            with clear_errors(url):
                upgrade(self.engine)
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def file(self) -> Path | None:
        """The file that holds it; None where a server does."""
        known = self.engine.url
        return Path(known.database) if known.get_backend_name() == "sqlite" and known.database else None

    @property
    def place(self) -> str:
        """Its URL without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state and is rolled back at its end."""
        with clear_errors(self.url, has_answered=True), self._sessions() as session:
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Like `read()`, for what every search asks: without the ORM's session it takes a third of the time."""
        with clear_errors(self.url, has_answered=True), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at its end, or rolled back by an exception."""
        with self._turn_to_write(), clear_errors(self.url, has_answered=True), self._sessions() as session:
            session.connection(execution_options={"begin_immediate": True})
            yield session
            session.commit()

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """Wait until no other thread of this process writes to the file.

        SQLite has one writer at a time, and who finds it taken sleeps for up to a tenth of a second before looking
        again: with fifty answers that end at once, nobody would write most of the time.
        """
        if self._writing is None:
            yield
            return
        if not self._writing.acquire(timeout=_WAIT_SECONDS):
            raise _unavailable(self.url, f"others have been writing to it for {_WAIT_SECONDS:.0f} seconds")
        try:
            yield
        finally:
            self._writing.release()

    def answers(self) -> None:
        """Return once the database has answered from what it stores; it costs the same for any number of documents.

        Of SQLite `SELECT 1` would not do: that does not look into the file.

        Raises:
            AssistantError: it does not answer, as `clear_errors` says it.
        """
        with self.connect() as connection:
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()

    def must_be_known(self, act: str) -> None:
        """Refuse what has to reach every table where the catalog has some that this version does not know.

        Args:
            act: what is refused, in words.

        Raises:
            CatalogTooNewError: a newer version migrated it, before or since this process opened it.
        """
        now = current_revision(self.engine)
        if now != HEAD:
            raise CatalogTooNewError(
                f"{act} has to know every table, and the catalog's schema is {now}, this version's is {HEAD}",
                "let the newer version do it",
            )

    def forget_removed(self) -> None:
        """Let nothing of removed rows stay in SQLite's log; in its file, they are written over when they are removed.

        While somebody reads an older state, it stays there until the next call, or until the log is written over.
        """
        if self.engine.dialect.name == "sqlite":
            with clear_errors(self.url, has_answered=True), closing(self.engine.raw_connection()) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return _server_engine(parsed)
    # parameters are questions, texts and names: they are not for the messages of errors, nor for the log
    many = {"pool_size": _CONNECTIONS, "max_overflow": _MORE_CONNECTIONS, "pool_timeout": _WAIT_SECONDS}
    to_file = bool(parsed.database and parsed.database != ":memory:")  # in memory there is one connection a thread
    engine = create_engine(
        parsed,
        hide_parameters=True,
        connect_args={"timeout": _WAIT_SECONDS, "check_same_thread": False},
        **(many if to_file else {}),
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred: a later write could not wait its turn
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("begin_immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _server_engine(url: URL) -> Engine:
    on_pg8000 = url.get_driver_name() == "pg8000"
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"timeout": wires.CONNECT_SECONDS} if on_pg8000 else {},
        **_SERVER_POOL,
    )
    if on_pg8000:
        event.listen(engine, "connect", lambda connection, _: wires.watch(connection))
    return engine


@contextmanager
def unopened(url: str) -> Iterator[Engine | None]:
    """The engine of a catalog as it is, not brought up to date; None where there is no file yet.

    Raises:
        ConfigurationError, CatalogUnavailableError: as for `Database`.
    """
    file = make_url(url).database if make_url(url).get_backend_name() == "sqlite" else None
    if file is not None and not Path(file).exists():
        yield None
        return
    engine = _make_engine(url)
    try:
        with clear_errors(url):
            yield engine
    finally:
        engine.dispose()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision` by Alembic's migrations; at the newest already, Alembic is not even imported.

    Raises:
        CatalogTooNewError: it is newer than this version, which cannot work on it.
    """
    if revision == "head":
        schema.upgrade(engine, HEAD)
    else:
        schema.move(engine, revision)


def current_revision(engine: Engine) -> str | None:
    """Return the schema's revision, None for an empty database."""
    return schema.standing(engine).revision


@contextmanager
def clear_errors(url: str, *, has_answered: bool = False) -> Iterator[None]:
    """Let the errors of the database at `url` be the assistant's own.

    Raises:
        StorageFullError, HomeNotWritableError, StorageError, ConfigurationError, CatalogUnavailableError: as it says.
    """
    try:
        yield
    except PoolTimeoutError as error:
        raise _unavailable(url, f"all connections are in use ({error})") from error
    except DBAPIError as error:
        if isinstance(error, (IntegrityError, ProgrammingError)) and not (_is_away(error) or _is_deadlock(error)):
            raise  # a mistake of the caller, not of the place
        raise _translated(error, url, has_answered) from error
    except OSError as error:  # pg8000 lets the first word it waits for fail as the socket does
        server = make_url(url)
        # beside a catalog in a file, what times out is another file, which is used meanwhile
        is_file = server.get_backend_name() == "sqlite" and not isinstance(error, ConnectionError)
        if is_file or not wires.is_lost(error):
            raise
        place = server.render_as_string(hide_password=True)
        raise _does_not_answer(place, str(error), has_answered=has_answered) from error


def _is_away(error: DBAPIError) -> bool:
    """Whether Postgres stops, starts or has no room; its driver calls that a mistake of the caller."""
    code = schema.postgres_code(error)
    return code.startswith("08") or code in {"57P01", "57P02", "57P03", "53300"}


def _is_deadlock(error: DBAPIError) -> bool:
    """Whether Postgres ended this transaction so that another can go on; its driver calls that a mistake, too."""
    return schema.postgres_code(error) == schema.DEADLOCK


def _translated(error: DBAPIError, url: str, has_answered: bool) -> AssistantError:
    cause = str(error.orig).strip()
    place = make_url(url).render_as_string(hide_password=True)
    if "disk is full" in cause or "No space left" in cause:
        return StorageFullError(f"the disk is full: the catalog {place} cannot be written", "free some space")
    if any(words in cause for words in ("readonly database", "unable to open database file")):
        return HomeNotWritableError(
            f"the catalog {place} cannot be written: {cause}", "check the home's owner and mode"
        )
    if "locked" in cause or _is_deadlock(error):
        return _unavailable(url, cause)
    if "disk I/O error" in cause:
        return StorageError(f"the catalog {place} cannot be used: {cause}", "try again; check the disk")
    cause = cause.splitlines()[0]
    known = has_answered or error.connection_invalidated or _is_away(error)
    return _does_not_answer(place, cause, has_answered=known)


def _does_not_answer(place: str, cause: str, *, has_answered: bool) -> AssistantError:
    """Return the error for a database that is away, or, where it never answered, may be another than it should."""
    if has_answered:
        return CatalogUnavailableError(f"the catalog {place} does not answer: {cause}", "see that the database runs")
    return ConfigurationError(f"the catalog {place} does not answer: {cause}", "check catalog_url")


def _unavailable(url: str, cause: str) -> CatalogUnavailableError:
    place = make_url(url).render_as_string(hide_password=True)
    return CatalogUnavailableError(f"the catalog {place} cannot be used: {cause}", "try again in a moment")
