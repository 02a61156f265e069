"""The chain of the audit log: what an entry's digest is made of, and how a chain is checked. Pure, and small.

An entry's digest is the SHA-256 of this JSON, in ASCII and without blanks: the list of the word `assistant audit 1`,
then number, at, actor, subject, action, outcome, documents, personal, details, about and previous, where `previous` is
the digest of the entry before. No text in it needs an escape: any JSON writer gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "assistant audit 1"
GENESIS = "0" * 64  # what the first entry follows
_TEXTS = ("actor", "subject", "action", "outcome", "personal", "details", "about", "previous", "digest")
_PLAIN = re.compile(r"[ !#-\[\]-~]*")  # printable ASCII without quote and backslash


@dataclass(frozen=True, slots=True)
class Head:
    """An end of the chain: the number of an entry (0: none) and its digest."""

    number: int = 0
    digest: str = GENESIS

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is stored and exported; see `AuditRow`."""

    number: int
    at: int
    actor: str
    subject: str
    action: str
    outcome: str
    documents: tuple[str, ...]
    personal: str
    details: str
    about: str
    previous: str
    digest: str = ""

    def row(self) -> dict[str, Any]:
        """Return it as a row, or a line of an export."""
        return {
            "number": self.number,
            "at": self.at,
            "actor": self.actor,
            "subject": self.subject,
            "action": self.action,
            "outcome": self.outcome,
            "documents": list(self.documents),
            "personal": self.personal,
            "details": self.details,
            "about": self.about,
            "previous": self.previous,
            "digest": self.digest,
        }


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain does not hold first: the number, and why."""

    number: int
    why: str


def canonical(link: Link) -> bytes:
    """Return the bytes that an entry's digest is made of.

    Raises:
        ValueError: a text has a character that is not printable ASCII, or a quote or backslash.
    """
    texts = (link.actor, link.subject, link.action, link.outcome, link.personal, link.details, link.about)
    for text in (*texts, link.previous, *link.documents):
        if not _PLAIN.fullmatch(text):
            raise ValueError(f"entry {link.number} holds a text that the chain cannot take: {text[:60]!r}")
    first = [FORMAT, link.number, link.at, link.actor, link.subject, link.action, link.outcome]
    parts = [*first, list(link.documents), link.personal, link.details, link.about, link.previous]
    return json.dumps(parts, separators=(",", ":")).encode("ascii")


def digest_of(link: Link) -> str:
    """Return the digest of an entry. Raises ValueError as `canonical`."""
    return hashlib.sha256(canonical(link)).hexdigest()


def link_of(row: Mapping[str, Any]) -> Link:
    """Return the entry of a row or a line. Raises ValueError where a field is missing or of another type."""
    number, at, documents = row.get("number"), row.get("at"), row.get("documents")
    if not _is_int(number) or not _is_int(at):
        raise ValueError("`number` and `at` have to be whole numbers")
    if not isinstance(documents, list) or not all(isinstance(one, str) for one in documents):
        raise ValueError("`documents` has to be a list of texts")
    texts = {name: row.get(name) for name in _TEXTS}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"`{name}` has to be a text")  # noqa: TRY004 (as for all that is wrong with a line)
    return Link(number=number, at=at, documents=tuple(documents), **texts)  # type: ignore[arg-type]


class Check:
    """Follows a chain from its start, and keeps where it does not hold first.

    Args:
        start: the end that the first entry has to follow.
        known: a head that was kept elsewhere, which has to be an entry of the chain.
    """

    def __init__(self, start: Head, known: Head | None = None) -> None:
        self.start, self.last = start, start
        self.broken: Broken | None = None
        self.entries = 0
        self._known = known
        self._meet()

    def take(self, link: Link) -> bool:
        """Take the next entry; return whether the chain holds so far."""
        if self.broken is None:
            self.broken = self._fault(link)
        if self.broken is None:
            self.last = Head(link.number, link.digest)
            self.entries += 1
            self._meet()
        return self.broken is None

    def take_all(self, links: Iterable[Link]) -> None:
        """Take entries up to the first fault."""
        for link in links:
            if not self.take(link):
                return

    def end(self, head: Head | None) -> Broken | None:
        """Say that there are no more; `head` is the end as it is recorded, None where nothing records it."""
        if self.broken is None and head is not None and head != self.last:
            missing = self.last.number + 1
            if head.number > self.last.number:
                self.broken = Broken(missing, f"the entries {missing} to {head.number} are missing at the end")
            else:
                self.broken = Broken(self.last.number, "it is another than the recorded head")
        if self.broken is None and self._known is not None and self._known.number > self.last.number:
            missing = self.last.number + 1
            self.broken = Broken(missing, f"the entries {missing} to {self._known.number} are missing at the end")
        return self.broken

    def _meet(self) -> None:
        """Compare what was reached with the head that was kept elsewhere."""
        known = self._known
        if self.broken is None and known is not None and known.number == self.last.number and known != self.last:
            self.broken = Broken(known.number, "it is another than the head that was kept elsewhere")

    def _fault(self, link: Link) -> Broken | None:
        expected = self.last.number + 1
        if link.number != expected:
            return Broken(expected, f"entry {link.number} stands in its place: it is missing, or the order is another")
        try:
            digest = digest_of(link)
        except ValueError as error:
            return Broken(expected, str(error))
        if digest != link.digest:
            return Broken(expected, "it was changed: its digest is another")
        if link.previous != self.last.digest:
            return Broken(expected, "it does not follow the entry before it: one of the two was put in later")
        return None


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
