"""What is told to the audit log, and what it tells."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from assistant.catalog.audit_chain import Broken, Head

Outcome = Literal["begun", "done", "refused", "failed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
SYSTEM, NOBODY = "system", "nobody"  # who acts by a schedule; who could not be signed in


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was asked from.

    Attributes:
        channel: `api`, `mcp`, `cli` or `worker`.
        address: the client's, where there is a network between.
        agent: the program that the client says it is.
        request: the request's id, as the server's log has it.
        login: the account of the machine, at its command line.
    """

    channel: str = ""
    address: str = ""
    agent: str = ""
    request: str = ""
    login: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did, to be recorded.

    Attributes:
        action: what was done, in plain words, such as `document opened`.
        who: a person's id, or `system`, `nobody`, `operator`.
        outcome: `begun` is recorded before a change, one of the others after it.
        origin: from where.
        subject: the id of another person to whom it was done; empty: nobody. Where there is no such person, or one
            that was erased, only the id is kept, among the details.
        documents: ids of the documents that it showed.
        details: JSON; under the key of `who`.
        about: JSON on the subject; under the subject's key.
        at: when, in seconds since the epoch.
    """

    action: str
    who: str
    outcome: Outcome = "done"
    origin: Origin = Origin()
    subject: str = ""
    documents: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry, opened as far as keys are there.

    Attributes:
        number: its place in the chain, from 1.
        at: when, in seconds since the epoch.
        action, outcome, documents: see `Act`.
        actor: the pseudonym of who did it.
        who, origin, details: empty where `erased` or `unreadable`.
        erased: whether the person was erased.
        subject, about: the person to whom it was done, and what of that person; empty where nobody, or erased.
        subject_erased: whether that person was erased.
        unreadable: why the entry cannot be opened though nobody erased it; empty: it can.
    """

    number: int
    at: float
    action: str
    outcome: str
    documents: tuple[str, ...]
    actor: str
    who: str = ""
    origin: Origin = Origin()
    details: Mapping[str, Any] = field(default_factory=dict)
    erased: bool = False
    subject: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    subject_erased: bool = False
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; empty: all.

    Attributes:
        who: the id of a person who did it, or to whom it was done.
        action: the action, or its first words: `document` finds `document opened`.
        outcome: as in `Act`.
        document: a document's id.
        since, until: seconds since the epoch; `until` is not part of it.
        text: what stands anywhere in the opened entry, in capitals or not.
    """

    who: str = ""
    action: str = ""
    outcome: str = ""
    document: str = ""
    since: float | None = None
    until: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first; `next` is what to give as `before` for more, None at the end."""

    entries: tuple[AuditRecord, ...]
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the chain found.

    Attributes:
        broken: where it does not hold first; None: it holds.
        entries: how many were checked up to there.
        anchor: the last entry that retention removed.
        head: the last entry that was checked.
        seal: `good`, `none` before the first entry, else why it does not hold.
        seal_breaks: numbers of entries which record that the seal did not hold before them.
    """

    broken: Broken | None
    entries: int
    anchor: Head
    head: Head
    seal: str = "good"
    seal_breaks: tuple[int, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing was found."""
        return self.broken is None and self.seal in {"good", "none"} and not self.seal_breaks
