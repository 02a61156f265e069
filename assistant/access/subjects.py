"""Whom rights are looked at for: a person, or somebody who is in one group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.access.groups import Way, first_of
from assistant.catalog import Catalog, PersonRecord
from assistant.catalog.people import EVERYBODY
from assistant.catalog.uploads import UPLOADS
from assistant.errors import NotFoundError
from assistant.types import User


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, or somebody who is in one group and in no other, but `everyone`.

    Attributes:
        principal: `user:ID` or `group:NAME`.
        user: as whom to read.
        first: the groups that the subject is directly in, and how.
        disabled: whether nothing signs the person in.
    """

    principal: str
    user: User
    first: Mapping[str, Way]
    disabled: bool = False


def find_subject(catalog: Catalog, name: str) -> Subject:
    """Return the subject of that name: `group:NAME`, `user:ID`, or a person's id.

    Raises:
        NotFoundError: there is no such person.
    """
    if name.startswith("group:"):
        return group_subject(catalog, name.removeprefix("group:"))
    return person_subject(catalog.people.get(name.removeprefix("user:")))


def person_subject(person: PersonRecord) -> Subject:
    """Return the person as a subject."""
    return Subject(f"user:{person.id}", person.user, first_of(person), person.disabled)


def group_subject(catalog: Catalog, group: str) -> Subject:
    """Return somebody who is in the group. Raises NotFoundError where the name is empty."""
    if not group:
        raise NotFoundError("there is no group without a name", "see `assistant groups list`")
    first: dict[str, Way] = {group: "named"}
    first.setdefault(EVERYBODY, "everyone")
    return Subject(f"group:{group}", User("", catalog.groups.closed(first)), first)


def looks_after(catalog: Catalog, source: str, by: User) -> bool:
    """Return whether somebody may be told of a source's documents and their readers, and of nothing in them.

    What people upload is theirs: admins are not told of single files of it.
    """
    if by.reads_everything:
        return True
    record = catalog.sources.find(source)
    return record is not None and record.kind != UPLOADS and by.looks_after(source)


def must_be_told(catalog: Catalog, source: str, by: User) -> None:
    """Raise NotFoundError unless somebody may be told of a source's documents, as `looks_after` says."""
    if not looks_after(catalog, source, by):
        raise NotFoundError(f"there is no source {source!r} that you look after", "ask an admin")
