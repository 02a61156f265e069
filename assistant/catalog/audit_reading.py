"""Reads the audit log: entries by filters, opened as far as keys are there, and the check of its chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from assistant.catalog.audit_chain import Broken, Check, Head, Link
from assistant.catalog.audit_models import AuditDocumentRow, AuditRow
from assistant.catalog.audit_records import AuditFilter, AuditPage, AuditRecord, Origin, Verified
from assistant.catalog.audit_seal import BREAK, read_ends, seal_state
from assistant.catalog.database import Database
from assistant.catalog.keyring import Keyring, KeyUnusableError
from assistant.catalog.person_keys import Opened, PersonKey, PersonKeys

PERSONAL, DETAILS, ABOUT = "personal", "details", "about"
_AT_ONCE = 500
_LOOKED_AT = 100_000  # entries that one page of a search for text opens at most


class AuditReader:
    """Reads; it checks no rights."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database, self._keyring = database, keyring
        self._keys = PersonKeys(keyring)

    def page(self, wanted: AuditFilter, limit: int = 100, before: int | None = None) -> AuditPage:
        """Return the newest entries that match, below the number `before`.

        A search for text may return fewer than `limit`, or none, and still say where to go on: it opens every entry.
        """
        found: list[AuditRecord] = []
        looked = 0
        with self._database.read() as session:
            query = self._matching(session, wanted)
            while looked < _LOOKED_AT:
                rows = _stretch(session, query, before, _AT_ONCE if wanted.text else limit + 1 - len(found))
                for entry in self._opened(session, rows):
                    if len(found) == limit:
                        return AuditPage(tuple(found), found[-1].number)
                    if not wanted.text or _says(entry, wanted.text):
                        found.append(entry)
                if not rows or (not wanted.text and len(rows) + looked <= limit):
                    return AuditPage(tuple(found))
                looked, before = looked + len(rows), rows[-1].number
        return AuditPage(tuple(found), before)

    def entries(self, wanted: AuditFilter | None = None) -> Iterator[tuple[Link, AuditRecord]]:
        """Yield the entries that match, the oldest first, each as it is chained and as it is opened."""
        after = 0
        while True:
            with self._database.read() as session:
                query = self._matching(session, wanted or AuditFilter()).where(AuditRow.number > after)
                rows = list(session.scalars(query.order_by(AuditRow.number).limit(_AT_ONCE)))
                opened = self._opened(session, rows)
            text = wanted.text if wanted else ""
            yield from ((as_link(row), entry) for row, entry in zip(rows, opened, strict=True) if _says(entry, text))
            if not rows:
                return
            after = rows[-1].number

    def of_person(self, person: str) -> Iterator[AuditRecord]:
        """Yield what is recorded by a person and about the person, the oldest first; nothing of others is in it."""
        for _, entry in self.entries(AuditFilter(who=person)):
            if entry.who == person:
                yield entry
            else:
                yield AuditRecord(
                    entry.number, entry.at, entry.action, entry.outcome, (), "", subject=person, about=entry.about
                )

    def head(self) -> Head:
        """Return the newest entry's number and digest, to be kept where this database's owner cannot change it."""
        with self._database.connect() as connection:
            return read_ends(connection).last

    def anchor(self) -> Head:
        """Return the last entry that retention removed."""
        with self._database.connect() as connection:
            return read_ends(connection).first

    def seal(self) -> str:
        """Return `good`, `none` before the first entry, else why the seal over the chain's ends does not hold."""
        with self._database.connect() as connection:
            return seal_state(read_ends(connection), self._keyring, self._keyring.all())

    def verify(self, known: Head | None = None) -> Verified:
        """Check the whole chain, its seal, and the list by documents, as they are at one moment.

        Args:
            known: a head that was kept elsewhere.
        """
        with self._moment() as session:
            ends = read_ends(session.connection())
            anchor, check = ends.first, Check(ends.first, known)
            breaks: list[int] = []
            if known is not None and known.number < anchor.number:
                check.broken = Broken(
                    known.number, "the head that was kept elsewhere is older than what retention left: keep a newer one"
                )
            rows = session.scalars(select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=_AT_ONCE))
            for part in rows.partitions():
                links = [as_link(row) for row in part]
                check.take_all(links)
                breaks += [link.number for link in links if link.action == BREAK]
                if check.broken is None:
                    check.broken = _unlisted(session, links)
                if check.broken is not None:
                    break
            check.end(ends.last)
            seal = seal_state(ends, self._keyring, self._keyring.all())
        return Verified(check.broken, check.entries, anchor, check.last, seal, tuple(breaks))

    @contextmanager
    def _moment(self) -> Iterator[Session]:
        """A transaction in which every statement sees the same, as SQLite's always do."""
        with self._database.read() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    def _matching(self, session: Session, wanted: AuditFilter) -> Select[AuditRow]:
        query = select(AuditRow)
        if wanted.who:
            names = self._keys.pseudonyms(session.connection(), wanted.who)
            query = query.where(or_(AuditRow.actor.in_(names), AuditRow.subject.in_(names)))
        if wanted.action:
            below = AuditRow.action.startswith(f"{wanted.action} ", autoescape=True)
            query = query.where(or_(AuditRow.action == wanted.action, below))
        if wanted.outcome:
            query = query.where(AuditRow.outcome == wanted.outcome)
        if wanted.document:
            listed = select(AuditDocumentRow.number).where(AuditDocumentRow.document_id == wanted.document)
            query = query.where(AuditRow.number.in_(listed))
        if wanted.since is not None:
            query = query.where(AuditRow.at >= int(wanted.since * 1_000_000))
        if wanted.until is not None:
            query = query.where(AuditRow.at < int(wanted.until * 1_000_000))
        return query

    def _opened(self, session: Session, rows: Sequence[AuditRow]) -> list[AuditRecord]:
        people = self._keys.opened(session.connection(), [name for row in rows for name in (row.actor, row.subject)])
        return [_record(row, people) for row in rows]


def as_link(row: AuditRow) -> Link:
    """Return the entry as it is chained."""
    return Link(
        number=row.number,
        at=row.at,
        actor=row.actor,
        subject=row.subject,
        action=row.action,
        outcome=row.outcome,
        documents=tuple(row.documents),
        personal=row.personal,
        details=row.details,
        about=row.about,
        previous=row.previous,
        digest=row.digest,
    )


def _stretch(session: Session, query: Select[AuditRow], before: int | None, count: int) -> list[AuditRow]:
    if before is not None:
        query = query.where(AuditRow.number < before)
    return list(session.scalars(query.order_by(AuditRow.number.desc()).limit(count)))


def _record(row: AuditRow, people: Mapping[str, Opened]) -> AuditRecord:
    actor = people[row.actor]
    subject = people.get(row.subject, Opened("", None))
    personal, why = _open(actor, row.personal, PERSONAL)
    details, why_details = _open(actor, row.details, DETAILS)
    about, why_about = _open(subject, row.about, ABOUT)
    origin = Origin(
        channel=str(details.pop("channel", "")),
        request=str(details.pop("request", "")),
        **{name: str(personal.get(name, "")) for name in ("address", "agent", "login")},
    )
    return AuditRecord(
        number=row.number,
        at=row.at / 1_000_000,
        action=row.action,
        outcome=row.outcome,
        documents=tuple(row.documents),
        actor=row.actor,
        who=str(personal.get("who", "")),
        origin=origin,
        details=details,
        erased=actor.erased,
        subject=subject.person,
        about=about,
        subject_erased=subject.erased,
        unreadable=why or why_details or why_about,
    )


def _open(person: Opened, sealed: str, what: str) -> tuple[dict[str, Any], str]:
    key: PersonKey | None = person.key
    if key is None:
        return {}, ("" if person.erased or not sealed else person.why)
    try:
        return key.open(sealed, what), ""
    except KeyUnusableError as error:
        return {}, f"{what}: {error}"


def _says(entry: AuditRecord, text: str) -> bool:
    if not text:
        return True
    origin = entry.origin
    parts = [entry.who, entry.subject, entry.action, entry.outcome, origin.address, origin.agent, origin.login]
    said = [*parts, origin.request, *entry.documents, json.dumps([entry.details, entry.about], ensure_ascii=False)]
    return text.casefold() in "\n".join(said).casefold()


def _unlisted(session: Session, links: Iterable[Link]) -> Broken | None:
    """Compare what the entries say of documents with the list by which they are found."""
    wanted = {link.number: set(link.documents) for link in links}
    if not wanted:
        return None
    listed: dict[int, set[str]] = {number: set() for number in wanted}
    query = select(AuditDocumentRow.number, AuditDocumentRow.document_id)
    for number, document in session.execute(query.where(AuditDocumentRow.number.between(min(wanted), max(wanted)))):
        listed.setdefault(number, set()).add(document)
    for number in sorted(listed):
        if listed[number] != wanted.get(number, set()):
            return Broken(number, "the list by documents says another thing of it")
    return None
