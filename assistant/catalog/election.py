"""Elects one of the processes that share a catalog: who holds a lock of its Postgres leads the others."""

from __future__ import annotations

import contextlib
import logging
import time
from typing import Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError

from assistant.errors import ConfigurationError

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0  # between two questions to Postgres
# A leader gives up when it gets no answer, and that is before Postgres gives its lock to another one: it looks, sleeps,
# and waits for two answers at most.
_ANSWER_SECONDS = 4.0
_LEASE_SECONDS = 10.0
_LEADING = 0x415354  # beside that of migrations; any number that no other program of the database takes


class Election:
    """One candidate in it.

    On Postgres, the lock belongs to a session of its own. It is free at once when the leader's process ends, and after
    ten seconds when the leader's machine is cut off, or it does not call `leads` any more: Postgres ends a session of
    which it hears nothing. On SQLite there is one machine, and every candidate leads.

    Args:
        url: SQLAlchemy's, of the catalog; it is connected to by the first call of `leads`.

    Raises:
        ConfigurationError: the URL is wrong, or its driver is not installed.
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url)
            self._dialect = create_engine(self._url).dialect
        except (ArgumentError, ImportError) as error:
            raise ConfigurationError(f"catalog_url: {error}", "see SQLAlchemy's database URLs") from error
        self._connection: Any = None
        self._leads = self._is_away = False
        self._looked = float("-inf")

    def leads(self) -> bool:
        """Whether this candidate leads now. Has to be called every second or so, else another one does.

        A catalog that does not answer has no leader; that is logged, and tried again by the next call.
        """
        if self._dialect.name == "sqlite":
            return True
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._leads = self._ask()
        return self._leads

    def resign(self) -> None:
        """Let another one lead, at once; the next call of `leads` stands for election again."""
        connection, self._connection = self._connection, None
        self._leads, self._looked = False, float("-inf")
        if connection is not None:
            with contextlib.suppress(*self._errors):  # it may be gone already
                connection.close()

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        """The driver's own errors, and those of the socket, which it lets through in places."""
        return (self._dialect.loaded_dbapi.Error, OSError)

    def _ask(self) -> bool:
        try:
            if self._connection is None:
                self._connect()
            # the lock counts how often it was taken: who has it only asks whether the session still lives
            answer = self._query("SELECT true" if self._leads else f"SELECT pg_try_advisory_lock({_LEADING})")
        except self._errors as error:
            self.resign()
            if not self._is_away:
                place = self._url.render_as_string(hide_password=True)
                log.warning("the catalog %s does not answer, so nobody is elected; it is tried again: %s", place, error)
            self._is_away = True
            return False
        self._is_away = False
        return answer

    def _connect(self) -> None:
        """Connect by the driver itself: SQLAlchemy would connect anew when it likes to, without the lock."""
        args, named = self._dialect.create_connect_args(self._url)
        own = {"timeout": _ANSWER_SECONDS, "application_name": "assistant election"}
        self._connection = self._dialect.connect(*args, **{**named, **own})
        self._connection.autocommit = True  # a transaction that stays open would hold up Postgres' vacuum
        self._query(f"SELECT set_config('idle_session_timeout', '{_LEASE_SECONDS * 1000:.0f}', false) <> ''")

    def _query(self, sql: str) -> bool:
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(sql)
            return bool(cursor.fetchone()[0])
