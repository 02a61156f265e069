"""Who may read at a vendor's, and whom that means here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from assistant.types import Access
from plugins.vendors.config import VendorConfig


class Person(NamedTuple):
    """Somebody at the vendor's: `name` is what they are called there for good, `mail` may be hidden."""

    name: str
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may read something there: these people, the members of these groups, or anybody."""

    people: frozenset[Person] = frozenset()
    groups: frozenset[str] = frozenset()
    public: bool = False

    def __or__(self, other: Rights) -> Rights:
        """Return who may read at least one of two things."""
        return Rights(self.people | other.people, self.groups | other.groups, self.public or other.public)


NOBODY = Rights()


def common(one: Rights, other: Rights, members: Callable[[str], frozenset[Person]]) -> Rights:
    """Return who has both rights; groups are opened where it takes their members to tell.

    Args:
        one: a right.
        other: another one.
        members: returns who is in a group.
    """
    if one.public and other.public:
        return one | other
    if one.public or other.public:
        return other if one.public else one
    groups = one.groups & other.groups
    if one.groups == other.groups and not one.people and not other.people:
        return Rights(groups=groups)
    mine, theirs = ({person.name: person for person in _everybody(rights, members)} for rights in (one, other))
    both = {mine[name] if mine[name].mail else theirs[name] for name in mine.keys() & theirs.keys()}
    return Rights(frozenset(both), groups)


def _everybody(rights: Rights, members: Callable[[str], frozenset[Person]]) -> frozenset[Person]:
    return rights.people.union(*map(members, rights.groups))


class Readers:
    """Turns rights there into rights here, as an admin's configuration says."""

    def __init__(self, config: VendorConfig) -> None:
        self._config = config
        self.are_asked_for = config.are_asked_for
        self.know_groups = bool(config.groups or config.other_groups)
        self.need_mail = "{mail}" in config.other_users or any("@" in name for name in config.users)

    def access(self, rights: Rights) -> Access | None:
        """Return who may read here: nobody that the configuration names not; None where the source's rule decides."""
        if not self.are_asked_for:
            return None
        config = self._config
        found = {config.person(person.name, person.mail) for person in rights.people}
        found |= {config.group(name) for name in rights.groups}
        if rights.public:
            found.add(config.public)
        return Access(frozenset(found - {""}))


def digest(access: Access | None) -> str:
    """Return a short text that changes when the readers do."""
    if access is None:
        return "rule"
    told = "\n".join((*sorted(access.allow), "-", *sorted(access.deny)))
    return hashlib.sha256(told.encode()).hexdigest()[:16]
