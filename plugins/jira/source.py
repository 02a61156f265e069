"""Lists issues of Jira projects and their attachments, and hands them out."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, field_validator

from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Access, Change, RawDocument
from plugins.jira.issues import Issues
from plugins.jira.rights import Projects
from plugins.vendors import (
    ChangesConfig,
    Comment,
    Item,
    Page,
    Readers,
    earlier,
    listing,
    reading,
    thread_html,
    understood,
)
from plugins.vendors.atlassian import AtlassianFields, signed_in
from plugins.vendors.config import is_principal

_KEY = re.compile(r"([A-Z][A-Z0-9_]*)/(\1-[1-9]\d{0,11})(?:/attachments/(\d{1,18})/[^/]+)?")
_DAY = 86400


class JiraConfig(ChangesConfig, AtlassianFields):
    """Which Jira, and which of its projects."""

    url: str = Field(title="Address", description="Cloud: https://NAME.atlassian.net; else the server's base URL.")
    projects: tuple[str, ...] = Field(
        (), title="Projects", description="Their keys; empty: all that the token may see."
    )
    attachments: bool = Field(default=True, title="Attachments", description="Whether they are documents too.")
    levels: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        title="Security levels",
        description='Who reads issues of a level, by its name, e.g. {"Internal": ["group:staff"]}. Data Center does not'
        " tell; in the Cloud this goes before what it tells.",
    )

    @field_validator("projects")
    @classmethod
    def _are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if not re.fullmatch(r"[A-Z][A-Z0-9_]*", key):
                raise ValueError(f"{key} is no key of a project: it is what the names of its issues begin with")
        return keys

    @field_validator("levels")
    @classmethod
    def _have_readers(cls, levels: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, readers in levels.items():
            if not all(map(is_principal, readers)):
                raise ValueError(f"the readers of {name} must be user:ID or group:NAME")
        return levels


class JiraSource:
    """Issues; the key is `PROJECT/ISSUE`, with `/attachments/ID/NAME` for what is attached. Safe for several threads.

    What changed is asked for by day; readers are those of the project whom the issue's security level lets.
    """

    def __init__(self, config: JiraConfig) -> None:
        self._config = config
        api = signed_in("Jira", config.url, config.username, config)
        is_cloud = config.edition == "cloud"
        self._readers = Readers(config)
        self._issues = Issues(api, is_cloud=is_cloud)
        self._projects = Projects(api, self._readers, config.projects, config.refresh_seconds, is_cloud=is_cloud)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        projects = Projects.anew(self._projects)

        def places() -> Mapping[str, str]:
            named = json.dumps(self._config.levels, sort_keys=True)
            return {key: f"{projects.mark(key)} {named}" for key in projects.keys()}  # noqa: SIM118 - a method

        def pages(place: str, since: str) -> Iterator[Page]:
            until = since
            day = earlier(since, _DAY).strftime("%Y-%m-%d") if since else ""  # its midnight is the token's user's
            for found in self._issues.changed(place, day):
                moments = [earlier(issue["fields"]["updated"], 0).isoformat() for issue in found]
                until = max([until, *moments])
                yield Page(tuple(item for issue in found for item in self._items(projects, place, issue)), until)

        return listing("Jira", cursor, places, pages, self._config.relist_hours * 3600, time.time())

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parsed = _KEY.fullmatch(key)
        if parsed is None:
            raise NotFoundError(f"{key!r} is no issue of this Jira")
        project, name, attachment = parsed.groups()
        with understood("Jira"):
            if not self._projects.holds(project):
                raise NotFoundError(f"{key} is in none of the configured projects")
            issue = self._issues.one(name)
            access = self._access(self._projects, project, issue)
            if attachment:
                return self._attachment(key, issue, attachment, access)
            said, hidden = self._issues.comments(name)
        fields = issue["fields"]
        comments = [Comment(_name(one, "author"), one["created"], one["renderedBody"]) for one in said]
        if hidden:
            comments.append(
                Comment("Jira", "", f"{hidden} comments are for some readers only, and left out.", "left out")
            )
        title = f"{name}: {fields['summary']}"
        body = issue["renderedFields"].get("description") or ""
        data = thread_html(title, _facts(fields), body, comments)
        if len(data) > self._config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {len(data):,} bytes, the limit is {self._config.max_bytes:,}",
                "raise max_bytes of the source",
            )
        return RawDocument(key, data, "text/html", title, f"{self._config.url}/browse/{name}", access)

    def probe(self) -> str:
        """Say what the configuration reaches, in a line; raises SourceError with what is wrong."""
        with reading("Jira"):
            keys = sorted(self._projects.keys())
            for key in keys[:1]:
                self._projects.mark(key)
        return f"the token reads {len(keys)} projects: {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}"

    def _items(self, projects: Projects, project: str, issue: Any) -> Iterator[Item]:
        fields, key = issue["fields"], f"{project}/{issue['key']}"
        access = self._access(projects, project, issue)
        yield Item(key, fields["updated"], access)
        for file in fields.get("attachment") or () if self._config.attachments else ():
            yield Item(f"{key}/attachments/{file['id']}/{_file(file)}", file["created"], access)

    def _access(self, projects: Projects, project: str, issue: Any) -> Access | None:
        if not self._readers.are_asked_for:
            return None
        level = issue["fields"].get("security")
        named = self._config.levels.get(level["name"]) if level else None
        access = self._readers.access(projects.rights(project, issue["fields"], None if named is not None else level))
        if access is None or named is None:
            return access
        return Access(frozenset(named))  # instead of the project's readers, for the admin knows who of them it is

    def _attachment(self, key: str, issue: Any, number: str, access: Access | None) -> RawDocument:
        for file in issue["fields"].get("attachment") or ():
            if str(file["id"]) == number and key.endswith(f"/{_file(file)}"):
                data = self._issues.download(file["content"], self._config.max_bytes)
                told = "" if file["mimeType"] == "application/octet-stream" else file["mimeType"]
                address = f"{self._config.url}/browse/{issue['key']}"
                return RawDocument(key, data, told, file["filename"], address, access)
        raise NotFoundError(f"{key} is not attached any more")


def _facts(fields: Any) -> dict[str, str]:
    return {
        "Project": fields["project"]["name"],
        "Type": _name(fields, "issuetype", "name"),
        "Status": _name(fields, "status", "name"),
        "Priority": _name(fields, "priority", "name"),
        "Reporter": _name(fields, "reporter"),
        "Assigned to": _name(fields, "assignee"),
        "Labels": ", ".join(fields.get("labels") or ()),
        "Created": fields["created"],
    }


def _name(found: Any, what: str, how: str = "displayName") -> str:
    return str((found.get(what) or {}).get(how, ""))


def _file(file: Any) -> str:
    return str(file["filename"]).replace("/", "_")
