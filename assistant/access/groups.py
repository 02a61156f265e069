"""The groups that there are, who is in them, and which are in which; for admins."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from assistant.access.people import check_groups
from assistant.access.roles import must_manage
from assistant.catalog import Catalog, GroupRecord, PersonRecord
from assistant.catalog.people import EVERYBODY
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.types import Access, ReadersRule, User

Way = Literal["everyone", "given", "provided", "named"]


@dataclass(frozen=True, slots=True)
class Path:
    """How a person comes to be in a group.

    Attributes:
        way: how the person is in the first group: `everyone` is; `given` here; `provided` by the identity provider;
            `named`: it is the group itself that is asked about.
        groups: the first group, the one that it is in, and so on; the last is the one that it is about.
    """

    way: Way
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupMember:
    """Somebody in a group, and the shortest way to it."""

    person: PersonRecord
    path: Path


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with everybody in it, and the sources whose rule of readers names it, sorted."""

    group: GroupRecord
    members: tuple[GroupMember, ...]
    sources: tuple[str, ...]


class GroupDesk:
    """Looks after groups for admins; what it changes holds from the next request on.

    Args:
        catalog: keeps them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def all(self, by: User) -> list[GroupRecord]:
        """Return all groups by name, those too that only a source's rule of readers names. Raises AccessDeniedError."""
        must_manage(by, "manage groups")
        found = {group.name: group for group in self._catalog.groups.all()}
        for name in (EVERYBODY, *self._named_by_rules()):
            found.setdefault(name, GroupRecord(name))
        return [found[name] for name in sorted(found)]

    def show(self, name: str, by: User) -> GroupView:
        """Return a group with its members. Raises AccessDeniedError, NotFoundError."""
        record = next((group for group in self.all(by) if group.name == name), None)
        if record is None:
            raise NotFoundError(f"there is no group {name!r}", "see `assistant groups list`")
        parents = parents_of(self._catalog.groups.nested())
        paths = ((person, path_to(name, first_of(person), parents)) for person in self._catalog.people.all())
        members = tuple(GroupMember(person, path) for person, path in paths if path is not None)
        return GroupView(record, members, tuple(self._named_by_rules().get(name, ())))

    def nest(self, parent: str, child: str, by: User) -> GroupRecord:
        """Put a group into another: whoever is in `child` is in `parent` too. Returns `parent` as it is then.

        Raises:
            AccessDeniedError: `by` is no admin, or is in `child` and would so be in `parent`.
            ConfigurationError: it would be in itself, or a name is none.
        """
        must_manage(by, "manage groups")
        check_groups([parent, child])
        if parent == EVERYBODY:
            raise ConfigurationError(f"everybody is in {EVERYBODY!r} already", "name another group to put it into")
        if child in by.groups and parent not in by.groups and not by.reads_everything:
            raise AccessDeniedError(f"you are in {child!r}: nobody changes the own groups", "ask another admin")
        self._catalog.groups.nest(parent, child)
        return self.show(parent, by).group

    def unnest(self, parent: str, child: str, by: User) -> GroupRecord:
        """Take a group out of another. Returns `parent` as it is then.

        Raises:
            AccessDeniedError: `by` is no admin.
            NotFoundError: it is not in it.
            ConfigurationError: the identity provider put it there.
        """
        must_manage(by, "manage groups")
        if not self._catalog.groups.unnest(parent, child):
            raise NotFoundError(f"the group {child!r} is not directly in {parent!r}", "see `assistant groups list`")
        return self.show(parent, by).group

    def _named_by_rules(self) -> Mapping[str, list[str]]:
        """Return the sources whose rules of readers name each group, by its name."""
        found: dict[str, list[str]] = {}
        for record in self._catalog.sources.all():
            for name in sorted(groups_of(ReadersRule.model_validate(dict(record.readers)))):
                found.setdefault(name, []).append(record.name)
        return found


def groups_of(rule: ReadersRule) -> set[str]:
    """Return the names of all groups that a rule allows, denies or calls something else."""
    names = {*rule.default, *rule.names.values()}
    for one in rule.rules:
        names.update(one.readers, one.deny)
    access = Access.of_names(name.lstrip("-") for name in names)
    return {name.removeprefix("group:") for name in access.allow if name.startswith("group:")}


def first_of(person: PersonRecord) -> dict[str, Way]:
    """Return the groups that a person is directly in, and how: given here, before provided, before everyone."""
    found: dict[str, Way] = dict.fromkeys(sorted(person.groups), "given")
    for name in sorted(person.provided_groups):
        found.setdefault(name, "provided")
    found.setdefault(EVERYBODY, "everyone")
    return found


def parents_of(nested: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the groups that each group is directly in, from those that are directly in each."""
    found: dict[str, list[str]] = {}
    for parent in sorted(nested):
        for child in nested[parent]:
            found.setdefault(child, []).append(parent)
    return found


def path_to(name: str, first: Mapping[str, Way], parents: Mapping[str, Iterable[str]]) -> Path | None:
    """Return the shortest way from the groups that somebody is directly in to this one; None: there is none."""
    came_from: dict[str, str | None] = dict.fromkeys(first)
    waiting = deque(first)
    while waiting and name not in came_from:
        group = waiting.popleft()
        for parent in parents.get(group, ()):
            if parent not in came_from:
                came_from[parent] = group
                waiting.append(parent)
    if name not in came_from:
        return None
    steps: list[str] = []
    step: str | None = name
    while step is not None:
        steps.append(step)
        step = came_from[step]
    steps.reverse()
    return Path(first[steps[0]], tuple(steps))
