"""What there is to choose from where a question is narrowed: sources, folders, types and the newest documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from assistant.catalog.database import Database
from assistant.catalog.models import DocumentRow
from assistant.catalog.readable import info_of, readable_by
from assistant.types import DocumentInfo, User

_LEVELS = 2  # of folders that are offered; those below can be written by hand


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the documents that a person may read have something in common, and their tokens together.

    `name` is a source, a media type, or a folder; `source` is the folder's, empty for the others.
    """

    name: str
    documents: int
    tokens: int = 0
    source: str = ""


class Scopes:
    """Counts what a person may read, by what it can be narrowed to. Everything takes that `user`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sources(self, user: User) -> list[Share]:
        """Return the sources of which the user may read something, by name."""
        return self._by(DocumentRow.source, user)

    def types(self, user: User) -> list[Share]:
        """Return the media types of what the user may read, the most frequent first."""
        return sorted(self._by(DocumentRow.media_type, user), key=lambda share: (-share.documents, share.name))

    def folders(self, user: User, most: int) -> list[Share]:
        """Return the folders of the two highest levels with something that the user may read, the fullest first.

        Archives and mails count as folders. Of more than `most` only the fullest are returned.
        """
        found: dict[tuple[str, str], int] = {}
        with self._database.read() as session:
            for level in range(1, _LEVELS + 1):
                folder = _folder(DocumentRow.key, level, session)
                placed = select(DocumentRow.source, folder.label("folder")).where(*readable_by(user)).subquery()
                place, documents = (placed.c.source, placed.c.folder), func.count().label("documents")
                query = select(*place, documents).where(placed.c.folder != "").group_by(*place)
                for row in session.execute(query.order_by(documents.desc(), *place).limit(most)):
                    at = row.source, str(row.folder).removesuffix("!")
                    found[at] = found.get(at, 0) + row.documents
        shares = [Share(folder, documents, source=source) for (source, folder), documents in found.items()]
        return sorted(shares, key=lambda share: (-share.documents, share.source, share.name))[:most]

    def newest(self, user: User, of_each: int, most: int, sources: Sequence[str] | None = None) -> list[DocumentInfo]:
        """Return the documents of each source that changed last, of all sources in turn.

        Args:
            user: who reads.
            of_each: how many of a source.
            most: how many in all.
            sources: of these alone; None: of all.
        """
        rank = func.row_number().over(
            partition_by=DocumentRow.source,
            order_by=(DocumentRow.modified.desc(), DocumentRow.updated_at.desc(), DocumentRow.key),
        )
        ranked = (
            select(DocumentRow, rank.label("rank"))
            .where(*readable_by(user, sources), DocumentRow.parent.is_(None), DocumentRow.flagged.is_(False))
            .subquery()
        )
        row = aliased(DocumentRow, ranked)
        query = select(row).where(ranked.c.rank <= of_each).order_by(ranked.c.rank, ranked.c.source).limit(most)
        with self._database.read() as session:
            return [info_of(each) for each in session.scalars(query)]

    def _by(self, column: InstrumentedAttribute[str], user: User) -> list[Share]:
        tokens = func.coalesce(func.sum(DocumentRow.tokens), 0)
        query = select(column.label("name"), func.count().label("documents"), tokens.label("tokens"))
        query = query.where(*readable_by(user)).group_by(column).order_by(column)
        with self._database.read() as session:
            return [Share(row.name, row.documents, int(row.tokens)) for row in session.execute(query)]


def _folder(key: InstrumentedAttribute[str], level: int, session: Session) -> ColumnElement[str]:
    """Return the first `level` parts of a key, in SQL; empty where it does not lie so deep."""
    find = func.strpos if session.get_bind().dialect.name == "postgresql" else func.instr
    end: ColumnElement[int] = literal(0, Integer)
    conditions: list[ColumnElement[bool]] = []
    for _ in range(level):
        slash = find(func.substr(key, end + 1), "/", type_=Integer)
        conditions.append(slash == 0)
        end = end + slash
    return case((or_(*conditions), literal("")), else_=func.substr(key, 1, end - 1))
