"""The audit log as the UI has it: entries, what they are filtered by, and the check of the chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ui.models import Json


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that somebody did.

    Attributes:
        number: its place in the chain.
        at: seconds since the epoch.
        who: a person's id or one of the house's own words; empty where `erased` or `unreadable`.
        action, outcome: what, and how it ended.
        place: the address or the account that it came from.
        channel: `api`, `mcp`, `cli` or `worker`.
        subject: to whom it was done; may be empty.
        documents: how many documents it showed.
        told: what else is known, by name.
        erased, subject_erased: whether the person was erased.
        unreadable: why it cannot be read; empty: it can.
    """

    number: int
    at: float
    who: str
    action: str
    outcome: str
    place: str
    channel: str
    subject: str
    documents: int
    told: tuple[tuple[str, str], ...]
    erased: bool
    subject_erased: bool
    unreadable: str

    @classmethod
    def read(cls, data: Json) -> Entry:
        """Return the entry that the API's JSON describes."""
        details: dict[str, Any] = {**data["details"], **data["about"]}
        told = {name: one for name, one in details.items() if name not in {"route", "status", "person"}}
        return cls(
            number=int(data["number"]),
            at=float(data["at"]),
            who=str(data["who"]),
            action=str(data["action"]),
            outcome=str(data["outcome"]),
            place=str(data["address"] or data["login"]),
            channel=str(data["channel"]),
            subject=str(data["subject"]),
            documents=len(data["documents"]),
            told=tuple((name, str(one)) for name, one in told.items()),
            erased=bool(data["erased"]),
            subject_erased=bool(data["subject_erased"]),
            unreadable=str(data["unreadable"]),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found: `broken` is the first entry that does not hold, and `why`."""

    good: bool
    broken: int | None
    why: str
    entries: int
    first: int
    head: str
    seal: str
    seal_breaks: tuple[int, ...]

    @classmethod
    def read(cls, data: Json) -> Verdict:
        """Return the verdict that the API's JSON describes."""
        return cls(
            good=bool(data["good"]),
            broken=None if data["broken"] is None else int(data["broken"]),
            why=str(data["why"]),
            entries=int(data["entries"]),
            first=int(data["anchor"]["number"]) + 1,
            head=f"{data['head']['number']}:{data['head']['digest']}",
            seal=str(data["seal"]),
            seal_breaks=tuple(map(int, data["seal_breaks"])),
        )
