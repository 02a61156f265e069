"""The repositories that a token may see, and who reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assistant.errors import NotFoundError, SourceError
from assistant.types import Access
from plugins.vendors import Kept, Person, Readers, Refused, Rights, VendorApi, VendorConfig, digest


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; `readers` is the digest of `access`."""

    name: str
    has_issues: bool
    has_discussions: bool
    access: Access | None
    readers: str


class Repositories:
    """Those that are configured.

    Args:
        api: of the server.
        config: how readers are named here.
        names: `OWNER/NAME` or `OWNER/*`.
    """

    def __init__(self, api: VendorApi, config: VendorConfig, names: Sequence[str]) -> None:
        self._api, self._names = api, names
        self._readers = Readers(config)
        self._kept = Kept(config.refresh_seconds)

    def holds(self, name: str) -> bool:
        """Whether a repository is among the configured ones."""
        owner = name.partition("/")[0].casefold()
        return any(one.casefold() in {name.casefold(), f"{owner}/*"} for one in self._names)

    def all(self) -> Iterator[Repository]:
        """Yield each once, with its readers as they are now.

        Raises:
            SourceError: one is not there, or its readers may not be seen.
        """
        seen: set[str] = set()
        for name in self._names:
            for found in self._found(name):
                if found["full_name"] not in seen:
                    seen.add(found["full_name"])
                    access = self._access(found)
                    yield Repository(
                        found["full_name"],
                        bool(found["has_issues"]),
                        bool(found.get("has_discussions")),
                        access,
                        digest(access),
                    )

    def access(self, name: str) -> Access | None:
        """Return who may read a repository now, or up to `refresh_seconds` ago.

        Raises:
            NotFoundError: there is no such repository any more.
        """
        access: Access | None = self._kept.get(name, lambda: self._access(self._api.json(f"/repos/{quote(name)}")))
        return access

    def _found(self, name: str) -> Iterator[Any]:
        owner, _, repository = name.partition("/")
        try:
            if repository != "*":
                yield self._api.json(f"/repos/{quote(name)}")
                return
            try:
                yield from self._listed(f"/orgs/{quote(owner)}/repos")
            except NotFoundError:  # a person's, not an organisation's
                yield from self._listed(f"/users/{quote(owner)}/repos")
        except (NotFoundError, Refused) as error:
            raise SourceError(
                f"GitHub has no repository {name} that the token may see",
                "check the name, and give the token the right to read it",
            ) from error

    def _listed(self, path: str) -> Iterator[Any]:
        for page in self._api.pages(path, {"per_page": 100}):
            yield from page

    def _access(self, repository: Any) -> Access | None:
        if not self._readers.are_asked_for:
            return None
        name = repository["full_name"]
        visibility = repository.get("visibility") or ("private" if repository["private"] else "public")
        if visibility == "public":
            return self._readers.access(Rights(public=True))
        groups = {"internal"} if visibility == "internal" else set()
        try:
            people = {Person(one["login"]) for one in self._listed(f"/repos/{quote(name)}/collaborators")}
            if self._readers.know_groups:
                owner = name.partition("/")[0]
                groups |= {f"{owner}/{team['slug']}" for team in self._listed(f"/repos/{quote(name)}/teams")}
        except Refused as error:
            raise SourceError(
                f"the token may not see who reads {name}",
                "give its user the right to write there, which GitHub asks for this; or set `readers` to rule",
            ) from error
        return self._readers.access(Rights(frozenset(people), frozenset(groups)))
