"""What somebody may read, in numbers and names, and what another rule of readers would change; never what is in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.access.subjects import Subject, find_subject, group_subject, looks_after, person_subject
from assistant.catalog import Catalog
from assistant.errors import NotFoundError
from assistant.types import Access, ReadersRule, User, document_id, may_read

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Folder:
    """How many documents somebody may read in a folder of a source, with all below it.

    `folder` is the whole path; empty, or the folder that was asked for and `/`, where the documents are in no other.
    """

    source: str
    folder: str
    documents: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may read of the sources that the asker looks after.

    Attributes:
        subject: `user:ID` or `group:NAME`.
        disabled: nothing signs the person in: the numbers are what the grants would say.
        documents: how many.
        folders: by source and first folder below the one that was asked for.
        listed: source, key and title of a stretch of them.
        private: how many documents of people's uploads come to that, which are not listed.
    """

    subject: str
    disabled: bool
    documents: int
    folders: tuple[Folder, ...]
    listed: tuple[tuple[str, str, str], ...]
    private: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule would change for a person or a group.

    Attributes:
        subject: `user:ID` or `group:NAME`.
        before, after: how many documents of the source are read.
        gained, lost: how many come and go.
        gains, losses: keys of the first few of them.
    """

    subject: str
    before: int
    after: int
    gained: int
    lost: int
    gains: tuple[str, ...]
    losses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule of readers would change, once the source is synced with it.

    Attributes:
        source: its name.
        documents: how many it has.
        changed: how many of them would have other readers.
        of_source: how many have readers of the source's own, which the rule does not change; another name in `names`
            holds from the next listing on, and is not counted here.
        effects: by person and group, of those for whom something changes; people who are disabled are left out.
    """

    source: str
    documents: int
    changed: int
    of_source: int
    effects: tuple[Effect, ...]


class Overlook:
    """Says what people and groups may read, to those who look after sources.

    Args:
        catalog: what it is said from.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def sees(
        self, subject: str, by: User, source: str | None = None, folder: str = "", limit: int = 50, offset: int = 0
    ) -> Sight:
        """Return what the subject may read.

        Args:
            subject: `group:NAME`, `user:ID`, or a person's id.
            by: an admin, or a curator; of a curator's sources then.
            source: only this one.
            folder: only what is below it, such as `hr/pay`.
            limit, offset: which stretch of the documents is listed, by source and key.

        Raises:
            NotFoundError: there is no such person, or `by` does not look after the source, or after any.
        """
        named = [record.name for record in self._catalog.sources.all()]
        told = [name for name in named if looks_after(self._catalog, name, by)]
        if source is not None:
            told = [name for name in told if name == source]
        if not told:
            what = "no source that" if source is None else f"no source {source!r} that"
            raise NotFoundError(f"there is {what} you look after", "see `assistant sources list`")
        found = find_subject(self._catalog, subject)
        user = found.user
        below = f"{folder.strip('/')}/" if folder.strip("/") else ""
        places = [place for place in self._catalog.documents.places(user, told) if place[1].startswith(below)]
        counts = Counter((name, below + _first(key.removeprefix(below))) for name, key in places)
        private = 0
        if by.manages and source is None and not below:
            private = self._catalog.documents.count(user, [name for name in named if name not in told])[0]
        return Sight(
            found.principal,
            found.disabled,
            len(places),
            tuple(Folder(*place, count) for place, count in sorted(counts.items())),
            self._titled(places[offset : offset + limit], user),
            private,
        )

    def preview(self, source: str, rule: ReadersRule, by: User) -> Preview:
        """Return what would change if this were the source's rule of readers.

        Raises:
            NotFoundError: there is no such source that `by` looks after.
        """
        if not looks_after(self._catalog, source, by):
            raise NotFoundError(f"there is no source {source!r} that you look after", "see `assistant sources list`")
        known = self._catalog.documents.known(source)
        roots = _roots(source, {key: one.parent for key, one in known.items()})
        changes: dict[tuple[Access, Access], list[str]] = defaultdict(list)
        for key in sorted(known):
            root = known.get(roots[key], known[key])
            after = root.access if root.access_from_source else rule.access(roots[key])
            changes[known[key].access, after].append(key)
        return Preview(
            source=source,
            documents=len(known),
            changed=sum(len(keys) for (before, after), keys in changes.items() if before != after),
            of_source=sum(1 for key in known if known.get(roots[key], known[key]).access_from_source),
            effects=tuple(
                effect
                for subject in self._subjects(changes)
                if (effect := _effect(source, subject, changes)).gained or effect.lost
            ),
        )

    def _subjects(self, changes: Mapping[tuple[Access, Access], Sequence[str]]) -> list[Subject]:
        """Return everybody, and each group that an old or a new reader is, or that is in one."""
        named = {one for pair in changes for access in pair for one in (*access.allow, *access.deny)}
        groups = {one.removeprefix("group:") for one in named if one.startswith("group:")}
        groups |= {group.name for group in self._catalog.groups.all()}
        people = [person_subject(person) for person in self._catalog.people.all() if not person.disabled]
        return [group_subject(self._catalog, name) for name in sorted(groups)] + people

    def _titled(self, places: Sequence[tuple[str, str]], user: User) -> tuple[tuple[str, str, str], ...]:
        readable = self._catalog.documents.readable([document_id(*place) for place in places], user)
        infos = [readable.get(document_id(*place)) for place in places]
        return tuple((one.ref.source, one.ref.key, one.ref.title) for one in infos if one is not None)


def _effect(source: str, subject: Subject, changes: Mapping[tuple[Access, Access], Sequence[str]]) -> Effect:
    user = replace(subject.user, opened=frozenset())  # what is open for a while is no part of the rule
    before = after = 0
    gains: list[str] = []
    losses: list[str] = []
    for (old, new), keys in changes.items():
        one = document_id(source, keys[0])
        had, has = may_read(user, old, one), may_read(user, new, one)
        before += len(keys) if had else 0
        after += len(keys) if has else 0
        if had != has:
            (gains if has else losses).extend(keys)
    first = (tuple(sorted(keys)[:_EXAMPLES]) for keys in (gains, losses))
    return Effect(subject.principal, before, after, len(gains), len(losses), *first)


def _roots(source: str, parents: Mapping[str, str | None]) -> dict[str, str]:
    """Return for each key the one of the listed document that it is in, or is."""
    keys = {document_id(source, key): key for key in parents}
    found: dict[str, str] = {}
    for key in parents:
        root = key
        while (parent := parents.get(root)) is not None and parent in keys:
            root = keys[parent]
        found[key] = root
    return found


def _first(key: str) -> str:
    """Return the first folder of a key; empty for a document that is in none."""
    head, slash, _ = key.partition("/")
    return head if slash else ""
