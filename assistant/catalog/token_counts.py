"""How many tokens documents take in a prompt, by tokenizer: counted once, however often they are planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text

from assistant.catalog.database import Database
from assistant.catalog.models import DocumentRow, TokenCountRow

_IN_LIMIT = 500  # bound variables in one statement

# both SQLite and Postgres know it; SQLAlchemy has a construct for each, and none for the two
_KEEP = text(
    "INSERT INTO token_counts (tokenizer, document_id, digest, tokens) VALUES (:tokenizer, :document, :digest, :tokens)"
    " ON CONFLICT (tokenizer, document_id) DO UPDATE SET digest = excluded.digest, tokens = excluded.tokens"
)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """A count, and the digest of what was counted: another digest, another text."""

    digest: str
    tokens: int


class TokenCounts:
    """Keeps one count a document and tokenizer, of the version that was counted last.

    It says nothing of what stands in a document, but who asks for a count has to know the document: so no user is asked
    for, and callers give only documents that the user may read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, tokenizer: str, document_ids: Sequence[str]) -> dict[str, TokenCount]:
        """Return the counts that are kept, by the document's id."""
        columns = select(TokenCountRow.document_id, TokenCountRow.digest, TokenCountRow.tokens)
        query = columns.where(TokenCountRow.tokenizer == tokenizer)
        found: dict[str, TokenCount] = {}
        with self._database.read() as session:
            for start in range(0, len(document_ids), _IN_LIMIT):
                part = list(document_ids[start : start + _IN_LIMIT])
                for document, digest, tokens in session.execute(query.where(TokenCountRow.document_id.in_(part))):
                    found[document] = TokenCount(digest, tokens)
        return found

    def keep(self, tokenizer: str, counts: Mapping[str, tuple[str, int]]) -> None:
        """Keep digest and tokens by the document's id, and forget those of documents that are gone."""
        if not counts:
            return
        rows = [
            {"tokenizer": tokenizer, "document": document, "digest": digest, "tokens": tokens}
            for document, (digest, tokens) in sorted(
                counts.items()
            )  # in one order: two that write at once cannot block each other
        ]
        with self._database.write() as session:
            session.execute(_KEEP, rows)
            session.execute(delete(TokenCountRow).where(TokenCountRow.document_id.not_in(select(DocumentRow.id))))
