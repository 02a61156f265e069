"""Decisions on who may read what, as JSON."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from assistant.access.explaining import Explanation, Grant
from assistant.access.seeing import Preview, Sight
from assistant.catalog import OpeningRecord
from assistant.wire.documents import AccessJson


class GrantJson(BaseModel):
    """A principal that the document allows or denies, and how the person comes to it."""

    principal: str = Field(description="`user:ID` or `group:NAME`, as the document has it.")
    way: str = Field(
        description="How the person is in the first group: `given` here, `provided` by the identity provider, "
        "`everyone` is, `named`: it is the group that was asked about; empty: it is the person."
    )
    path: list[str] = Field(description="From the group that the person is directly in to the one named; may be empty.")

    @classmethod
    def of(cls, grant: Grant) -> Self:
        """Return the grant as JSON."""
        path = grant.path
        return cls(
            principal=grant.principal,
            way="" if path is None else path.way,
            path=[] if path is None else list(path.groups),
        )


class WhyJson(BaseModel):
    """Why a person, or a member of a group, may read a document, or may not."""

    subject: str = Field(description="`user:ID` or `group:NAME`.")
    source: str
    key: str
    title: str
    may: bool = Field(description="Whether the document is read by this one now.")
    verdict: str = Field(
        description="`allowed`; `denied`: a denial wins over what allows; `not_granted`: nothing allows; `opened` by a "
        "break-glass act; `everything`: the operator; `disabled`: nobody signs in as this person."
    )
    allowed: list[GrantJson]
    denied: list[GrantJson]
    access: AccessJson = Field(description="All readers of the document, as in force now.")
    origin: str = Field(description="Who says so: `source`, a `rule` with a glob, or the rule's `default`.")
    glob: str | None = Field(description="The glob of the rule that matches.")
    parent: str | None = Field(description="The key of the document that it is in, and whose readers it has.")
    coming: AccessJson | None = Field(description="The readers from the next sync on, where the rule was changed.")

    @classmethod
    def of(cls, why: Explanation) -> Self:
        """Return the explanation as JSON."""
        readers, decision = why.readers, why.decision
        return cls(
            subject=why.subject,
            source=why.source,
            key=why.key,
            title=why.title,
            may=decision.may,
            verdict=decision.verdict,
            allowed=[GrantJson.of(one) for one in decision.allowed],
            denied=[GrantJson.of(one) for one in decision.denied],
            access=AccessJson.of(readers.access),
            origin=readers.origin,
            glob=readers.glob,
            parent=readers.parent,
            coming=None if readers.coming is None else AccessJson.of(readers.coming),
        )


class FolderJson(BaseModel):
    """How many documents are read in a folder, with all below it."""

    source: str
    folder: str = Field(description="Its path; empty for documents at the top.")
    documents: int


class NamedDocumentJson(BaseModel):
    """A document's names, and nothing that is in it."""

    source: str
    key: str
    title: str


class SeesJson(BaseModel):
    """What a person or a member of a group may read, of the sources that the asker looks after."""

    subject: str
    disabled: bool = Field(description="Nobody signs in as this person: the numbers are what the grants would say.")
    documents: int
    folders: list[FolderJson]
    listed: list[NamedDocumentJson]
    private: int = Field(description="Documents of people's uploads that come to that; they are not listed.")

    @classmethod
    def of(cls, sight: Sight) -> Self:
        """Return it as JSON."""
        return cls(
            subject=sight.subject,
            disabled=sight.disabled,
            documents=sight.documents,
            folders=[FolderJson(**asdict(one)) for one in sight.folders],
            listed=[NamedDocumentJson(source=source, key=key, title=title) for source, key, title in sight.listed],
            private=sight.private,
        )


class EffectJson(BaseModel):
    """What a rule would change for a person or a group."""

    subject: str
    before: int
    after: int
    gained: int
    lost: int
    gains: list[str] = Field(description="Keys of the first few.")
    losses: list[str] = Field(description="Keys of the first few.")


class PreviewJson(BaseModel):
    """What a rule of readers would change, once its source is synced."""

    source: str
    documents: int
    changed: int = Field(description="Documents that would have other readers.")
    of_source: int = Field(description="Documents with readers of the source's own, which the rule does not change.")
    effects: list[EffectJson] = Field(description="By group and person, of those for whom something changes.")

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Return it as JSON."""
        return cls.model_validate(asdict(preview))


class OpeningJson(BaseModel):
    """A document that somebody opened by a break-glass act, with its members; times are seconds since the epoch."""

    id: str
    person: str
    source: str
    key: str
    reason: str
    created_at: float
    expires_at: float
    ended_at: float | None = Field(description="When it was ended before its time.")
    open: bool

    @classmethod
    def of(cls, opening: OpeningRecord) -> Self:
        """Return it as JSON."""
        return cls(
            id=opening.id,
            person=opening.person,
            source=opening.source,
            key=opening.key,
            reason=opening.reason,
            created_at=opening.created_at,
            expires_at=opening.expires_at,
            ended_at=opening.ended_at,
            open=opening.is_open(time.time()),
        )


class OpeningsJson(BaseModel):
    """A stretch of what was opened, the newest first."""

    openings: list[OpeningJson]
    total: int

    @classmethod
    def of(cls, openings: Sequence[OpeningRecord], total: int) -> Self:
        """Return them as JSON."""
        return cls(openings=[OpeningJson.of(one) for one in openings], total=total)
