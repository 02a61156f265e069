"""Lists what people write in GitLab projects and hands it out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Change, RawDocument
from plugins.gitlab.projects import Project, Projects
from plugins.gitlab.threads import thread, thread_pages, wiki_page, wiki_pages
from plugins.vendors import ChangesConfig, Page, VendorApi, listing, reading, understood, web_address

Kind = Literal["issues", "merge_requests", "wiki"]
_PROJECT = r"[\w.+-]+(?:/[\w.+-]+)+"
_KEY = re.compile(rf"({_PROJECT}?)/(issues|merge_requests|wiki)/(.+)")


class GitlabConfig(ChangesConfig):
    """Which projects, and what of them."""

    url: str = Field("https://gitlab.com", title="Address", description="Of the server; its API is below /api/v4.")
    projects: tuple[str, ...] = Field(
        min_length=1, title="Projects", description="GROUP/NAME, or GROUP/* for all in a group and its subgroups."
    )
    kinds: tuple[Kind, ...] = Field(
        ("issues", "merge_requests", "wiki"), min_length=1, title="What", description="Which of it are documents."
    )

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        return web_address(url)

    @field_validator("projects")
    @classmethod
    def _full_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        for path in paths:
            if not re.fullmatch(rf"{_PROJECT}|[\w.+/-]+/\*", path):
                raise ValueError(f"{path} is not GROUP/NAME or GROUP/*")
        return paths


class GitlabSource:
    """Threads and wiki pages; the key is `PROJECT/issues|merge_requests/NUMBER` or `PROJECT/wiki/PAGE`.

    Safe to call from several threads.
    """

    def __init__(self, config: GitlabConfig) -> None:
        self._config = config
        headers = {"PRIVATE-TOKEN": config.token.get_secret_value(), "Accept": "application/json"}
        self._api = VendorApi("GitLab", f"{config.url}/api/v4", config, headers)
        self._projects = Projects(self._api, config, config.projects)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        found: dict[str, Project] = {}

        def places() -> Mapping[str, str]:
            rights: dict[str, str] = {}
            for project in self._projects.all():
                found[project.path] = project
                rights |= {f"{project.path} {kind}": project.mark(kind) for kind in self._kinds(project)}
            return rights

        def pages(place: str, since: str) -> Iterator[Page]:
            path, _, kind = place.partition(" ")
            if kind == "wiki":
                return wiki_pages(self._api, found[path])
            return thread_pages(self._api, found[path], kind, since)

        return listing("GitLab", cursor, places, pages, self._config.relist_hours * 3600, time.time())

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parsed = _KEY.fullmatch(key)
        path, kind, name = parsed.groups() if parsed else ("", "", "")
        leads_out = {"", ".", ".."} & set(key.split("/"))
        if leads_out or kind not in self._config.kinds or not self._projects.holds(path):
            raise NotFoundError(f"{key!r} is in none of these projects")
        with understood("GitLab"):
            project = self._projects.one(path)
            raw = self._read(project, key, kind, name)
        if len(raw.data) > self._config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {len(raw.data):,} bytes, the limit is {self._config.max_bytes:,}",
                "raise max_bytes of the source",
            )
        return raw

    def probe(self) -> str:
        """Say what the configuration reaches, in a line; raises SourceError with what is wrong."""
        with reading("GitLab"):
            paths = [project.path for project in self._projects.all()]
        return f"the token reads {len(paths)} projects: {', '.join(paths[:5])}{', …' if len(paths) > 5 else ''}"

    def _kinds(self, project: Project) -> list[Any]:
        return [kind for kind in self._config.kinds if project.has(kind)]

    def _read(self, project: Project, key: str, kind: str, name: str) -> RawDocument:
        if kind == "wiki":
            title, media_type, data = wiki_page(self._api, project, name)
            return RawDocument(key, data, media_type, title, f"{project.address}/-/wikis/{name}", project.access(kind))
        if not re.fullmatch(r"[1-9]\d{0,11}", name):
            raise NotFoundError(f"{key!r} is no number of a thread")
        found, data = thread(self._api, project, kind, int(name))
        return RawDocument(key, data, "text/markdown", found["title"], found["web_url"], project.access(kind, found))
