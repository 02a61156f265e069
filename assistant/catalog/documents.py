"""The catalog's documents: which version is current, and who may read it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from assistant.catalog.confirming import Confirming
from assistant.catalog.database import Database
from assistant.catalog.generation import next_generation
from assistant.catalog.inside import below
from assistant.catalog.jobs import NewJob, forget_jobs_of_members, held_jobs, record_jobs
from assistant.catalog.models import DocumentRow, GrantRow, JobRow, SourceRow
from assistant.catalog.readable import access_of_row, info_of, readable_by
from assistant.catalog.records import JobRecord, KnownDocument, Surroundings
from assistant.catalog.ruled import Rule, present_rules, ruled, shared
from assistant.injection import NOTHING_FOUND, Judgement
from assistant.types import Access, DocumentInfo, User, document_id

_IN_LIMIT = 500  # bound variables in one statement; SQLite's own limit is higher, its planner's patience is not


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that is ready in the index and shall become the current one.

    Args:
        mark: what the source said of the version when it was listed.
        pipeline: the parser and chunker that made it.
        access_from_source: whether its readers come from the source, or from the admin's rule.
        parent: the id of the document that it is a member of.
        members: its own members' keys and digests; the work on them is recorded in the run `run_id` in the same
            transaction.
        content: the digest of its bytes.
        origin: the id that it had before it was moved: that document is forgotten in the same transaction.
        is_moved: whether that one had the same bytes.
        judgement: how much it reads like orders to an assistant.
    """

    info: DocumentInfo
    mark: str | None
    pipeline: str
    access_from_source: bool
    parent: str | None = None
    members: tuple[tuple[str, str], ...] = ()
    run_id: str = ""
    content: str = ""
    origin: str | None = None
    is_moved: bool = False
    judgement: Judgement = NOTHING_FOUND


class Documents:
    """Reads and changes the table of documents. Everything that reads for a person takes that `user`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._confirming = Confirming(database)

    def make_current(
        self,
        versions: Sequence[NewVersion],
        jobs: Sequence[JobRecord] | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> dict[str, Access]:
        """Make these versions the current ones and record the work on their members, all in one transaction.

        Args:
            versions: of one document one at most.
            jobs: the claimed work on each of them; where another worker took it over, or it was recorded anew or
                forgotten, the version came too late and is not stored. None: store all.
            rules: the readers of sources by which those of the versions were worked out; see `ruled`.

        Returns:
            Who may read each of them now, by its id: a member has its parent's readers. A member whose parent is gone
            is not stored and not in it; members that they had before are in it where their readers changed.
        """
        now = time.time()
        stored: dict[str, Access] = {}
        with self._database.write() as session:
            present = present_rules(session, rules or {})
            if jobs is not None:
                held = held_jobs(session, jobs)
                versions = [new for new, job in zip(versions, jobs, strict=True) if job.id in held]
            before = _rows(session, versions)
            former = _former_members(session, list(before))
            forget_jobs_of_members(session, list(before))
            if jobs is not None:  # of a member whose document is among the versions, which may hold it no more
                held = held_jobs(session, jobs)
                of_jobs = {document_id(job.source, job.key) for job in jobs if job.id in held}
                versions = [new for new in versions if new.parent is None or new.info.ref.id in of_jobs]
            for new in versions:
                access = _access_of(session, new)
                if access is not None:
                    row = before.get(new.info.ref.id)
                    source = new.info.ref.source
                    if new.parent is None and new.access_from_source:
                        access = shared(session, source, new.info.ref.key, access)
                    elif rules and new.parent is None:
                        access = ruled(row, access, rules.get(source), present.get(source))
                    stored.update(dict.fromkeys(_store(session, new, row, access, now), access))
                    _record_members(session, new, former.get(new.info.ref.id, set()))
                    _forget_origin(session, new)
            if stored:
                next_generation(session)
        return stored

    def set_access(self, document_id: str, access: Access, rule: Rule | None = None) -> dict[str, Access]:
        """Replace who may read the document and its members; in force from the next read on.

        Args:
            document_id: the document's.
            access: who is to read it.
            rule: the readers of its source by which that was worked out; see `ruled`. None: by none.

        Returns:
            Who may read each of them now, by its id: a member keeps its parent's readers, whatever `access` says.
        """
        with self._database.write() as session:
            row = session.get(DocumentRow, document_id)
            if row is None:
                return {}
            parent = session.get(DocumentRow, row.parent) if row.parent else None
            if parent is not None:
                access = access_of_row(parent)
            elif rule is not None:
                access = ruled(row, access, rule, present_rules(session, [row.source]).get(row.source))
            else:
                access = shared(session, row.source, row.key, access)
            changed = [document_id, *below(session, [document_id])]
            for each in changed:
                _replace_grants(session, each, access)
            next_generation(session)
            return dict.fromkeys(changed, access)

    def generation_seen(self) -> int:
        """Return a number that, read by `readable` of late, was another after every change of documents or readers."""
        return self._confirming.generation_seen()

    def below(self, document_id: str) -> list[str]:
        """Return the ids of the document's members, of theirs and so on."""
        with self._database.read() as session:
            return list(below(session, [document_id]))

    def below_all(self, document_ids: Sequence[str]) -> list[str]:
        """Return the ids of the members of all of these documents, of theirs and so on."""
        with self._database.read() as session:
            return list(below(session, document_ids))

    def around(self, parent: str, document_id: str) -> Surroundings:
        """Return what is around a member.

        Args:
            parent: the id of the document that it is a member of.
            document_id: its own, current or not.
        """
        with self._database.read() as session:
            row, depth = session.get(DocumentRow, parent), 1
            while row is not None and row.parent is not None:
                row, depth = session.get(DocumentRow, row.parent), depth + 1
            if row is None:
                return Surroundings("", depth, 0)
            own = {document_id, *below(session, [document_id])}
            return Surroundings(
                row.key, depth, len([member for member in below(session, [row.id]) if member not in own])
            )

    def set_mark(self, document_id: str, mark: str | None, pipeline: str, *, access_from_source: bool) -> None:
        """Record that the document's content is unchanged at the source's mark `mark`, and who says who may read it."""
        with self._database.write() as session:
            row = session.get(DocumentRow, document_id)
            if row is not None:
                row.mark = mark
                row.pipeline = pipeline
                row.access_from_source = access_from_source

    def forget(self, document_ids: Sequence[str]) -> dict[str, str]:
        """Remove the documents with their members: no read finds them from now on.

        Returns:
            the ids of what was, with the one of the documents that each was in, or was itself.
        """
        with self._database.write() as session:
            within = below(session, document_ids) | {document_id: document_id for document_id in document_ids}
            removed = _forget(session, list(within))
            if removed:
                next_generation(session)
            return {each: within[each] for each in removed}

    def known(self, source: str, keys: Sequence[str] | None = None) -> dict[str, KnownDocument]:
        """Return the current documents of a source by key, all or those at `keys`, for telling what changed."""
        query = select(DocumentRow).where(DocumentRow.source == source)
        queries = [query]
        if keys is not None:
            starts = range(0, len(keys), _IN_LIMIT)
            queries = [query.where(DocumentRow.key.in_(list(keys[start : start + _IN_LIMIT]))) for start in starts]
        with self._database.read() as session:
            return {row.key: _known(row) for part in queries for row in session.scalars(part)}

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that exist and that the user may read, by id."""
        return self._confirming.readable(document_ids, user)

    def page(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> list[DocumentInfo]:
        """Return the documents the user may read, by source and key."""
        query = select(DocumentRow).where(*readable_by(user, sources)).order_by(DocumentRow.source, DocumentRow.key)
        if limit is not None or offset:
            query = query.limit(limit).offset(offset)
        with self._database.read() as session:
            return [info_of(row) for row in session.scalars(query)]

    def places(self, user: User, sources: Sequence[str] | None = None) -> list[tuple[str, str]]:
        """Return source and key of all documents that the user may read, in this order: names, and nothing in them."""
        place = (DocumentRow.source, DocumentRow.key)
        with self._database.read() as session:
            rows = session.execute(select(*place).where(*readable_by(user, sources)).order_by(*place))
            return [(row.source, row.key) for row in rows]

    def sources(self, user: User) -> set[str]:
        """Return the sources that hold a document that the user may read."""
        holds = exists().where(DocumentRow.source == SourceRow.name, *readable_by(user))
        with self._database.read() as session:
            return set(session.scalars(select(SourceRow.name).where(holds)))

    def count(self, user: User, sources: Sequence[str] | None = None) -> tuple[int, int]:
        """Return how many documents, and how many chunks in them, the user may read."""
        query = select(func.count(), func.coalesce(func.sum(DocumentRow.chunks), 0)).where(*readable_by(user, sources))
        with self._database.read() as session:
            documents, chunks = session.execute(query.select_from(DocumentRow)).one()
        return documents, int(chunks)

    def tokens(self, user: User, sources: Sequence[str] | None = None) -> int:
        """Return the tokens of all documents that the user may read, as the embedder counted them."""
        query = select(func.coalesce(func.sum(DocumentRow.tokens), 0)).where(*readable_by(user, sources))
        with self._database.read() as session:
            return int(session.scalar(query) or 0)

    def current_versions(self, source: str | None = None) -> dict[str, str]:
        """Return the current version of every document by id, for comparing the index with the catalog."""
        query = select(DocumentRow.id, DocumentRow.version)
        if source is not None:
            query = query.where(DocumentRow.source == source)
        with self._database.read() as session:
            return {row.id: row.version for row in session.execute(query)}


def _access_of(session: Session, new: NewVersion) -> Access | None:
    """Return who may read the version: its parent's readers as they are in this transaction, None if that is gone."""
    if new.parent is None:
        return new.info.ref.access
    parent = session.get(DocumentRow, new.parent)
    return None if parent is None else access_of_row(parent)


def _rows(session: Session, versions: Sequence[NewVersion]) -> dict[str, DocumentRow]:
    """Return the rows of these documents that are there already, by id: one query for all of them."""
    ids = [new.info.ref.id for new in versions]
    found: dict[str, DocumentRow] = {}
    for start in range(0, len(ids), _IN_LIMIT):
        query = select(DocumentRow).where(DocumentRow.id.in_(ids[start : start + _IN_LIMIT]))
        found.update((row.id, row) for row in session.scalars(query))
    return found


def _former_members(session: Session, document_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the keys of the members that these documents have, or that there is work on, by the document's id."""
    found: dict[str, set[str]] = {}
    for start in range(0, len(document_ids), _IN_LIMIT):
        part = document_ids[start : start + _IN_LIMIT]
        for row in (DocumentRow, JobRow):
            for parent, key in session.execute(select(row.parent, row.key).where(row.parent.in_(part))):
                found.setdefault(str(parent), set()).add(key)
    return found


def _record_members(session: Session, new: NewVersion, had: set[str]) -> None:
    """Record work on each member, and the end of those that the document no longer has of what it `had`."""
    if not new.members and not had:
        return
    ref = new.info.ref
    former = had - {key for key, _ in new.members}
    taken = _listed(session, ref.source, [key for key, _ in new.members])
    jobs = [NewJob(key, "ingest", mark, parent=ref.id) for key, mark in new.members if key not in taken]
    jobs += [NewJob(key, "delete", parent=ref.id) for key in sorted(former)]
    record_jobs(session, ref.source, new.run_id, jobs)


def _listed(session: Session, source: str, keys: Sequence[str]) -> set[str]:
    """Return those of the keys that the source lists itself: no member may take their place."""
    found: set[str] = set()
    for start in range(0, len(keys), _IN_LIMIT):
        part = keys[start : start + _IN_LIMIT]
        for row in (DocumentRow, JobRow):
            query = select(row.key).where(row.source == source, row.key.in_(part), row.parent.is_(None))
            found.update(session.scalars(query))
    return found


def _forget(session: Session, ids: Sequence[str]) -> list[str]:
    """Remove the rows of these documents, and the work on members of theirs. Returns the ids of what was."""
    forget_jobs_of_members(session, ids)
    removed: list[str] = []
    for start in range(0, len(ids), _IN_LIMIT):
        doomed = delete(DocumentRow).where(DocumentRow.id.in_(ids[start : start + _IN_LIMIT]))
        removed += [row.id for row in session.execute(doomed.returning(DocumentRow.id))]
    return removed


def _forget_origin(session: Session, new: NewVersion) -> None:
    """Forget what the document was before it was moved, with its members; whoever makes the new one current erases it.

    The work of erasing its members is recorded: nobody knows of them once their rows are gone.
    """
    if new.origin is None or session.get(DocumentRow, new.origin) is None:
        return
    members = list(below(session, [new.origin]))
    keys = set().union(*_former_members(session, [new.origin, *members]).values())
    _forget(session, [new.origin, *members])
    jobs = [NewJob(key, "delete", parent=new.origin) for key in sorted(keys)]
    record_jobs(session, new.info.ref.source, new.run_id, jobs)


def _known(row: DocumentRow) -> KnownDocument:
    return KnownDocument(
        key=row.key,
        version=row.version,
        mark=row.mark,
        pipeline=row.pipeline,
        media_type=row.media_type,
        access=access_of_row(row),
        access_from_source=row.access_from_source,
        uri=row.uri,
        parent=row.parent,
        title=row.title,
        content=row.content or "",
    )


def _store(session: Session, new: NewVersion, row: DocumentRow | None, access: Access, now: float) -> list[str]:
    """Store a version, and its readers on its members at once. Returns the ids of all that have these readers now.

    A row for a new document, and nothing but an update for one whose readers stay: most documents are one or the other.
    """
    info, ref = new.info, new.info.ref
    same_readers = row is not None and access_of_row(row) == access
    changed = [] if row is None or same_readers else [ref.id, *below(session, [ref.id])]
    if row is None:
        row = DocumentRow(id=ref.id, source=ref.source, key=ref.key)
        session.add(row)
        session.add_all(_grants(ref.id, access))
    row.parent = new.parent
    row.version = ref.version
    row.mark = new.mark
    row.pipeline = new.pipeline
    row.access_from_source = new.access_from_source
    row.title = ref.title
    row.uri = ref.uri
    row.media_type = ref.media_type
    row.content = new.content
    row.pages = info.pages
    row.chunks = info.chunks
    row.characters = info.characters
    row.tokens = info.tokens
    row.authors = list(info.metadata.authors)
    row.created = info.metadata.created
    row.modified = info.metadata.modified
    row.language = info.metadata.language
    row.updated_at = now
    for each in changed:
        _replace_grants(session, each, access)
    if changed:
        session.flush()
        session.expire_all()  # what is loaded shows the former readers
    return changed or [ref.id]


def _replace_grants(session: Session, document_id: str, access: Access) -> None:
    session.execute(delete(GrantRow).where(GrantRow.document_id == document_id))
    session.add_all(_grants(document_id, access))


def _grants(document_id: str, access: Access) -> list[GrantRow]:
    allowed = [GrantRow(document_id=document_id, principal=name, allowed=True) for name in sorted(access.allow)]
    return allowed + [GrantRow(document_id=document_id, principal=name, allowed=False) for name in sorted(access.deny)]
