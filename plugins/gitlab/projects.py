"""The projects that a token may see, and who reads what in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assistant.errors import NotFoundError, SourceError
from assistant.types import Access
from plugins.vendors import Kept, Person, Readers, Refused, Rights, VendorApi, VendorConfig, digest

_GUEST, _REPORTER = 10, 20  # levels of membership
_SWITCHES = {
    "issues": "issues_access_level",
    "merge_requests": "merge_requests_access_level",
    "wiki": "wiki_access_level",
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project as the API describes it, with its members by level."""

    found: Any
    members: tuple[tuple[Person, int], ...]
    readers: Readers

    @property
    def path(self) -> str:
        """Groups and name."""
        return str(self.found["path_with_namespace"])

    @property
    def address(self) -> str:
        """Where people see it."""
        return str(self.found["web_url"])

    @property
    def api(self) -> str:
        """Its path in the API."""
        return f"/projects/{self.found['id']}"

    def has(self, kind: str) -> bool:
        """Whether issues, merge requests or the wiki are switched on."""
        return bool(self.found.get(_SWITCHES[kind], "enabled") != "disabled")

    def access(self, kind: str, thread: Any = None) -> Access | None:
        """Return who may read something of a kind; confidential issues have fewer readers."""
        if thread is not None and thread.get("confidential"):
            own = [thread["author"], *(thread.get("assignees") or ())]
            named = frozenset(Person(one["username"]) for one in own if one)
            return self.readers.access(Rights(self._people(_REPORTER) | named))
        visibility = self.found["visibility"]
        if self.found.get(_SWITCHES[kind], "enabled") == "private":
            visibility = "private"
        code = kind == "merge_requests"  # guests of a private project do not see its code
        people = self._people(_REPORTER if code else _GUEST)
        groups = set() if code else self._groups()
        groups |= {"internal"} if visibility == "internal" else set()
        return self.readers.access(Rights(people, frozenset(groups), public=visibility == "public"))

    def mark(self, kind: str) -> str:
        """Return a text that changes when those who read something of a kind do."""
        hidden = self.readers.access(Rights(self._people(_REPORTER)))
        return f"{digest(self.access(kind))} {digest(hidden)}"

    def _people(self, level: int) -> frozenset[Person]:
        return frozenset(person for person, has in self.members if has >= level)

    def _groups(self) -> set[str]:
        """Return the groups whose members are members: those that the project is in, and those it is shared with."""
        parts = self.path.split("/")[:-1]
        inside = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
        shared = self.found.get("shared_with_groups") or ()
        return inside | {one["group_full_path"] for one in shared if one["group_access_level"] >= _GUEST}


class Projects:
    """Those that are configured.

    Args:
        api: of the server.
        config: how readers are named here.
        paths: `GROUP/NAME` or `GROUP/*`.
    """

    def __init__(self, api: VendorApi, config: VendorConfig, paths: Sequence[str]) -> None:
        self._api, self._paths = api, paths
        self._readers = Readers(config)
        self._kept = Kept(config.refresh_seconds)

    def holds(self, path: str) -> bool:
        """Whether a project is among the configured ones."""
        name = path.casefold()
        wanted = [one.casefold() for one in self._paths]
        return any(name.startswith(one[:-1]) if one.endswith("/*") else name == one for one in wanted)

    def all(self) -> Iterator[Project]:
        """Yield each once, as it is now.

        Raises:
            SourceError: one is not there, or its members may not be seen.
        """
        seen: set[int] = set()
        for path in self._paths:
            for found in self._found(path):
                if found["id"] not in seen:
                    seen.add(found["id"])
                    yield self._with_members(found)

    def one(self, path: str) -> Project:
        """Return a project as it is now, or was up to `refresh_seconds` ago; raises NotFoundError."""
        project: Project = self._kept.get(
            path, lambda: self._with_members(self._api.json(f"/projects/{quote(path, safe='')}"))
        )
        return project

    def _found(self, path: str) -> Iterator[Any]:
        try:
            if not path.endswith("/*"):
                yield self._api.json(f"/projects/{quote(path, safe='')}")
                return
            asked: dict[str, str | int] = {"include_subgroups": "true", "with_shared": "false", "per_page": 100}
            for page in self._api.pages(f"/groups/{quote(path[:-2], safe='')}/projects", asked):
                yield from page
        except (NotFoundError, Refused) as error:
            raise SourceError(
                f"GitLab has no project {path} that the token may see",
                "check the path, and give the token the scope read_api and its user the right to read there",
            ) from error

    def _with_members(self, found: Any) -> Project:
        members: list[tuple[Person, int]] = []
        if self._readers.are_asked_for:
            try:
                for page in self._api.pages(f"/projects/{found['id']}/members/all", {"per_page": 100}):
                    members += [(Person(one["username"]), one["access_level"]) for one in page if _is_active(one)]
            except (Refused, NotFoundError) as error:
                raise SourceError(
                    f"the token may not see the members of {found['path_with_namespace']}",
                    "give it the scope read_api and make its user a member; or set `readers` to rule",
                ) from error
        return Project(found, tuple(members), self._readers)


def _is_active(member: Any) -> bool:
    return bool(member.get("state", "active") == "active")
