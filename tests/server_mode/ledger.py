"""What must hold: which documents are there in which version, and who may have seen which at any moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

EVERYBODY = frozenset({"everyone"})
BOARD = frozenset({"board"})  # nobody is in it


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may read what.

    Attributes:
        readers: the groups that read a folder's documents.
        groups: of each person.
    """

    readers: Mapping[str, frozenset[str]]
    groups: Mapping[str, frozenset[str]]

    def may(self, person: str, key: str) -> bool:
        """Whether the person may read the document."""
        return bool((self.groups[person] | EVERYBODY) & self.readers[key.partition("/")[0]])

    def rule(self) -> dict[str, Any]:
        """Return the readers as a source takes them; what is in no folder is read by nobody."""
        rules = [{"glob": f"{name}/**", "readers": sorted(groups)} for name, groups in self.readers.items()]
        return {"default": sorted(BOARD), "rules": rules}

    def with_readers(self, folder: str, groups: frozenset[str]) -> Policy:
        """Return the policy with other readers of a folder."""
        return replace(self, readers={**self.readers, folder: groups})

    def with_groups(self, person: str, groups: frozenset[str]) -> Policy:
        """Return the policy with other groups of a person."""
        return replace(self, groups={**self.groups, person: groups})


class Rights:
    """What may be in force, over time: a change that was asked for and not yet confirmed may be, or may not.

    Args:
        policy: in force from the beginning.
    """

    def __init__(self, policy: Policy) -> None:
        self._mutex = threading.Lock()
        self._log: list[tuple[float, tuple[Policy, ...]]] = [(0.0, (policy,))]

    @property
    def current(self) -> Policy:
        """The one that was confirmed last, or asked for if none is confirmed since."""
        with self._mutex:
            return self._log[-1][1][-1]

    def ask(self, wanted: Policy) -> None:
        """Note that it is going to be asked for; until it is confirmed, either may hold."""
        with self._mutex:
            before = self._log[-1][1]
            self._log.append((time.monotonic(), (before[0], wanted)))

    def confirm(self) -> None:
        """Note that what was asked for last was confirmed."""
        with self._mutex:
            self._log.append((time.monotonic(), self._log[-1][1][-1:]))

    def may_have(self, person: str, key: str, begin: float, end: float) -> bool:
        """Whether the person may have been shown the document by a request of that time."""
        with self._mutex:
            first = max(at for at, (since, _) in enumerate(self._log) if since <= begin)
            possible = [policies for since, policies in self._log[first:] if since <= end]
        return any(policy.may(person, key) for policies in possible for policy in policies)


@dataclass(slots=True)
class Paper:
    """A document of the source.

    Attributes:
        key: its path there.
        marker: a word that stands in no other.
        version: is in its text, and grows with each edit.
        seen: the newest version that a reader was shown.
        deleted: whether its file is gone.
        changed: when its file was written or removed last.
        kept: whether it is neither edited nor deleted.
    """

    key: str
    marker: str
    version: int = 1
    seen: int = 0
    deleted: bool = False
    changed: float = 0.0
    kept: bool = False

    @property
    def name(self) -> str:
        """What questions call it."""
        return f"N{self.key.partition('/doc')[2].removesuffix('.md')}"

    def text(self) -> str:
        """Return what its file holds."""
        body = "\n\n".join(
            f"Part {part} of project {self.name} is about matter {part * 7} in its version {self.version}, which the"
            f" team of project {self.name} wrote down for those who come after it."
            for part in range(1, 5)
        )
        return (
            f"# Project {self.name}\n\nThe code word of project {self.name} is {self.marker}. "
            f"This is version {self.version}.\n\n{body}\n"
        )
