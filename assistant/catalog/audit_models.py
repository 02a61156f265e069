"""The tables of the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.catalog.models import Base


class AuditRow(Base):
    """One entry of the audit log. Triggers refuse every change of one, and its removal but by retention."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_actor", "actor", "number"), Index("audit_by_subject", "subject", "number"))

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # without a gap
    at: Mapped[int] = mapped_column(BigInteger, index=True)  # microseconds since the epoch
    actor: Mapped[str] = mapped_column(String(32))  # a pseudonym of `person_keys`
    subject: Mapped[str] = mapped_column(String(32))  # another's, to whom it was done; empty: nobody's
    action: Mapped[str] = mapped_column(String(60), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    documents: Mapped[list[str]] = mapped_column(JSON)  # ids
    personal: Mapped[str] = mapped_column(Text)  # under the actor's key
    details: Mapped[str] = mapped_column(Text)  # under the actor's key
    about: Mapped[str] = mapped_column(Text)  # under the subject's key
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditDocumentRow(Base):
    """Which entries tell of a document: what stands in `audit.documents`, to be found quickly."""

    __tablename__ = "audit_documents"
    __table_args__ = ({"sqlite_with_rowid": False},)

    document_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class AuditChainRow(Base):
    """The ends of the chain, in one row: writers wait for each other at it."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    anchor: Mapped[int] = mapped_column(BigInteger)  # the last entry that retention removed; 0: none
    anchor_digest: Mapped[str] = mapped_column(String(64))
    head: Mapped[int] = mapped_column(BigInteger)  # the newest entry
    head_digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))  # a MAC over both ends
    seal_key: Mapped[str] = mapped_column(String(8))  # the name of the key that it was made with


class PersonKeyRow(Base):
    """What a person's entries are encrypted with. To erase the person in the log, `person` and `key` become null."""

    __tablename__ = "person_keys"

    pseudonym: Mapped[str] = mapped_column(String(32), primary_key=True)
    person: Mapped[str | None] = mapped_column(String(200), index=True)  # several rows where a key was lost
    key: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # encrypted by the keyring
    created_at: Mapped[float] = mapped_column(Float)
    erased_at: Mapped[float | None] = mapped_column(Float)
