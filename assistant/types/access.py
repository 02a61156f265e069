"""Who asks, who may read what, and the one rule that decides it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Role = Literal["employee", "curator", "admin", "auditor", "operator"]
EVERYONE = "group:everyone"
# Denied where readers were taken away before a sync: nobody's id is empty, so that it keeps nobody out, but the sync
# finds other readers than it wants and lets the index follow.
UNFINISHED = "user:"
# Denied as well where the document itself is to go with the next sync: it is open to nobody, by no break-glass act. No
# id holds a comma.
WITHDRAWN = "user:,"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document: principals `group:NAME` and `user:ID`; a denied principal wins over an allowed one."""

    allow: frozenset[str] = frozenset({EVERYONE})
    deny: frozenset[str] = frozenset()

    @classmethod
    def of_names(cls, names: str | Iterable[str]) -> Access:
        """Return the readers that a list of names, or a text with commas between them, says; nobody where it is empty.

        A name is a group's, or `user:ID`; one behind a `-` is denied.
        """
        allow: set[str] = set()
        deny: set[str] = set()
        for name in names.split(",") if isinstance(names, str) else names:
            bare = name.strip()
            side, bare = (deny, bare[1:].strip()) if bare.startswith("-") else (allow, bare)
            if bare:
                side.add(bare if bare.startswith(("group:", "user:")) else f"group:{bare}")
        return cls(frozenset(allow), frozenset(deny))


def principals(names: Iterable[str]) -> frozenset[str]:
    """Return the principals for group names; `group:NAME` and `user:ID` stand for themselves."""
    return frozenset(principal(name) for name in names)


def principal(name: str) -> str:
    """Return the principal for a group's name; `group:NAME` and `user:ID` stand for themselves."""
    return name if name.startswith(("user:", "group:")) else f"group:{name}"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. Only `role == "operator"` (the person at the machine's own command line) reads without a grant.

    Attributes:
        id: as readers name the person, `user:ID`.
        groups: all of them, also those that the person is in because a group of the person's is.
        role: what the person may do beside reading.
        curates: the sources that a curator looks after.
        opened: ids of documents that are open to this person for a while by a break-glass act.
    """

    id: str
    groups: frozenset[str] = frozenset()
    role: Role = "employee"
    curates: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()

    @property
    def principals(self) -> frozenset[str]:
        """The names that a document's `Access` may allow or deny: `user:ID` and one `group:NAME` a group."""
        return frozenset({f"user:{self.id}", *(f"group:{name}" for name in self.groups)})

    @property
    def reads_everything(self) -> bool:
        """Whether the access filter is left out for this user."""
        return self.role == "operator"

    @property
    def manages(self) -> bool:
        """Whether this user manages sources, tools and people; it opens no document."""
        return self.role in {"admin", "operator"}

    def looks_after(self, source: str) -> bool:
        """Return whether this user manages the source, or curates it; it opens no document."""
        return self.manages or (self.role == "curator" and source in self.curates)


def is_withdrawn(access: Access) -> bool:
    """Return whether a document is about to be deleted: nobody has it any more, whatever was opened to whom."""
    return WITHDRAWN in access.deny


def may_read(user: User, access: Access, document: str) -> bool:
    """Decide whether a person may read a document: this is the house's one rule, and all others are written from it.

    Args:
        user: who asks.
        access: the document's readers as the catalog has them now.
        document: its id.
    """
    if user.reads_everything:
        return True
    if document in user.opened:
        return not is_withdrawn(access)
    principals = user.principals
    return not principals.isdisjoint(access.allow) and principals.isdisjoint(access.deny)


LOCAL_OPERATOR = User(id="operator", groups=frozenset({"everyone"}), role="operator")
