"""The catalog's tables; times are seconds since the epoch, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The declarative base of all tables."""


class SourceRow(Base):
    """A data source: its plugin's kind and configuration, its schedule, and who may read what comes from it."""

    __tablename__ = "sources"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(100))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    readers: Mapped[dict[str, Any]] = mapped_column(JSON)
    passwords: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    schedule: Mapped[str | None] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(60), server_default="UTC")
    state: Mapped[str] = mapped_column(String(20), default="active")
    cursor: Mapped[str | None] = mapped_column(Text)
    last_sync_at: Mapped[float | None] = mapped_column(Float)
    last_error: Mapped[str | None] = mapped_column(Text)
    failed_syncs: Mapped[int] = mapped_column(Integer, server_default="0")  # in a row
    retry_at: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[float] = mapped_column(Float)
    concurrency: Mapped[int | None] = mapped_column(Integer)  # documents at once
    per_minute: Mapped[float | None] = mapped_column(Float)  # documents
    next_fetch_at: Mapped[float] = mapped_column(Float, server_default="0")  # what `per_minute` allows
    asked: Mapped[str | None] = mapped_column(String(36))  # the id of the newest wish for a sync; None: done
    asked_full: Mapped[bool] = mapped_column(Boolean, server_default=false())


class DocumentRow(Base):
    """The current version of a document. What is not here is not served, whatever the index holds."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("source", "key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("sources.name", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(String(36), index=True)  # the id of the document it is a member of
    version: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str | None] = mapped_column(Text)
    pipeline: Mapped[str] = mapped_column(Text)
    access_from_source: Mapped[bool] = mapped_column(Boolean, default=False)
    title: Mapped[str] = mapped_column(Text)
    uri: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(200))
    pages: Mapped[int] = mapped_column(Integer)
    chunks: Mapped[int] = mapped_column(Integer)
    characters: Mapped[int] = mapped_column(BigInteger)
    tokens: Mapped[int] = mapped_column(BigInteger)
    authors: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    created: Mapped[str] = mapped_column(String(30), server_default="")
    modified: Mapped[str] = mapped_column(String(30), server_default="")
    language: Mapped[str] = mapped_column(String(10), server_default="")
    updated_at: Mapped[float] = mapped_column(Float)
    content: Mapped[str] = mapped_column(String(64), server_default="")  # digest of its bytes
    flagged: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # see `SuspicionRow`
    grants: Mapped[list[GrantRow]] = relationship(cascade="all, delete-orphan", lazy="selectin", passive_deletes=True)


class GrantRow(Base):
    """One principal that may (or may not) read a document."""

    __tablename__ = "grants"
    __table_args__ = (Index("grants_by_principal", "principal", "allowed", "document_id"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(300), primary_key=True)
    allowed: Mapped[bool] = mapped_column(Boolean, primary_key=True)


class SuspicionRow(Base):
    """What was met in a document that reads like orders to an assistant, or hides text."""

    __tablename__ = "suspicions"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))  # digest of the bytes that it was met in
    score: Mapped[float] = mapped_column(Float)
    signs: Mapped[dict[str, int]] = mapped_column(JSON)
    found_at: Mapped[float] = mapped_column(Float)
    reviewed_at: Mapped[float | None] = mapped_column(Float)
    reviewed_by: Mapped[str] = mapped_column(String(200), default="", server_default="")


class JobRow(Base):
    """Work on one key that is not finished, or that failed. A finished job's row is gone."""

    __tablename__ = "jobs"
    # a new job never takes a finished one's id: a late worker could mistake it for its own
    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("jobs_open", "run_id", "state"),
        Index("jobs_due", "state", "not_before"),
        Index("jobs_by_stage", "stage", "state", "priority", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(ForeignKey("sources.name", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    parent: Mapped[str | None] = mapped_column(String(36), index=True)
    action: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    run_id: Mapped[str] = mapped_column(String(36))
    mark: Mapped[str | None] = mapped_column(Text)
    pipeline: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lost: Mapped[int] = mapped_column(Integer, server_default="0")  # workers that ended or hung while they had it
    lease_owner: Mapped[str | None] = mapped_column(String(200))
    lease_until: Mapped[float] = mapped_column(Float, default=0.0)
    code: Mapped[str] = mapped_column(String(100), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    retryable: Mapped[bool] = mapped_column(Boolean, default=False)
    failures: Mapped[int] = mapped_column(Integer, server_default="0")  # in a row, of this content
    not_before: Mapped[float | None] = mapped_column(Float)  # when it is tried again; None: not by itself
    ignored: Mapped[bool] = mapped_column(Boolean, server_default=false())
    updated_at: Mapped[float] = mapped_column(Float)
    stage: Mapped[str] = mapped_column(String(10), server_default="parse")  # what is to be done next
    priority: Mapped[int] = mapped_column(Integer, server_default="0")
    origin: Mapped[str | None] = mapped_column(Text)  # the key that the document had before it was moved
    prepared: Mapped[str] = mapped_column(Text, server_default="")  # the blob that the stage before left


class RunRow(Base):
    """One sync of one source, with its counts by outcome."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "one_open_run_a_source",
            "source",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source: Mapped[str] = mapped_column(String(200), index=True)
    trigger: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[float] = mapped_column(Float, index=True)
    finished_at: Mapped[float | None] = mapped_column(Float)
    listed: Mapped[bool] = mapped_column(Boolean, default=False)
    seen: Mapped[int] = mapped_column(Integer, default=0)
    added: Mapped[int] = mapped_column(Integer, default=0)
    updated: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    deleted: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    chunks: Mapped[int] = mapped_column(Integer, default=0)
    finished: Mapped[int] = mapped_column(Integer, server_default="0")  # jobs
    bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")  # that were fetched
    phases: Mapped[dict[str, float]] = mapped_column(JSON, server_default="{}")  # seconds of work by phase
    cancelled: Mapped[bool] = mapped_column(Boolean, server_default=false())
    error: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(Integer, server_default="0")  # of its jobs; higher goes first
    moved: Mapped[int] = mapped_column(Integer, server_default="0")
    flagged: Mapped[int] = mapped_column(Integer, server_default="0")  # documents that read like orders
    lease_until: Mapped[float | None] = mapped_column(Float)  # of its listing


class FailureRow(Base):
    """A document that a run could not index, with the cause."""

    __tablename__ = "failures"
    __table_args__ = (Index("failures_by_run", "run_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(100))
    error: Mapped[str] = mapped_column(Text)
    retryable: Mapped[bool] = mapped_column(Boolean)


class UploadRow(Base):
    """A file that a person uploaded: a document of the source, for the person and those it was shared with."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("source", "key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey("sources.name", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(Text)
    user: Mapped[str] = mapped_column(String(300), index=True)
    media_type: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    readers: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[float] = mapped_column(Float)


class IndexRow(Base):
    """An index beside the first one: made by another embedder, sparse embedder or chunker, from the stored text."""

    __tablename__ = "indexes"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    embedder: Mapped[str] = mapped_column(String(300))
    chunk_tokens: Mapped[int] = mapped_column(Integer)
    sparse_embedder: Mapped[str] = mapped_column(String(300), server_default="")
    created_at: Mapped[float] = mapped_column(Float)
    swapped_at: Mapped[float | None] = mapped_column(Float)
    done: Mapped[int] = mapped_column(Integer, server_default="0")  # documents
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str] = mapped_column(Text, server_default="")


class FeedbackRow(Base):
    """What a person said of an answer: the question and the answer as they were, and a verdict."""

    __tablename__ = "feedback"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user: Mapped[str] = mapped_column(String(300), index=True)
    groups: Mapped[list[str]] = mapped_column(JSON)  # that the person read with
    reads_everything: Mapped[bool] = mapped_column(Boolean)  # as the operator, whatever the groups
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    cited: Mapped[list[Any]] = mapped_column(JSON)  # [source, key] of each document
    created_at: Mapped[float] = mapped_column(Float, index=True)
    turn: Mapped[str | None] = mapped_column(String(36), index=True)  # of a conversation; None: of none
    cause: Mapped[str] = mapped_column(String(20), default="", server_default="")  # one of a few words; may be empty
    rests_on: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")  # ids of documents


class QuestionRow(Base):
    """A question that is kept to measure answers with, and what its answer should be."""

    __tablename__ = "questions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    expected: Mapped[dict[str, Any]] = mapped_column(JSON)  # the case, as question files have it
    origin: Mapped[str] = mapped_column(String(20))
    feedback_id: Mapped[str | None] = mapped_column(String(36))  # it may be deleted since
    added_by: Mapped[str] = mapped_column(String(300))
    added_at: Mapped[float] = mapped_column(Float, index=True)


class ConversationRow(Base):
    """A person's conversation; what was said in it are its turns."""

    __tablename__ = "conversations"
    __table_args__ = (Index("conversations_of_person", "user", "updated_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user: Mapped[str] = mapped_column(String(300))
    title: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)  # the title as searches compare it: SQLite folds ASCII only
    titled_by: Mapped[str] = mapped_column(String(20))  # question, model, person
    shown: Mapped[str | None] = mapped_column(String(36))  # the last turn of the branch that is shown
    turns: Mapped[int] = mapped_column(Integer)  # that were ever begun
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
    deleted_at: Mapped[float | None] = mapped_column(Float, index=True)  # it can be restored for a while
    pinned_at: Mapped[float | None] = mapped_column(Float)  # None: it is not


class TurnRow(Base):
    """A question of a conversation and its answer. Turns with the same parent are versions of one another."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    parent: Mapped[str | None] = mapped_column(String(36))  # the turn before it; None: it is the first
    number: Mapped[int] = mapped_column(Integer)  # in the order in which they were begun, from 1
    origin: Mapped[str] = mapped_column(String(20))  # asked, regenerated, edited
    question: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    context: Mapped[dict[str, Any]] = mapped_column(JSON)  # what it was told of the turns before
    state: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)  # empty: not made
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)  # citations, model, usage and so on; empty: not finished
    error: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[float] = mapped_column(Float)
    finished_at: Mapped[float | None] = mapped_column(Float)
    lease_until: Mapped[float] = mapped_column(Float)  # until then its process is believed to be at work
    stop_asked: Mapped[bool] = mapped_column(Boolean)


class GenerationRow(Base):
    """How often something changed that others keep results of, by its name; see `catalog.generation`."""

    __tablename__ = "generations"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, server_default="0")


class TokenCountRow(Base):
    """How many tokens a document takes in a prompt, by one tokenizer; what it was counted of is told by `digest`.

    It refers to no row of documents: counting is slow, and the document may change or go meanwhile.
    """

    __tablename__ = "token_counts"

    tokenizer: Mapped[str] = mapped_column(String(300), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32))
    tokens: Mapped[int] = mapped_column(BigInteger)


class PluginRow(Base):
    """What an admin decided on a plugin, and what it was then; one that nobody decided on has no row."""

    __tablename__ = "plugins"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[str] = mapped_column(String(100))
    mark: Mapped[str] = mapped_column(String(200))  # another mark, another plugin: it has to be enabled anew
    described: Mapped[dict[str, Any]] = mapped_column(JSON)  # what its process said of it; empty: built in
    error: Mapped[str] = mapped_column(Text)  # what went wrong last
    changed_at: Mapped[float] = mapped_column(Float)


class PackRow(Base):
    """Who has a pack, and in which documents it finds structure; one that nobody has has no row."""

    __tablename__ = "packs"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    readers: Mapped[list[str]] = mapped_column(JSON)  # principals
    documents: Mapped[list[list[str]]] = mapped_column(JSON)  # pairs of source and glob
    changed_at: Mapped[float] = mapped_column(Float)


class ToolRow(Base):
    """A tool that an admin configured: its kind and configuration, who may use it, and what it was when last tried."""

    __tablename__ = "tools"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(100))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    groups: Mapped[list[str]] = mapped_column(JSON)
    enabled: Mapped[bool] = mapped_column(Boolean)
    described: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[float] = mapped_column(Float)
    mark: Mapped[str] = mapped_column(String(36))  # another one after each change
