"""Encrypts the secrets that an older version, or a plugin's older version, left in the catalog in plain."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.keyring import Keyring
from assistant.catalog.models import SourceRow
from assistant.catalog.secrets import Secret, sealed, unsealed

MarkSecrets = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]

log = logging.getLogger(__name__)


def protect(database: Database, keyring: Keyring, mark: MarkSecrets) -> list[str]:
    """See `Sources.protect`. Any number of processes may do this at once, and as often as they like."""
    with database.read() as session:
        due = [row.name for row in session.scalars(select(SourceRow)) if _is_due(row, keyring, mark)]
    if not due:
        return []
    done, was_plain = [], False
    with database.write() as session:
        for name in due:
            row = session.get(SourceRow, name, with_for_update=True)
            if row is None or not _is_due(row, keyring, mark):
                continue  # another process was faster
            config, passwords = _marked(row, keyring, mark)
            was_plain |= any(secret.stored is None for secret in _secrets([config, passwords]))
            row.config = sealed(config, keyring, keep_lost=True)
            row.passwords = sealed(passwords, keyring, keep_lost=True)
            done.append(name)
    if was_plain:
        _forget_old_pages(database)
    if done:
        log.info("encrypted the secrets of: %s", ", ".join(done))
    return done


def _is_due(row: SourceRow, keyring: Keyring, mark: MarkSecrets) -> bool:
    """Whether there is something to encrypt that can be encrypted."""
    secrets = _secrets(_marked(row, keyring, mark))
    return any(
        secret.stored is None or (not keyring.is_current(secret.stored) and secret.is_readable()) for secret in secrets
    )


def _marked(row: SourceRow, keyring: Keyring, mark: MarkSecrets) -> tuple[Mapping[str, Any], list[Secret]]:
    config = mark(row.kind, unsealed(row.config, keyring, row.name))
    passwords = unsealed(row.passwords or [], keyring, row.name, "passwords")
    return config, [item if isinstance(item, Secret) else Secret.of(item) for item in passwords]


def _secrets(value: Any) -> list[Secret]:
    match value:
        case Secret():
            return [value]
        case Mapping():
            return [secret for item in value.values() for secret in _secrets(item)]
        case list() | tuple():
            return [secret for item in value for secret in _secrets(item)]
    return []


def _forget_old_pages(database: Database) -> None:
    """Write SQLite's file anew: what a row held before stays readable in it otherwise, and in its log."""
    if database.engine.dialect.name != "sqlite":
        return  # Postgres does so by itself, in time
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if (cursor.fetchone() or (0,))[0]:
            log.warning("the catalog's log still holds secrets in plain until no other process uses the catalog")
        cursor.close()
    except sqlite3.Error as error:
        log.warning("the catalog's file still holds secrets in plain (%s): run `sqlite3 FILE VACUUM`", error)
    finally:
        connection.close()
