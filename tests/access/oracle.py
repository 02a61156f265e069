"""Who may read what, by a model of a few lines that shares no code with the house: what the house shows is held to it.

Every text, title and key of the test's documents holds words such as `zq17q`, each of which is in one version of one
document only. Whoever is shown such a word has seen something of that version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

Identity = tuple[str, str]  # source and key
_WORD = re.compile(r"zq(\d+)q", re.IGNORECASE)


def word(number: int) -> str:
    """Return the word of that number."""
    return f"zq{number}q"


def numbers_in(text: str) -> set[int]:
    """Return the numbers of all such words in a text."""
    return {int(number) for number in _WORD.findall(text)}


@dataclass(frozen=True)
class Readers:
    """Principals that are allowed and denied."""

    allow: frozenset[str] = frozenset({"group:everyone"})
    deny: frozenset[str] = frozenset()


@dataclass
class Held:
    """A document as it is current: the numbers of its words, and who may read it."""

    numbers: frozenset[int]
    readers: Readers


@dataclass
class Person:
    """Somebody, as the model knows the person.

    Attributes:
        opened: documents that a break-glass act opens.
        is_out: no request of the person's is answered.
    """

    id: str
    role: str = "employee"
    groups: set[str] = field(default_factory=set)
    opened: set[Identity] = field(default_factory=set)
    is_out: bool = False
    token: str = ""
    talks: list[str] = field(default_factory=list)


@dataclass
class Oracle:
    """Documents, people, and groups in groups.

    Attributes:
        held: the current documents.
        ever: all numbers that a document had, in any version.
        nested: pairs of a group and a group that is in it.
    """

    held: dict[Identity, Held] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    nested: set[tuple[str, str]] = field(default_factory=set)
    ever: dict[Identity, set[int]] = field(default_factory=dict)

    def put(self, identity: Identity, numbers: Iterable[int], readers: Readers) -> None:
        """Say what a document is now."""
        self.held[identity] = Held(frozenset(numbers), readers)
        self.ever.setdefault(identity, set()).update(self.held[identity].numbers)

    def groups_of(self, person: Person) -> set[str]:
        """Return all groups of a person, by asking for each group again and again who is in it."""
        found = {"everyone", *person.groups}
        while more := {parent for parent, child in self.nested if child in found} - found:
            found |= more
        return found

    def may_read(self, person: Person, identity: Identity) -> bool:
        """Whether the person may read the document now."""
        held = self.held.get(identity)
        if held is None or person.is_out:
            return False
        if identity in person.opened:
            return True
        names = {f"user:{person.id}", *(f"group:{name}" for name in self.groups_of(person))}
        return bool(names & held.readers.allow) and not names & held.readers.deny

    def readable(self, person: Person) -> set[Identity]:
        """Return the documents that the person may read now."""
        return {identity for identity in self.held if self.may_read(person, identity)}

    def granted(self, person: Person) -> set[Identity]:
        """Return those that are no matter of breaking glass."""
        return {identity for identity in self.readable(person) - person.opened if self.may_read(person, identity)}

    def seen_now(self, person: Person) -> set[int]:
        """Return the words that the person may be shown of documents."""
        return set().union(*(self.held[identity].numbers for identity in self.readable(person)))

    def seen_kept(self, person: Person) -> set[int]:
        """Return the words that may be shown in what was kept: also those of older versions of readable documents."""
        return set().union(*(self.ever[identity] for identity in self.readable(person)))
