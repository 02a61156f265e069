"""The audit log: who did what, when and from where, as a chain that only grows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from assistant.catalog.audit_chain import GENESIS, Head, Link, digest_of
from assistant.catalog.audit_models import AuditChainRow, AuditDocumentRow, AuditRow
from assistant.catalog.audit_reading import ABOUT, DETAILS, PERSONAL, AuditReader
from assistant.catalog.audit_records import SYSTEM, Act
from assistant.catalog.audit_seal import BREAK, seal, seal_state
from assistant.catalog.models_people import PersonRow
from assistant.catalog.person_keys import PersonKey

log = logging.getLogger(__name__)

_BEGIN = text(
    "INSERT INTO audit_chain (id, anchor, anchor_digest, head, head_digest, seal, seal_key)"
    " VALUES (1, :anchor, :anchor_digest, :head, :head_digest, '', '') ON CONFLICT (id) DO NOTHING"
)
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
            chain = _locked(session)
            self._write(session, chain, acts)
            return Head(chain.head, chain.head_digest)

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
            sqlite = session.get_bind().dialect.name == "sqlite"
            if sqlite:  # what a row held before is overwritten in the file, not only given up
                session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
            chain = _locked(session)
            gone = self._keys.destroy(session, person)
            if not gone:
                return 0
            told = AuditRow.actor.in_(gone) | AuditRow.subject.in_(gone)
            entries = session.scalar(select(func.count()).select_from(AuditRow).where(told)) or 0
            self._write(session, chain, [Act("person forgotten", SYSTEM, details={"pseudonyms": gone})])
        if sqlite:
            with self._database.engine.connect() as connection:  # the log of writes holds the key, too
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
            if busy:
                log.warning("the catalog's log of writes holds an erased key until no other process reads the catalog")
        return entries

    def protect(self) -> int:
        """Encrypt keys of people that an older key of the house encrypts by its first one; return how many."""
        with self._database.read() as session:
            due = self._keys.due(session)
            chain = session.get(AuditChainRow, 1)
            keys = self._keyring.all()
            reseal = chain is not None and bool(keys) and chain.seal_key != keys[0].name
        if not due and not reseal:
            return 0
        with self._database.write() as session:
            chain = _locked(session)
            done = self._keys.wrap_anew(session, due)
            if seal_state(chain, self._keyring) == "good":
                seal(chain, self._keyring)
            return done

    def _prune(self, before: int) -> int:
        """Remove at most so many as one transaction should."""
        with self._database.write() as session:
            chain = _locked(session)
            kept = session.scalar(select(func.min(AuditRow.number)).where(AuditRow.at >= before))
            query = select(AuditRow.number, AuditRow.digest).order_by(AuditRow.number).limit(_OLDEST_FIRST)
            old = session.execute(query if kept is None else query.where(AuditRow.number < kept)).all()
            if not old:
                return 0
            last = old[-1]
            broken = self._seal_break(chain)
            chain.anchor, chain.anchor_digest = last.number, last.digest
            session.flush()  # the triggers let go what the anchor has passed
            session.execute(delete(AuditDocumentRow).where(AuditDocumentRow.number <= last.number))
            session.execute(delete(AuditRow).where(AuditRow.number <= last.number))
            details = {"removed": len(old), "through": last.number, "digest": last.digest}
            self._chain_on(session, chain, [*broken, Act("audit pruned", SYSTEM, details=details)])
            return len(old)

    def _write(self, session: Session, chain: AuditChainRow, acts: Sequence[Act]) -> None:
        self._chain_on(session, chain, [*self._seal_break(chain), *acts])

    def _seal_break(self, chain: AuditChainRow) -> list[Act]:
        """Return what is to be recorded first, where something else has written to the chain."""
        state = seal_state(chain, self._keyring)
        if state in {"good", "none"}:
            return []
        log.error("the audit log's seal does not hold at entry %d: %s", chain.head, state)
        return [Act(BREAK, SYSTEM, "failed", details={"why": state, "head": chain.head})]

    def _chain_on(self, session: Session, chain: AuditChainRow, acts: Sequence[Act]) -> None:
        subjects = {act.subject for act in acts if act.subject}
        known = self._known(session, subjects)
        keys = self._keys.made(session, {act.who for act in acts} | known)
        rows, listed = [], []
        number, previous = chain.head, chain.head_digest
        for act in acts:
            number += 1
            link = _link(number, previous, act, keys[act.who], keys.get(act.subject) if act.subject else None)
            previous = link.digest
            rows.append(link.row())
            listed += [{"document_id": document, "number": number} for document in link.documents]
        session.execute(insert(AuditRow), rows)
        if listed:
            session.execute(insert(AuditDocumentRow), listed)
        chain.head, chain.head_digest = number, previous
        seal(chain, self._keyring)

    def _known(self, session: Session, subjects: set[str]) -> set[str]:
        """Return those who are people here: a name that anybody may write into a path gets no key."""
        if not subjects:
            return set()
        return set(session.scalars(select(PersonRow.id).where(PersonRow.id.in_(subjects))))


def _link(number: int, previous: str, act: Act, actor: PersonKey, subject: PersonKey | None) -> Link:
    origin = act.origin
    personal = {"who": act.who, "address": origin.address, "agent": origin.agent, "login": origin.login}
    details: dict[str, Any] = {"channel": origin.channel, "request": origin.request, **act.details}
    link = Link(
        number=number,
        at=int(act.at * 1_000_000),
        actor=actor.pseudonym,
        subject=subject.pseudonym if subject else "",
        action=act.action,
        outcome=act.outcome,
        documents=tuple(sorted(set(act.documents))),
        personal=actor.seal({name: value for name, value in personal.items() if value}, PERSONAL),
        details=actor.seal({name: value for name, value in details.items() if value not in ("", None)}, DETAILS),
        about=subject.seal(act.about, ABOUT) if subject else "",
        previous=previous,
    )
    return replace(link, digest=digest_of(link))


def _locked(session: Session) -> AuditChainRow:
    """Return the chain's row, locked; where there is none, it is made of the entries that there are."""
    chain = session.get(AuditChainRow, 1, with_for_update=True)
    if chain is None:
        oldest = session.scalars(select(AuditRow).order_by(AuditRow.number).limit(1)).first()
        newest = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).first()
        ends = {"anchor": 0, "anchor_digest": GENESIS, "head": 0, "head_digest": GENESIS}
        if oldest is not None and newest is not None:
            ends = {
                "anchor": oldest.number - 1,
                "anchor_digest": oldest.previous,
                "head": newest.number,
                "head_digest": newest.digest,
            }
        session.execute(_BEGIN, ends)
        chain = session.get_one(AuditChainRow, 1, with_for_update=True)
    return chain
