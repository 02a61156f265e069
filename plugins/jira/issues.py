"""Asks Jira for issues, their comments and attachments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from assistant.errors import NotFoundError
from plugins.vendors import VendorApi

_MOST = 100  # a page
_AGAIN = 20  # issues that are listed twice: pages shift when one changes meanwhile
_LISTED = "updated,security,attachment,reporter,assignee"
_READ = f"{_LISTED},summary,description,status,issuetype,priority,labels,created,project"


class Issues:
    """The issues of a server.

    Args:
        api: of the server.
        is_cloud: whether it has version 3 of the API, and its search by tokens.
    """

    def __init__(self, api: VendorApi, *, is_cloud: bool) -> None:
        self._api, self._is_cloud = api, is_cloud
        self._root = "/rest/api/3" if is_cloud else "/rest/api/2"

    def changed(self, project: str, day: str) -> Iterator[list[Any]]:
        """Yield pages of a project's issues, the oldest change first.

        Args:
            project: its key.
            day: `YYYY-MM-DD`: those that changed on or after it; "" for all.
        """
        since = f' AND updated >= "{day}"' if day else ""
        jql = f'project = "{project}"{since} ORDER BY updated ASC, key ASC'
        asked: dict[str, str | int] = {"jql": jql, "fields": _LISTED, "maxResults": _MOST}
        return self._by_token(asked) if self._is_cloud else self._by_number(asked)

    def one(self, name: str) -> Any:
        """Return an issue with its text as HTML; raises NotFoundError where it is gone, or has another name now."""
        asked = {"fields": _READ, "expand": "renderedFields"}
        found = self._api.json(f"{self._root}/issue/{quote(name)}", asked)
        if found["key"] != name:  # Jira leads old names to where the issue was moved
            raise NotFoundError(f"{name} is {found['key']} now")
        return found

    def comments(self, name: str) -> tuple[list[Any], int]:
        """Return the comments on an issue that all its readers may read, as HTML, and how many others there are."""
        found: list[Any] = []
        while True:
            asked: dict[str, str | int] = {"expand": "renderedBody", "startAt": len(found), "maxResults": _MOST}
            told = self._api.json(f"{self._root}/issue/{quote(name)}/comment", asked)
            found += told["comments"]
            if not told["comments"] or len(found) >= told["total"]:
                break
        shown = [comment for comment in found if not comment.get("visibility")]
        return shown, len(found) - len(shown)

    def download(self, address: str, max_bytes: int) -> bytes:
        """Return an attachment's bytes; raises as `VendorApi.download`."""
        return self._api.download(address, max_bytes)

    def _by_token(self, asked: dict[str, str | int]) -> Iterator[list[Any]]:
        while True:
            found = self._api.json(f"{self._root}/search/jql", asked)
            yield found["issues"]
            token = found.get("nextPageToken")
            if not token:
                return
            asked = {**asked, "nextPageToken": token}

    def _by_number(self, asked: dict[str, str | int]) -> Iterator[list[Any]]:
        start = 0
        while True:
            found = self._api.json(f"{self._root}/search", {**asked, "startAt": start})
            issues = found["issues"]
            yield issues
            if not issues or start + len(issues) >= found["total"]:
                return
            start += max(1, len(issues) - _AGAIN)
