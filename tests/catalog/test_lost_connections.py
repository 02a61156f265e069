"""Connections to Postgres that a network or a server that stops resets while the catalog waits for an answer."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import make_url, text

from assistant.catalog.database import Database
from assistant.errors import CatalogUnavailableError
from tests.fakes.databases import new_database

RESET = struct.pack("ii", 1, 0)  # close() sends no end but a reset


class Line:
    """A TCP line to a server's socket that can be reset."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.resets_at_a_word = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Reset all that is open, and nothing that is opened meanwhile."""
        known, self._open = self._open, []
        for one in known:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RD)  # ends the thread that reads from it
            one.close()

    def close(self) -> None:
        self._listener.close()
        self.reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._open += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if self.resets_at_a_word.is_set():
                    self.reset()
                    self.resets_at_a_word.clear()
                    return
                target.sendall(data)


@pytest.fixture
def line(postgres: str) -> Iterator[tuple[Line, str]]:
    """A line to the test server, and the URL of a new database over it."""
    url = make_url(new_database(postgres))
    line = Line(str(url.query["unix_sock"]))
    over = url.set(host="127.0.0.1", port=line.port, query={})
    yield line, over.render_as_string(hide_password=False)
    line.close()


@pytest.mark.parametrize("kind", ["read", "connect", "write"])
def test_a_reset_is_an_error_of_a_catalog_that_is_away_and_the_next_call_goes_on(
    line: tuple[Line, str], kind: str
) -> None:
    road, url = line
    database = Database(url)
    try:
        with pytest.raises(CatalogUnavailableError, match=r"Connection reset|network error"):
            _wait_for_a_word(database, kind, road)
        with database.read() as session:
            assert session.execute(text("SELECT 1")).scalar() == 1
    finally:
        database.close()


def _wait_for_a_word(database: Database, kind: str, road: Line) -> None:
    with getattr(database, kind)() as session:
        session.execute(text("SELECT 1"))
        threading.Timer(0.3, road.reset).start()
        session.execute(text("SELECT pg_sleep(60)"))


def test_a_reset_of_a_connection_that_is_looked_at_before_it_is_used_is_one_too(line: tuple[Line, str]) -> None:
    road, url = line
    database = Database(url)
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
        road.resets_at_a_word.set()
        with pytest.raises(CatalogUnavailableError, match="Connection reset"), database.read() as session:
            session.execute(text("SELECT 1"))
        with database.read() as session:
            assert session.execute(text("SELECT 1")).scalar() == 1
    finally:
        database.close()


def test_a_machine_that_vanishes_is_noticed_within_half_a_minute(line: tuple[Line, str], postgres: str) -> None:
    """Linux by itself goes on for a quarter of an hour, and on a connection where nothing is sent for two hours."""
    database = Database(line[1])
    with database.engine.connect() as connection:
        wire = connection.connection.driver_connection._usock  # type: ignore[union-attr]
        assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
        said = [wire.getsockopt(socket.IPPROTO_TCP, getattr(socket, f"TCP_KEEP{name}")) for name in ("IDLE", "INTVL")]
        idle, between = said
        assert idle + between * wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) <= 30
        assert wire.gettimeout() is None  # a statement may take its time
    database.close()
    over_a_file = Database(new_database(postgres))
    over_a_file.answers()
    over_a_file.close()


@pytest.mark.parametrize("number", [errno.ETIMEDOUT, errno.EHOSTUNREACH])
def test_a_connection_that_the_system_gives_up_is_one_of_a_catalog_that_is_away(
    line: tuple[Line, str], number: int
) -> None:
    database = Database(line[1])
    with pytest.raises(CatalogUnavailableError, match="does not answer"), database.read():
        raise OSError(number, "given up")
    with pytest.raises(FileNotFoundError), database.read():
        raise FileNotFoundError(errno.ENOENT, "not the catalog's")
    database.close()


def test_threads_of_an_api_have_connections_enough(postgres: str) -> None:
    database = Database(new_database(postgres))
    with ExitStack() as held:
        for _ in range(30):
            held.enter_context(database.connect()).execute(text("SELECT 1"))
    database.close()


def test_of_two_that_wait_for_one_another_one_is_told_to_try_again(postgres: str) -> None:
    database = Database(new_database(postgres))
    both_hold = threading.Barrier(2, timeout=60)
    told: list[CatalogUnavailableError] = []
    with database.write() as session:
        session.execute(text("CREATE TABLE held (name VARCHAR PRIMARY KEY)"))
        session.execute(text("INSERT INTO held VALUES ('a'), ('b')"))

    def hold(*names: str) -> None:
        try:
            with database.write() as session:
                for name in names:
                    session.execute(text("SELECT name FROM held WHERE name = :name FOR UPDATE"), {"name": name})
                    if name == names[0]:
                        both_hold.wait()
        except CatalogUnavailableError as error:
            told.append(error)

    threads = [threading.Thread(target=hold, args=names) for names in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    database.close()
    (error,) = told
    assert "deadlock detected" in str(error)
    assert error.hint == "try again in a moment"
    assert error.retryable
