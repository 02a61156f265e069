"""Why somebody may read a document, or may not: the decision of `may_read`, with everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.access.groups import Path, parents_of, path_to
from assistant.access.subjects import Subject, find_subject, looks_after
from assistant.catalog import Catalog, KnownDocument
from assistant.errors import NotFoundError
from assistant.types import Access, ReadersRule, User, document_id, may_read
from assistant.types.access import is_withdrawn
from assistant.types.globs import glob_pattern

Verdict = Literal["allowed", "denied", "not_granted", "opened", "everything", "disabled"]
Origin = Literal["source", "rule", "default"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A principal that the document allows or denies and that the person is, or is in.

    Attributes:
        principal: `user:ID` or `group:NAME`, as the document has it.
        path: how the person is in the group; None for the person alone.
    """

    principal: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether somebody may read a document, and all that it rests on.

    Attributes:
        may: whether the document is read by this person; for a disabled one nobody signs in, whatever the grants are.
        verdict: in a word: `denied` wins over `allowed`, and `opened`, by a break-glass act, over both.
        allowed: the principals that allow it, sorted.
        denied: those that deny it, sorted.
    """

    may: bool
    verdict: Verdict
    allowed: tuple[Grant, ...]
    denied: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read a document, and who says so.

    Attributes:
        access: in force now.
        origin: `source`: its source has readers of its own; `rule`: a rule with a glob; `default`: no glob matches.
        glob: the rule's.
        parent: the key of the document that it is a member of, and whose readers it has.
        coming: who is to read it from the next sync on, where the rule was changed since the last one; else None.
    """

    access: Access
    origin: Origin
    glob: str | None = None
    parent: str | None = None
    coming: Access | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person, or a member of a group, may read a document, or may not.

    Attributes:
        subject: `user:ID` or `group:NAME`.
        source, key, title: the document.
        readers: who may read it.
        decision: what follows for the subject.
    """

    subject: str
    source: str
    key: str
    title: str
    readers: Readers
    decision: Decision


class Explainer:
    """Explains single decisions to those who look after them.

    Args:
        catalog: what the decisions are made from.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def why(self, subject: str, source: str, key: str, by: User) -> Explanation:
        """Explain whether the subject may read the document.

        Args:
            subject: a person's id, `user:ID`, or `group:NAME`: somebody who is in that group and in no other.
            source, key: the document.
            by: an admin, a curator of the source, or the person; the person only of what the person may read.

        Raises:
            NotFoundError: there is no such document, person or group, or `by` may not be told of it.
        """
        found = self._catalog.documents.known(source, [key]).get(key)
        own = subject.removeprefix("user:") == by.id and not subject.startswith("group:")
        if found is not None and not looks_after(self._catalog, source, by):
            found = found if own and may_read(by, found.access, document_id(source, key)) else None
        if found is None:
            raise NotFoundError(
                f"there is no document {key!r} in source {source!r} that you look after",
                "see `assistant documents list`",
            )
        asked = find_subject(self._catalog, subject)
        decision = decide(asked, self._catalog.groups.nested(), found.access, document_id(source, key))
        readers = self._readers(source, found)
        return Explanation(asked.principal, source, key, found.title, readers, decision)

    def _readers(self, source: str, known: KnownDocument) -> Readers:
        parent = None
        if known.parent is not None:
            parent = self._catalog.documents.around(known.parent, document_id(source, known.key)).outermost
            known = self._catalog.documents.known(source, [parent]).get(parent, known)
        if known.access_from_source:
            return Readers(known.access, "source", parent=parent)
        rule = ReadersRule.model_validate(dict(self._catalog.sources.get(source).readers))
        glob = next((one.glob for one in reversed(rule.rules) if glob_pattern(one.glob).fullmatch(known.key)), None)
        said = rule.access(known.key)
        coming = None if said == known.access else said
        return Readers(known.access, "default" if glob is None else "rule", glob, parent, coming)


def decide(subject: Subject, nested: Mapping[str, Iterable[str]], access: Access, document: str) -> Decision:
    """Return whether the subject may read a document, as `types.may_read` decides, with everything it rests on.

    Args:
        subject: who is asked about.
        nested: the groups that are directly in each group.
        access: the document's readers.
        document: its id.
    """
    parents = parents_of(nested)
    allowed, denied = (_grants(subject, side, parents) for side in (access.allow, access.deny))
    user = subject.user
    if user.reads_everything:
        verdict: Verdict = "everything"
    elif document in user.opened and not is_withdrawn(access):
        verdict = "opened"
    elif document in user.opened:
        verdict = "not_granted"
    else:
        verdict = "denied" if denied else "allowed" if allowed else "not_granted"
    may = verdict in {"everything", "opened", "allowed"}
    if subject.disabled:
        return Decision(False, "disabled", allowed, denied)
    return Decision(may, verdict, allowed, denied)


def _grants(subject: Subject, principals: Iterable[str], parents: Mapping[str, Iterable[str]]) -> tuple[Grant, ...]:
    found = []
    for principal in sorted(principals):
        if principal.startswith("group:"):
            path = path_to(principal.removeprefix("group:"), subject.first, parents)
            if path is not None:
                found.append(Grant(principal, path))
        elif principal == subject.principal:
            found.append(Grant(principal))
    return tuple(found)
