"""Lists what people write in GitHub repositories and hands it out, a thread a document."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field, field_validator

from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Change, RawDocument
from plugins.github.discussions import discussion, discussion_pages
from plugins.github.repositories import Repositories, Repository
from plugins.github.threads import issue, issue_pages, pull_pages
from plugins.vendors import ChangesConfig, Page, VendorApi, listing, reading, understood, web_address

Kind = Literal["issues", "pulls", "discussions"]
_KEY = re.compile(r"([\w.-]+/[\w.-]+)/(issues|pulls|discussions)/([1-9]\d{0,11})")


class GithubConfig(ChangesConfig):
    """Which repositories, and what of them."""

    url: str = Field(
        "https://api.github.com",
        title="API",
        description="Its address; on a server of your own https://github.example.org/api/v3.",
    )
    repositories: tuple[str, ...] = Field(
        min_length=1, title="Repositories", description="OWNER/NAME, or OWNER/* for all of an organisation."
    )
    kinds: tuple[Kind, ...] = Field(
        ("issues", "pulls", "discussions"), min_length=1, title="What", description="Which threads are documents."
    )

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        return web_address(url)

    @field_validator("repositories")
    @classmethod
    def _full_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not re.fullmatch(r"[\w.-]+/([\w.-]+|\*)", name):
                raise ValueError(f"{name} is not OWNER/NAME or OWNER/*")
        return names


class GithubSource:
    """Threads of the repositories; the key is `OWNER/NAME/issues|pulls|discussions/NUMBER`. Safe for several threads.

    What changes is asked for by its time of change; readers are those of the repository.
    """

    def __init__(self, config: GithubConfig) -> None:
        self._config = config
        headers = {
            "Authorization": f"Bearer {config.token.get_secret_value()}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._api = VendorApi("GitHub", config.url, config, headers)
        self._repositories = Repositories(self._api, config, config.repositories)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        found: dict[str, Repository] = {}

        def places() -> Mapping[str, str]:
            rights: dict[str, str] = {}
            for repository in self._repositories.all():
                found[repository.name] = repository
                rights |= {f"{repository.name} {kinds}": repository.readers for kinds in self._kinds(repository)}
            return rights

        def pages(place: str, since: str) -> Iterator[Page]:
            name, _, kinds = place.partition(" ")
            if kinds == "discussions":
                return discussion_pages(self._api, found[name], since)
            if kinds == "pulls" and not found[name].has_issues:
                return pull_pages(self._api, found[name], since)
            return issue_pages(self._api, found[name], since, kinds.split(","))

        return listing("GitHub", cursor, places, pages, self._config.relist_hours * 3600, time.time())

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parsed = _KEY.fullmatch(key)
        name, kind, number = parsed.groups() if parsed else ("", "", "")
        if kind not in self._config.kinds or not self._repositories.holds(name):
            raise NotFoundError(f"{key!r} is no thread of these repositories")
        load = discussion if kind == "discussions" else issue
        with understood("GitHub"):
            access = self._repositories.access(name)
            title, uri, data = load(self._api, name, kind, int(number))
        if len(data) > self._config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {len(data):,} bytes, the limit is {self._config.max_bytes:,}",
                "raise max_bytes of the source",
            )
        return RawDocument(key, data, "text/markdown", title, uri, access)

    def probe(self) -> str:
        """Say what the configuration reaches, in a line; raises SourceError with what is wrong."""
        with reading("GitHub"):
            names = [repository.name for repository in self._repositories.all()]
        return f"the token reads {len(names)} repositories: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"

    def _kinds(self, repository: Repository) -> Iterator[str]:
        """Yield what is listed together of a repository: issues and pull requests are one list there."""
        kinds = self._config.kinds
        together = [
            kind for kind in ("issues", "pulls") if kind in kinds and (repository.has_issues or kind == "pulls")
        ]
        if together:
            yield ",".join(together)
        if "discussions" in kinds and repository.has_discussions:
            yield "discussions"
