"""The audit log: who did what, when and from where, as a chain that only grows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from assistant.catalog.audit_chain import Head, Link, digest_of
from assistant.catalog.audit_models import AuditDocumentRow, AuditRow
from assistant.catalog.audit_reading import ABOUT, DETAILS, PERSONAL, AuditReader
from assistant.catalog.audit_records import SYSTEM, Act
from assistant.catalog.audit_seal import BREAK, Ends, locked_ends, read_ends, save_ends, seal, seal_state
from assistant.catalog.keyring import Key
from assistant.catalog.models import Base
from assistant.catalog.models_people import PersonRow
from assistant.catalog.people import ERASED, ERASING
from assistant.catalog.person_keys import PersonKey

log = logging.getLogger(__name__)

# Core statements, not the ORM's: every request waits for them.
_AUDIT: Table = Base.metadata.tables[AuditRow.__tablename__]
_DOCUMENTS: Table = Base.metadata.tables[AuditDocumentRow.__tablename__]
_PEOPLE: Table = Base.metadata.tables[PersonRow.__tablename__]
_LONGEST = 200  # characters of a name that nobody here has
_OLDEST_FIRST = 5000  # entries that are removed at once


class AuditLog(AuditReader):
    """Reads and writes the log. Any number of processes write: each waits at the chain's one row for its turn."""

    def append(self, acts: Sequence[Act]) -> Head:
        """Record what was done, all in one transaction, and return the new head.

        Raises:
            CatalogUnavailableError: the catalog cannot be written now.
            HomeNotWritableError, StorageFullError: it cannot be written at all.
            ConfigurationError: the keys cannot be used.
            ValueError: an action, an outcome or a document's id is no plain word.
        """
        with self._database.write() as session:
            connection = session.connection()
            ends, keys = locked_ends(connection), self._sealing_keys()
            self._chain_on(connection, ends, keys, [*self._seal_break(ends, keys), *acts])
            return ends.last

    def prune(self, before: float) -> int:
        """Remove the oldest entries up to the first that is not older, and record that.

        Args:
            before: seconds since the epoch.

        Returns:
            how many were removed.
        """
        removed = 0
        while part := self._prune(int(before * 1_000_000)):
            removed += part
        return removed

    def forget(self, person: str) -> int:
        """Destroy the keys of a person: what the log holds of the person can be read by nobody any more.

        Returns:
            how many entries that are. The chain holds as before.
        """
        with self._database.write() as session:
            connection = session.connection()
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:  # what a row held before is overwritten in the file, not only given up
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            ends, keys = locked_ends(connection), self._sealing_keys()
            gone = self._keys.destroy(connection, person)
            if not gone:
                return 0
            told = _AUDIT.c.actor.in_(gone) | _AUDIT.c.subject.in_(gone)
            entries = connection.scalar(select(func.count()).select_from(_AUDIT).where(told)) or 0
            act = Act("person forgotten", SYSTEM, details={"pseudonyms": gone})
            self._chain_on(connection, ends, keys, [*self._seal_break(ends, keys), act])
        if sqlite:
            with self._database.engine.connect() as connection:  # the log of writes holds the key, too
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
            if busy:
                log.warning("the catalog's log of writes holds an erased key until no other process reads the catalog")
        return entries

    def protect(self) -> int:
        """Encrypt keys of people that an older key of the house encrypts by its first one; return how many."""
        with self._database.connect() as connection:
            due, ends, here = self._keys.due(connection), read_ends(connection), self._keyring.all()
        if not due and (not here or ends.seal_key in {"", here[0].name}):
            return 0
        with self._database.write() as session:
            connection = session.connection()
            ends, keys = locked_ends(connection), self._sealing_keys()
            done = self._keys.wrap_anew(connection, due)
            if seal_state(ends, self._keyring, keys) == "good":
                seal(ends, keys)
                save_ends(connection, ends)
            return done

    def _prune(self, before: int) -> int:
        """Remove at most so many as one transaction should."""
        with self._database.write() as session:
            connection = session.connection()
            ends, keys = locked_ends(connection), self._sealing_keys()
            kept = connection.scalar(select(func.min(_AUDIT.c.number)).where(_AUDIT.c.at >= before))
            query = select(_AUDIT.c.number, _AUDIT.c.digest).order_by(_AUDIT.c.number).limit(_OLDEST_FIRST)
            old = connection.execute(query if kept is None else query.where(_AUDIT.c.number < kept)).all()
            if not old:
                return 0
            broken, last = self._seal_break(ends, keys), old[-1]
            ends.anchor, ends.anchor_digest = last.number, last.digest
            save_ends(connection, ends)  # the triggers let go what the anchor has passed
            connection.execute(delete(_DOCUMENTS).where(_DOCUMENTS.c.number <= last.number))
            connection.execute(delete(_AUDIT).where(_AUDIT.c.number <= last.number))
            details = {"removed": len(old), "through": last.number, "digest": last.digest}
            self._chain_on(connection, ends, keys, [*broken, Act("audit pruned", SYSTEM, details=details)])
            return len(old)

    def _sealing_keys(self) -> Sequence[Key]:
        """Return the house's keys, of which the first seals; the file is made where there is none."""
        keys = self._keyring.all()
        if not keys:
            self._keyring.derived("audit")
            keys = self._keyring.all()
        return keys

    def _seal_break(self, ends: Ends, keys: Sequence[Key]) -> list[Act]:
        """Return what is to be recorded first, where something else has written to the chain."""
        state = seal_state(ends, self._keyring, keys)
        if state in {"good", "none"}:
            return []
        log.error("the audit log's seal does not hold at entry %d: %s", ends.head, state)
        return [Act(BREAK, SYSTEM, "failed", details={"why": state, "head": ends.head})]

    def _chain_on(self, connection: Connection, ends: Ends, keys: Sequence[Key], acts: Sequence[Act]) -> None:
        subjects = {act.subject for act in acts if act.subject}
        people = self._keys.made(connection, {act.who for act in acts} | _known(connection, subjects))
        rows, listed = [], []
        for act in acts:
            subject = people.get(act.subject) if act.subject else None
            link = _link(ends.last, act, people[act.who], subject)
            ends.head, ends.head_digest = link.number, link.digest
            rows.append(link.row())
            listed += [{"document_id": document, "number": link.number} for document in link.documents]
        connection.execute(insert(_AUDIT), rows)
        if listed:
            connection.execute(insert(_DOCUMENTS), listed)
        seal(ends, keys)
        save_ends(connection, ends)


def _known(connection: Connection, subjects: set[str]) -> set[str]:
    """Return those who are people here and not erased: a name that anybody may write into a path gets no key."""
    if not subjects:
        return set()
    here = _PEOPLE.c.id.in_(subjects) & _PEOPLE.c.origin.not_in((ERASING, ERASED))
    return set(connection.scalars(select(_PEOPLE.c.id).where(here)))


def _link(before: Head, act: Act, actor: PersonKey, subject: PersonKey | None) -> Link:
    origin = act.origin
    personal = {"who": act.who, "address": origin.address, "agent": origin.agent, "login": origin.login}
    details: dict[str, Any] = {"channel": origin.channel, "request": origin.request, **act.details}
    if act.subject and subject is None:
        details["subject"] = act.subject[:_LONGEST]
    link = Link(
        number=before.number + 1,
        at=int(act.at * 1_000_000),
        actor=actor.pseudonym,
        subject=subject.pseudonym if subject else "",
        action=act.action,
        outcome=act.outcome,
        documents=tuple(sorted(set(act.documents))),
        personal=actor.seal({name: value for name, value in personal.items() if value}, PERSONAL),
        details=actor.seal({name: value for name, value in details.items() if value not in ("", None)}, DETAILS),
        about=subject.seal(act.about, ABOUT) if subject else "",
        previous=before.digest,
    )
    return replace(link, digest=digest_of(link))
