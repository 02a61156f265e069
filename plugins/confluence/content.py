"""Asks Confluence for pages, comments and attachments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.errors import NotFoundError
from plugins.vendors import VendorApi
from plugins.vendors.atlassian import results

_MOST = 100  # a page
_SEARCH = "/rest/api/content/search"
_RESTRICTED = "restrictions.read.restrictions.user,restrictions.read.restrictions.group"
_EXPANDED = f"space,version,container,ancestors,extensions,{_RESTRICTED}"


class Content:
    """The content of a server. Lists come from its search in both editions, bodies from the edition's own API.

    Args:
        api: of the server.
        is_cloud: whether it has version 2 of the API.
    """

    def __init__(self, api: VendorApi, *, is_cloud: bool) -> None:
        self._api, self._is_cloud = api, is_cloud

    def of_space(self, space: str) -> Iterator[Any]:
        """Yield pages, blog posts, attachments and comments of a space, with their restrictions."""
        wanted = f'space = "{space}" and type in (page, blogpost, attachment, comment) order by created'
        yield from results(self._api, _SEARCH, {"cql": wanted, "limit": _MOST, "expand": _EXPANDED})

    def page(self, number: str) -> Any:
        """Return a page or blog post by its id, with its restrictions.

        Raises:
            NotFoundError: there is none.
        """
        if not self._is_cloud:
            return self._api.json(f"/rest/api/content/{number}", {"expand": _EXPANDED})
        for found in results(self._api, _SEARCH, {"cql": f"id = {number}", "limit": _MOST, "expand": _EXPANDED}):
            if str(found["id"]) == str(number):
                return found
        raise NotFoundError(f"Confluence has no page with the id {number} that the token may see")

    def attachment(self, number: str) -> Any:
        """Return an attachment by its id, as the search shows it; raises NotFoundError where there is none."""
        if not self._is_cloud:
            return self._api.json(f"/rest/api/content/{number}", {"expand": "space,version,container,extensions"})
        found = self._api.json(f"/api/v2/attachments/{number}")
        if found["status"] != "current":
            raise NotFoundError(f"the attachment {number} is {found['status']}")
        container = self.page(found.get("pageId") or found["blogPostId"])
        return {
            "id": found["id"],
            "type": "attachment",
            "title": found["title"],
            "space": container["space"],
            "container": container,
            "extensions": {"mediaType": found["mediaType"]},
            "_links": {"download": found["downloadLink"], "webui": found["webuiLink"]},
        }

    def body(self, kind: str, number: str) -> str:
        """Return the HTML of a page as it is now.

        Args:
            kind: `pages` or `blogposts`.
            number: its id.

        Raises:
            NotFoundError: it is gone, or in the trash.
        """
        if self._is_cloud:
            found = self._api.json(f"/api/v2/{kind}/{number}", {"body-format": "export_view"})
        else:
            found = self._api.json(f"/rest/api/content/{number}", {"expand": "body.export_view"})
        if found.get("status") != "current":
            raise NotFoundError(f"{kind} {number} is {found.get('status')}")
        return str(found["body"]["export_view"]["value"])

    def comments(self, number: str) -> list[Any]:
        """Return the comments on a page, the oldest first."""
        asked: dict[str, str | int] = {
            "cql": f"type = comment and container = {number} order by created",
            "limit": _MOST,
            "expand": "body.export_view,history,version",
        }
        return list(results(self._api, _SEARCH, asked))

    def download(self, path: str, max_bytes: int) -> bytes:
        """Return an attachment's bytes; raises as `VendorApi.download`."""
        return self._api.download(path, max_bytes)
