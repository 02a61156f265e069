"""The catalog's tables of people: accounts, groups, sign-ins, tokens; times are seconds since the epoch, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from assistant.catalog.models import Base


class PersonRow(Base):
    """Somebody who may sign in: with a password, at the company's identity provider, or by a token."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    folded: Mapped[str] = mapped_column(String(600), unique=True)  # no two people whose ids differ in case only
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320), server_default="")
    groups: Mapped[list[str]] = mapped_column(JSON)  # given here; without `everyone`, where everybody is
    provided_groups: Mapped[list[str]] = mapped_column(JSON, server_default="[]")  # that an identity provider says
    role: Mapped[str] = mapped_column(String(20))
    curates: Mapped[list[str]] = mapped_column(JSON, server_default="[]")  # sources, for the role curator
    disabled: Mapped[bool] = mapped_column(Boolean)
    origin: Mapped[str] = mapped_column(String(20), server_default="local")  # local, oidc or scim
    external_id: Mapped[str | None] = mapped_column(String(400), unique=True)  # as the identity provider knows it
    password: Mapped[str] = mapped_column(Text, server_default="")  # its Argon2 hash; empty: none is set
    must_change_password: Mapped[bool] = mapped_column(Boolean, server_default=false())
    failures: Mapped[int] = mapped_column(Integer, server_default="0")  # wrong passwords in a row
    locked_until: Mapped[float] = mapped_column(Float, server_default="0")
    created_at: Mapped[float] = mapped_column(Float)
    deleted_at: Mapped[float | None] = mapped_column(Float)  # by the provisioning; the row stays: readers name the id
    provisioned: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")  # what it said, by SCIM's names


class AccessTokenRow(Base):
    """A token that a program signs in with for a person; of the token itself only a digest is here."""

    __tablename__ = "access_tokens"
    __table_args__ = (Index("access_tokens_by_person", "person_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256: of 32 random bytes nobody guesses more
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[float] = mapped_column(Float)
    expires_at: Mapped[float] = mapped_column(Float)
    used_at: Mapped[float | None] = mapped_column(Float)  # to the minute
    revoked_at: Mapped[float | None] = mapped_column(Float)


class SessionRow(Base):
    """A person's sign-in in one browser; of what the browser holds only a digest is here."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_by_person", "person_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of 32 random bytes
    former: Mapped[str | None] = mapped_column(String(64), unique=True)  # the digest before the last rotation
    rotated_at: Mapped[float] = mapped_column(Float)
    way: Mapped[str] = mapped_column(String(20))  # password or oidc
    address: Mapped[str] = mapped_column(String(100))
    agent: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[float] = mapped_column(Float)
    used_at: Mapped[float] = mapped_column(Float)  # to the minute
    expires_at: Mapped[float] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float)


class GroupRow(Base):
    """A group that is more than a name: it has members that are groups, or comes from an identity provider."""

    __tablename__ = "groups"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    title: Mapped[str] = mapped_column(String(200), server_default="")
    origin: Mapped[str] = mapped_column(String(20), server_default="local")  # local, oidc or scim
    external_id: Mapped[str | None] = mapped_column(String(400), unique=True)
    created_at: Mapped[float] = mapped_column(Float)


class GroupMemberRow(Base):
    """Whoever is in the group `child` is in the group `parent` too."""

    __tablename__ = "group_members"
    __table_args__ = (Index("group_members_by_child", "child"),)

    parent: Mapped[str] = mapped_column(String(200), primary_key=True)
    child: Mapped[str] = mapped_column(String(200), primary_key=True)
    origin: Mapped[str] = mapped_column(String(20), server_default="local")  # local or scim: who put it there


class OpeningRow(Base):
    """A document that somebody opened for a while with no grant to read it: a break-glass act."""

    __tablename__ = "openings"
    __table_args__ = (Index("openings_by_person", "person_id", "expires_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    document_id: Mapped[str] = mapped_column(String(36))
    source: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float] = mapped_column(Float)
    expires_at: Mapped[float] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float)
