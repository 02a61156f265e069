"""The audit log as JSON, and what it is filtered by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from assistant.catalog import OUTCOMES, AuditFilter, AuditPage, AuditRecord, Head, Verified
from assistant.errors import ConfigurationError
from assistant.types import document_id


class AuditEntryJson(BaseModel):
    """Something that somebody did."""

    number: int = Field(description="Its place in the chain, from 1.")
    at: float = Field(description="Seconds since the epoch.")
    action: str
    outcome: str = Field(description="`begun` (before a change), `done`, `refused` or `failed`.")
    who: str = Field(description="A person's id, `operator`, `system` or `nobody`; empty where it cannot be known.")
    actor: str = Field(description="The pseudonym of who did it, which stays when the person is erased.")
    subject: str = Field(description="The person to whom it was done; empty: nobody.")
    channel: str = Field(description="`api`, `mcp`, `cli` or `worker`.")
    address: str
    agent: str = Field(description="The program that the client says it is.")
    login: str = Field(description="The account at the machine's command line.")
    request: str = Field(description="The request's id, as the server's log has it.")
    documents: list[str] = Field(description="Ids of the documents that it showed, or tried to.")
    details: dict[str, Any]
    about: dict[str, Any] = Field(description="On the subject.")
    erased: bool = Field(description="Whether the person who did it was erased.")
    subject_erased: bool
    unreadable: str = Field(description="Why it cannot be read though nobody was erased; empty: it can.")

    @classmethod
    def of(cls, entry: AuditRecord) -> Self:
        """Return an entry as JSON."""
        origin = entry.origin
        return cls(
            number=entry.number,
            at=entry.at,
            action=entry.action,
            outcome=entry.outcome,
            who=entry.who,
            actor=entry.actor,
            subject=entry.subject,
            channel=origin.channel,
            address=origin.address,
            agent=origin.agent,
            login=origin.login,
            request=origin.request,
            documents=list(entry.documents),
            details=dict(entry.details),
            about=dict(entry.about),
            erased=entry.erased,
            subject_erased=entry.subject_erased,
            unreadable=entry.unreadable,
        )


class AuditJson(BaseModel):
    """Entries, the newest first."""

    entries: list[AuditEntryJson]
    next: int | None = Field(description="What to give as `before` for more; null at the end.")

    @classmethod
    def of(cls, page: AuditPage) -> Self:
        """Return a page as JSON."""
        return cls(entries=[AuditEntryJson.of(entry) for entry in page.entries], next=page.next)


class HeadJson(BaseModel):
    """An end of the chain."""

    number: int
    digest: str

    @classmethod
    def of(cls, head: Head) -> Self:
        """Return it as JSON."""
        return cls(number=head.number, digest=head.digest)


class VerifiedJson(BaseModel):
    """What a check of the chain found."""

    good: bool
    broken: int | None = Field(description="The number of the first entry that does not hold; null: all hold.")
    why: str
    entries: int = Field(description="How many were checked up to there.")
    anchor: HeadJson = Field(description="The last entry that retention removed.")
    head: HeadJson = Field(description="The last entry that was checked: keep it elsewhere.")
    seal: str = Field(description="`good`; `none` in a file and before the first entry; else why it does not hold.")
    seal_breaks: list[int] = Field(description="Entries which record that the seal before them did not hold.")

    @classmethod
    def of(cls, found: Verified) -> Self:
        """Return it as JSON."""
        return cls(
            good=found.good,
            broken=found.broken.number if found.broken else None,
            why=found.broken.why if found.broken else "",
            entries=found.entries,
            anchor=HeadJson.of(found.anchor),
            head=HeadJson.of(found.head),
            seal=found.seal,
            seal_breaks=list(found.seal_breaks),
        )


def audit_filter(given: Mapping[str, str | None]) -> AuditFilter:
    """Return the filter of options or parameters: who, action, outcome, document, source, key, since, until, text.

    Raises:
        ConfigurationError: an outcome, a date, or a document is none.
    """
    said = {name: (value or "").strip() for name, value in given.items()}
    outcome = said.get("outcome", "")
    if outcome and outcome not in OUTCOMES:
        raise ConfigurationError(f"there is no outcome {outcome!r}", f"choose one of: {', '.join(OUTCOMES)}")
    document, source, key = said.get("document", ""), said.get("source", ""), said.get("key", "")
    if bool(source) != bool(key):
        raise ConfigurationError("`source` and `key` belong together", "give both or neither")
    return AuditFilter(
        who=said.get("who", ""),
        action=said.get("action", ""),
        outcome=outcome,
        document=document_id(source, key) if source else document,
        since=_moment(said.get("since", "")),
        until=_moment(said.get("until", "")),
        text=said.get("text", ""),
    )


def head_of(text: str) -> Head | None:
    """Return the head that `NUMBER:DIGEST` names; None for nothing. Raises ConfigurationError."""
    if not text:
        return None
    number, _, digest = text.strip().partition(":")
    if not number.isascii() or not number.isdigit() or len(digest) != 64:
        raise ConfigurationError(f"{text[:100]!r} is no head", "give what `assistant audit head` printed")
    return Head(int(number), digest.lower())


def _moment(text: str) -> float | None:
    """Return a day or a moment as seconds since the epoch; without a zone it is of UTC."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text[:100]!r} is no date", "write 2026-01-31 or 2026-01-31T08:00:00Z") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
