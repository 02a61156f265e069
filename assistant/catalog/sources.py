"""The catalog's data sources."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import and_, case, delete, literal, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from assistant.catalog import events
from assistant.catalog.database import Database
from assistant.catalog.generation import next_generation
from assistant.catalog.keyring import Keyring
from assistant.catalog.models import SourceRow
from assistant.catalog.protection import MarkSecrets, protect
from assistant.catalog.records import SourceRecord, SourceState
from assistant.catalog.runs import must_go_on
from assistant.catalog.secrets import MASK, Secret, sealed, unsealed
from assistant.errors import ConfigurationError, NotFoundError, SourceBusyError


class Sources:
    """Reads and changes the table of data sources; it holds passwords and the `Secret`s of configurations encrypted."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def add(
        self,
        name: str,
        kind: str,
        config: Mapping[str, Any],
        readers: Mapping[str, Any],
        schedule: str | None = None,
        passwords: Sequence[str | Secret] = (),
        time_zone: str = "UTC",
    ) -> SourceRecord:
        """Record a new source, active from now on; `passwords` are tried on its encrypted documents.

        Raises:
            ConfigurationError: there is one of that name, or the name could not be written in a command or a URL; or
                the key cannot be used.
        """
        _check_name(name)
        row = SourceRow(
            name=name,
            kind=kind,
            config=sealed(config, self._keyring),
            readers=dict(readers),
            passwords=self._sealed(passwords),
            schedule=schedule,
            time_zone=time_zone,
            failed_syncs=0,
            state="active",
            created_at=time.time(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise ConfigurationError(f"there is a source {name!r} already", "choose another name") from None
        return self._record(row)

    def find(self, name: str) -> SourceRecord | None:
        """Return the source, or None."""
        with self._database.read() as session:
            row = session.get(SourceRow, name)
            return self._record(row) if row else None

    def get(self, name: str) -> SourceRecord:
        """Return the source. Raises NotFoundError."""
        found = self.find(name)
        if found is None:
            raise _unknown(name)
        return found

    def all(self) -> list[SourceRecord]:
        """Return all sources by name."""
        with self._database.read() as session:
            return [self._record(row) for row in session.scalars(select(SourceRow).order_by(SourceRow.name))]

    def set_readers(self, name: str, readers: Mapping[str, Any]) -> None:
        """Replace the rule that says who may read; documents follow at the next sync.

        Where it gives other names to those whom the source knows, that sync lists the source from its begin.
        """
        former = self.get(name).readers.get("names") or {}
        anew: dict[str, Any] = {} if former == (readers.get("names") or {}) else {"cursor": None}
        self._update(name, readers=dict(readers), **anew)

    def set_passwords(self, name: str, passwords: Sequence[str | Secret]) -> None:
        """Replace the passwords that are tried on encrypted documents, from the next sync on."""
        self._update(name, passwords=self._sealed(passwords))

    def set_schedule(self, name: str, schedule: str | None, time_zone: str = "UTC") -> None:
        """Replace the schedule and the time zone (of the IANA's names) that its hours are of."""
        self._update(name, schedule=schedule, time_zone=time_zone)

    def set_limits(self, name: str, concurrency: int | None, per_minute: float | None) -> None:
        """Replace how many of its documents are fetched and parsed at once and in a minute at most; None: any number.

        Raises:
            NotFoundError: there is no such source.
            ConfigurationError: a limit is not above 0.
        """
        check_limits(concurrency, per_minute)
        self._update(name, concurrency=concurrency, per_minute=per_minute, next_fetch_at=0.0)

    def set_config(self, name: str, config: Mapping[str, Any]) -> None:
        """Replace the configuration; the next sync lists the source from its begin."""
        self._update(name, config=sealed(config, self._keyring), cursor=None)

    def set_state(self, name: str, state: SourceState) -> None:
        """Pause or resume the source, or mark it as being removed, which is for good.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being removed.
        """
        if state != "removing":
            self._must_stay(name)
        with self._database.write() as session:
            row = session.get(SourceRow, name, with_for_update=True)
            if row is None:
                raise _unknown(name)
            if state not in {"removing", row.state}:
                events.source_switched(session, name, state)
            row.state = state

    def ask(self, name: str, *, full: bool = False) -> None:
        """Record that a person wants a sync, so that it comes even if the message to a worker is lost.

        A full one that was asked for and did not begin yet stays a full one.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being removed.
        """
        self._must_stay(name)
        still_full = and_(SourceRow.asked.is_not(None), SourceRow.asked_full)
        self._update(name, asked=str(uuid.uuid4()), asked_full=or_(still_full, literal(full)))

    def synced(
        self, name: str, cursor: str | None, at: float, asked: str | None = None, run_id: str | None = None
    ) -> None:
        """Record the end of a listing that began at `at`, and the cursor to go on from.

        Args:
            name: the source.
            cursor: None: it stays what it was.
            at: when the sync began.
            asked: the wish that it fulfils; one that came after it began stays.
            run_id: the run that was listed for.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: a later run took that one over.
        """
        values: dict[str, Any] = {"last_sync_at": at, "last_error": None, "failed_syncs": 0, "retry_at": None}
        if cursor is not None:
            values["cursor"] = cursor
        self._update(name, run_id, **values, **_fulfilled(asked))

    def sync_cancelled(self, name: str, at: float, asked: str | None = None) -> None:
        """Record that a sync that began at `at` was ended by somebody before the source was listed; as for `synced`."""
        self._update(name, last_sync_at=at, **_fulfilled(asked))

    def sync_failed(
        self,
        name: str,
        error: str,
        at: float,
        retry_at: float | None,
        asked: str | None = None,
        cursor: str | None = None,
    ) -> None:
        """Record that the source could not be listed by a sync that began at `at`.

        Args:
            name: the source.
            error: why.
            at: when the sync began.
            retry_at: when it is tried again though it is not due then; None: as scheduled.
            asked: as for `synced`: the person is told of the error.
            cursor: where the listing broke off, to go on there; None: it stays what it was.
        """
        failed = SourceRow.failed_syncs + 1
        values: dict[str, Any] = {"last_sync_at": at, "last_error": error, "failed_syncs": failed, "retry_at": retry_at}
        if cursor is not None:
            values["cursor"] = cursor
        self._update(name, **values, **_fulfilled(asked))

    def remove(self, name: str) -> None:
        """Forget the source with its documents and jobs. Raises NotFoundError."""
        with self._database.write() as session:
            gone = session.execute(delete(SourceRow).where(SourceRow.name == name).returning(SourceRow.name)).all()
            next_generation(session)
        if not gone:
            raise _unknown(name)

    def protect(self, mark: MarkSecrets) -> list[str]:
        """Encrypt what an older version stored in plain, and under the first key what an older key encrypted.

        Args:
            mark: returns a configuration of that kind with a `Secret` in place of every secret that is plain in it.

        Returns:
            the sources of which something was encrypted.
        """
        return protect(self._database, self._keyring, mark)

    def _must_stay(self, name: str) -> None:
        if self.get(name).state == "removing":
            raise SourceBusyError(f"the source {name!r} is being removed", "add it again when it is gone")

    def _update(self, name: str, run_id: str | None = None, **values: Any) -> None:
        statement = update(SourceRow).where(SourceRow.name == name).values(**values).returning(SourceRow.name)
        with self._database.write() as session:
            changed = session.execute(statement).all()
            if run_id is not None:
                must_go_on(session, run_id)
        if not changed:
            raise _unknown(name)

    def _sealed(self, passwords: Sequence[str | Secret]) -> list[Any]:
        if MASK in [password for password in passwords if isinstance(password, str)]:
            raise ConfigurationError(
                f"passwords: {MASK} stands for a stored password, and here is none", "give the password itself"
            )
        secrets = [password if isinstance(password, Secret) else Secret.of(password) for password in passwords]
        return [sealed(secret, self._keyring) for secret in secrets]

    def _record(self, row: SourceRow) -> SourceRecord:
        stored = row.passwords or []
        opened = unsealed(stored, self._keyring, row.name, "passwords")
        return SourceRecord(
            name=row.name,
            kind=row.kind,
            config=unsealed(row.config, self._keyring, row.name),
            readers=row.readers,
            schedule=row.schedule,
            state=cast(SourceState, row.state),
            cursor=row.cursor,
            last_sync_at=row.last_sync_at,
            last_error=row.last_error,
            created_at=row.created_at,
            stored_passwords=tuple(item if isinstance(item, Secret) else Secret.of(item) for item in opened),
            passwords_mark=hashlib.sha256(json.dumps(stored).encode()).hexdigest()[:8] if stored else "",
            time_zone=row.time_zone or "UTC",
            failed_syncs=row.failed_syncs or 0,
            retry_at=row.retry_at,
            concurrency=row.concurrency,
            per_minute=row.per_minute,
            asked=row.asked,
            asked_full=bool(row.asked_full),
        )


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(f"there is no source {name!r}", "see `assistant sources list`")


def _fulfilled(asked: str | None) -> dict[str, Any]:
    if asked is None:
        return {}
    return {"asked": case((SourceRow.asked == asked, null()), else_=SourceRow.asked)}


def check_limits(concurrency: int | None, per_minute: float | None) -> None:
    """Raise ConfigurationError where a limit of a source is not above 0."""
    if (concurrency is not None and concurrency < 1) or (per_minute is not None and per_minute <= 0):
        raise ConfigurationError("a limit of a source is a number above 0", "leave it out for no limit")


def _check_name(name: str) -> None:
    if not name.strip() or name in {".", ".."} or len(name) > 200 or "/" in name or not name.isprintable():
        raise ConfigurationError(
            f"{name!r} cannot be the name of a source", "use 1 to 200 printable characters without `/`"
        )
