"""Lets one process at a time work on what several could reach, by a lock of the catalog's Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select, text

from assistant.catalog.database import Database
from assistant.errors import HomeInUseError

_WORKING = 0x574F524B  # beside other locks; any number that no other program of the database takes
# a session whose machine is gone ends within a minute, not after the two hours that Linux takes by itself
_KEEPALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}


@contextmanager
def alone(database: Database, what: str) -> Iterator[None]:
    """Hold the lock of `what` within a `with` block, in a session of its own: it is free again however this ends.

    Where the catalog is a file, all processes are on one machine, and nothing is locked here.

    Raises:
        HomeInUseError: another process holds it.
        CatalogUnavailableError: Postgres does not answer.
    """
    if database.file is not None:
        yield
        return
    with database.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")  # no transaction stays open meanwhile
        connection.detach()  # from the pool, where the next one to use it would have the lock
        for name, value in _KEEPALIVE.items():
            connection.execute(text(f"SET {name} = {value}"))
        if not connection.scalar(select(func.pg_try_advisory_lock(_WORKING, func.hashtext(what)))):
            raise HomeInUseError(f"another process works on {what}", "wait for it, or end it")
        connection.rollback()  # nothing is left to be rolled back at the end, which fails where the session is lost
        yield
