"""Who reads a space, and who of them a page: permissions, restrictions, and those of the pages above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from assistant.errors import NotFoundError, SourceError
from plugins.vendors import NOBODY, Kept, Person, Readers, Refused, Rights, VendorApi, common
from plugins.vendors.atlassian import results

_MOST = 200  # a page
_ANYBODY = Rights(public=True)


class Spaces:
    """The configured spaces and who may read in them. Safe for several threads.

    Args:
        api: of the server.
        readers: how people are named here.
        wanted: keys; none for all but personal ones.
        refresh_seconds: for how long what was read is used again.
        is_cloud: which edition it is.
    """

    def __init__(
        self, api: VendorApi, readers: Readers, wanted: Sequence[str], refresh_seconds: float, *, is_cloud: bool
    ) -> None:
        self.api, self._readers, self._wanted, self.is_cloud = api, readers, wanted, is_cloud
        self.are_asked_for = readers.are_asked_for
        self._kept = Kept(refresh_seconds).get

    @classmethod
    def anew(cls, other: Spaces) -> Spaces:
        """Return the same spaces, of which nothing is known yet and nothing is asked for twice: for one listing."""
        return cls(other.api, other._readers, other._wanted, float("inf"), is_cloud=other.is_cloud)

    def holds(self, key: str) -> bool:
        """Whether a space is one of these."""
        return key in self._wanted if self._wanted else key in self.keys()

    def keys(self) -> dict[str, str]:
        """Return the ids of the spaces by their keys.

        Raises:
            SourceError: one that is configured is not there.
        """
        found: dict[str, str] = self._kept("spaces", self._listed)
        missing = [key for key in self._wanted if key not in found]
        if missing:
            raise SourceError(
                f"Confluence has no space {', '.join(missing)} that the token may see",
                "check the keys, and give the token's user the right to read there",
            )
        return found

    def rights(self, key: str) -> Rights:
        """Return who may read in a space.

        Raises:
            SourceError: the token may not see that.
        """
        if not self.are_asked_for:
            return _ANYBODY
        found: Rights = self._kept(f"rights {key}", lambda: self._permitted(key))
        return found

    def members(self, group: str) -> frozenset[Person]:
        """Return who is in a group."""
        found: frozenset[Person] = self._kept(f"members {group}", lambda: self._members(group))
        return found

    def restricted(self, number: str, ask: Callable[[str], Rights]) -> Rights:
        """Return the restrictions of a page that `ask` gives; the pages below it need them too."""
        found: Rights = self._kept(f"restrictions {number}", lambda: ask(number))
        return found

    def person(self, found: Any) -> Person:
        """Return a person as the API describes them; the mail address is asked for where it is needed and missing."""
        name = str(found.get("accountId") or found.get("username") or found["userKey"])
        mail = str(found.get("email") or "")
        if self.is_cloud and self._readers.need_mail and not mail:
            told = self._kept(f"user {name}", lambda: self._asked_user(name))
            mail = str(told.get("email") or "")
        return Person(name, mail)

    def _asked_user(self, name: str) -> Any:
        try:
            return self.api.json("/rest/api/user", {"accountId": name})
        except NotFoundError:  # somebody who left
            return {}

    def _listed(self) -> dict[str, str]:
        if self.is_cloud:
            asked: dict[str, str | int] = {"limit": _MOST, "status": "current"}
            asked |= {"keys": ",".join(self._wanted)} if self._wanted else {"type": "global"}
            path = "/api/v2/spaces"
        else:
            asked, path = {"limit": _MOST, "status": "current"}, "/rest/api/space"
        found = list(results(self.api, path, asked))
        return {
            one["key"]: str(one["id"])
            for one in found
            if (one["key"] in self._wanted if self._wanted else one["type"] == "global")
        }

    def _permitted(self, key: str) -> Rights:
        people: set[Person] = set()
        groups: set[str] = set()
        public = False
        try:
            for subject in self._subjects(key):
                kind = "anonymous" if subject is None else subject.get("type")
                if kind in {"user", "known"}:
                    people.add(self.person({"accountId": subject["id"]} if kind == "user" else subject))
                elif kind == "group":
                    groups.add(subject.get("name") or self._group_name(subject["id"]))
                elif kind == "anonymous":
                    public = True
        except (Refused, NotFoundError) as error:
            raise SourceError(
                f"the token may not see who reads in the space {key}",
                "give its user the right to administer the space (Data Center: 9.1 or newer), or set `readers` to rule",
            ) from error
        return Rights(frozenset(people), frozenset(groups), public)

    def _subjects(self, key: str) -> list[Any]:
        """Return who has the right to view a space, as either edition names them."""
        if self.is_cloud:
            path = f"/api/v2/spaces/{self.keys()[key]}/permissions"
            found = results(self.api, path, {"limit": _MOST})
            return [one["principal"] for one in found if one["operation"] == {"key": "read", "targetType": "space"}]
        listed = self.api.json(f"/rest/api/space/{quote(key)}/permissions")
        wanted = {"operationKey": "read", "targetType": "space"}
        return [one.get("subject") for one in listed if one["operation"] == wanted]

    def _group_name(self, number: str) -> str:
        found = self._kept(f"group {number}", lambda: self.api.json("/rest/api/group/by-id", {"id": number}))
        self._kept(f"id of {found['name']}", lambda: number)
        return str(found["name"])

    def _members(self, group: str) -> frozenset[Person]:
        if self.is_cloud:
            number = self._kept(
                f"id of {group}", lambda: self.api.json("/rest/api/group/by-name", {"name": group})["id"]
            )
            path = f"/rest/api/group/{quote(str(number))}/membersByGroupId"
        else:
            path = f"/rest/api/group/{quote(group, safe='')}/member"
        return frozenset(self.person(one) for one in results(self.api, path, {"limit": _MOST}))


class Restrictions:
    """Who may see single pages: what is known of it from a listing, and for the others the server's word.

    Args:
        spaces: their spaces.
    """

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._own: dict[str, Rights] = {}
        self._pages: dict[str, Any] = {}

    def take(self, found: Any) -> None:
        """Keep what a listing says of a page and its restrictions."""
        if found["type"] not in {"page", "blogpost"}:
            return
        self._pages[str(found["id"])] = found
        if not self._spaces.are_asked_for:
            return
        told = found["restrictions"]["read"]["restrictions"]
        if _is_all(told):
            self._own[str(found["id"])] = self._rights(told["user"]["results"], told["group"]["results"])

    def page(self, number: str) -> Any:
        """Return a page that was listed; None for another one."""
        return self._pages.get(number)

    def rights(self, found: Any) -> Rights:
        """Return who may see a page: who reads in its space and is meant by its restrictions and by those above it."""
        rights = self._spaces.rights(found["space"]["key"])
        if str(found["id"]) not in self._own:
            self.take(found)
        for number in [str(above["id"]) for above in found.get("ancestors") or ()] + [str(found["id"])]:
            if number not in self._own:
                self._own[number] = self._spaces.restricted(number, self._asked)
            rights = common(rights, self._own[number], self._spaces.members)
        return rights

    def _asked(self, number: str) -> Rights:
        try:
            return self._read(number)
        except (Refused, NotFoundError):  # what cannot be seen may let nobody in
            return NOBODY

    def _read(self, number: str) -> Rights:
        people: list[Any] = []
        groups: list[Any] = []
        start = 0
        while True:
            asked: dict[str, str | int] = {
                "start": start,
                "limit": _MOST,
                "expand": "restrictions.user,restrictions.group",
            }
            path = f"/rest/api/content/{number}/restriction/byOperation/read"
            told = self._spaces.api.json(path, asked)["restrictions"]
            more = [one for one in told["user"]["results"] if one not in people]
            more_groups = [one for one in told["group"]["results"] if one not in groups]
            people += more
            groups += more_groups
            if _is_all(told) or not (more or more_groups):
                return self._rights(people, groups)
            start += _MOST

    def _rights(self, people: list[Any], groups: list[Any]) -> Rights:
        if not people and not groups:
            return _ANYBODY  # nobody is named: it is not restricted
        return Rights(frozenset(map(self._spaces.person, people)), frozenset(one["name"] for one in groups))


def _is_all(restrictions: Any) -> bool:
    """Whether the lists of people and groups are not just their first pages."""
    return all(len(restrictions[who]["results"]) < restrictions[who].get("limit", _MOST) for who in ("user", "group"))
