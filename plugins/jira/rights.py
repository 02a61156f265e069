"""Who may browse a project, and who of them sees an issue of some security level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assistant.errors import NotFoundError, SourceError, SourceUnreachableError
from plugins.vendors import NOBODY, Kept, Person, Readers, Refused, Rights, VendorApi, common, digest

_MOST = 50  # a page
_EXPANDED = "permissions,user,group,projectRole"


@dataclass(frozen=True, slots=True)
class Grant:
    """A right: of these people, and of those whom an issue itself names in a field (`reporter`, `assignee`)."""

    rights: Rights = NOBODY
    fields: frozenset[str] = frozenset()


class Projects:
    """The configured projects. Safe for several threads.

    Args:
        api: of the server.
        readers: how people are named here.
        wanted: keys; none for all.
        refresh_seconds: for how long what was read is used again.
        is_cloud: which edition it is.
    """

    def __init__(
        self, api: VendorApi, readers: Readers, wanted: Sequence[str], refresh_seconds: float, *, is_cloud: bool
    ) -> None:
        self._api, self._readers, self._wanted, self._is_cloud = api, readers, wanted, is_cloud
        self._root = "/rest/api/3" if is_cloud else "/rest/api/2"
        self._kept = Kept(refresh_seconds).get

    @classmethod
    def anew(cls, other: Projects) -> Projects:
        """Return the same projects, of which nothing is known yet and nothing is asked for twice: for one listing."""
        return cls(other._api, other._readers, other._wanted, float("inf"), is_cloud=other._is_cloud)

    def holds(self, key: str) -> bool:
        """Whether a project is one of these."""
        return key in (self._wanted or self.keys())

    def keys(self) -> list[str]:
        """Return the projects' keys; raises SourceError where a configured one is not there."""
        found: list[str] = self._kept("projects", lambda: list(self._listed()))
        return found

    def mark(self, key: str) -> str:
        """Return a text that changes when those who may see some of a project's issues do; raises as `rights`."""
        if not self._readers.are_asked_for:
            return digest(None)
        grant = self._granted(key)
        marks = [digest(self._readers.access(grant.rights)), *sorted(grant.fields)]
        for level in self._levels(key) if self._is_cloud else ():
            try:
                marks.append(f"{level['id']} {digest(self._readers.access(self.rights(key, {}, level)))}")
            except SourceUnreachableError:
                raise
            except SourceError:
                marks.append(f"{level['id']} unknown")  # an issue that has the level raises it
        return " ".join(marks)

    def rights(self, key: str, fields: Any, level: Any) -> Rights:
        """Return who may see an issue.

        Args:
            key: its project's.
            fields: its fields.
            level: its security level as a field holds it; None for none.

        Raises:
            SourceError: the token may not see that.
        """
        rights = self._for_issue(self._granted(key), fields)
        if level is None:
            return rights
        grant = self._kept(f"level {level['id']} {key}", lambda: self._level(key, level))
        return common(rights, self._for_issue(grant, fields), self._members)

    def _levels(self, key: str) -> list[Any]:
        try:
            levels: list[Any] = self._api.json(f"{self._root}/project/{quote(key)}/securitylevel")["levels"]
        except NotFoundError:  # the project has no such scheme
            return []
        return levels

    def _for_issue(self, grant: Grant, fields: Any) -> Rights:
        named = [self._person(fields[field]) for field in grant.fields if fields.get(field)]
        return grant.rights | Rights(frozenset(named))

    def _listed(self) -> Iterator[str]:
        if not self._wanted:
            found = (
                self._values(f"{self._root}/project/search", {})
                if self._is_cloud
                else self._api.json(f"{self._root}/project")
            )
            yield from (project["key"] for project in found)
        for key in self._wanted:
            try:
                yield self._project(key)["key"]
            except (NotFoundError, Refused) as error:
                raise SourceError(
                    f"Jira has no project {key} that the token may see",
                    "check the key, and give the token's user the right to browse the project",
                ) from error

    def _project(self, key: str) -> Any:
        return self._kept(f"project {key}", lambda: self._api.json(f"{self._root}/project/{quote(key)}"))

    def _granted(self, key: str) -> Grant:
        grant: Grant = self._kept(f"rights {key}", lambda: self._browsing(key))
        return grant

    def _browsing(self, key: str) -> Grant:
        path = f"{self._root}/project/{quote(key)}/permissionscheme"
        try:
            scheme = self._api.json(path, {"expand": _EXPANDED})
            holders = [one["holder"] for one in scheme["permissions"] if one["permission"] == "BROWSE_PROJECTS"]
            return self._grant(key, holders)
        except (Refused, NotFoundError) as error:
            raise SourceError(
                f"the token may not see who browses the project {key}",
                "give its user the right to administer the project, or set `readers` to rule",
            ) from error

    def _level(self, key: str, level: Any) -> Grant:
        hint = f'say who reads it: {{"levels": {{"{level["name"]}": ["group:NAME"]}}}}'
        if not self._is_cloud:
            raise SourceError(f"Jira Data Center does not tell who is in the security level {level['name']}", hint)
        path = f"{self._root}/issuesecurityschemes/level/member"
        try:
            found = self._values(path, {"levelId": level["id"], "expand": "user,group,projectRole"})
            return self._grant(key, [one["holder"] for one in found])
        except (Refused, NotFoundError) as error:
            raise SourceError(
                f"the token may not see who is in the security level {level['name']}",
                f"give its user the right to administer Jira; or {hint}",
            ) from error

    def _grant(self, key: str, holders: Iterable[Any]) -> Grant:
        """Return who is meant by the holders of a right; those of custom fields and portals are not read."""
        rights, fields = NOBODY, set()
        for holder in holders:
            kind, parameter = holder["type"], str(holder.get("parameter") or "")
            if kind == "anyone":
                rights |= Rights(public=True)
            elif kind == "user":
                rights |= Rights(frozenset({self._person(holder.get("user") or {"accountId": parameter})}))
            elif kind == "group":
                rights |= Rights(groups=frozenset({(holder.get("group") or {}).get("name") or parameter}))
            elif kind == "applicationRole":
                rights |= Rights(groups=frozenset({f"application:{parameter or 'any'}"}))
            elif kind == "projectRole":
                rights |= self._role(key, parameter)
            elif kind == "projectLead":
                rights |= Rights(frozenset({self._person(self._project(key)["lead"])}))
            elif kind in {"reporter", "assignee"}:
                fields.add(kind)
        return Grant(rights, frozenset(fields))

    def _role(self, key: str, number: str) -> Rights:
        path = f"{self._root}/project/{quote(key)}/role/{quote(number)}"
        people, groups = set(), set()
        for actor in self._kept(path, lambda: self._api.json(path))["actors"]:
            if actor["type"] == "atlassian-group-role-actor":
                groups.add((actor.get("actorGroup") or actor)["name"])
            else:
                people.add(self._person(actor.get("actorUser") or actor))
        return Rights(frozenset(people), frozenset(groups))

    def _members(self, group: str) -> frozenset[Person]:
        def ask() -> frozenset[Person]:
            if group.startswith("application:"):
                return frozenset()  # Jira does not list who has an application
            return frozenset(map(self._person, self._values(f"{self._root}/group/member", {"groupname": group})))

        found: frozenset[Person] = self._kept(f"members {group}", ask)
        return found

    def _person(self, found: Any) -> Person:
        name = str(found.get("accountId") or found.get("name") or found["key"])
        mail = str(found.get("emailAddress") or "")
        if self._is_cloud and self._readers.need_mail and not mail:
            mail = str(self._kept(f"user {name}", lambda: self._user(name)).get("emailAddress") or "")
        return Person(name, mail)

    def _user(self, name: str) -> Any:
        try:
            return self._api.json(f"{self._root}/user", {"accountId": name})
        except NotFoundError:  # somebody who left
            return {}

    def _values(self, path: str, asked: dict[str, str | int]) -> Iterator[Any]:
        start = 0
        while True:
            found = self._api.json(path, {**asked, "startAt": start, "maxResults": _MOST})
            yield from found["values"]
            if found.get("isLast", True) or not found["values"]:
                return
            start += len(found["values"])
