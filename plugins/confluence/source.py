"""Lists pages, blog posts and attachments of Confluence spaces and hands them out."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, field_validator

from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Access, Change, RawDocument
from plugins.confluence.content import Content
from plugins.confluence.rights import Restrictions, Spaces
from plugins.vendors import (
    Comment,
    Item,
    Page,
    Readers,
    VendorConfig,
    digest,
    listing,
    reading,
    thread_html,
    understood,
)
from plugins.vendors.atlassian import AtlassianFields, signed_in

_KEY = re.compile(r"([\w.~-]+)/(pages|blogposts|attachments)/((?:att)?\d{1,18})(?:/[^/]+)?")
_KINDS = {"page": "pages", "blogpost": "blogposts", "attachment": "attachments"}
_OCTETS = "application/octet-stream"


class ConfluenceConfig(VendorConfig, AtlassianFields):
    """Which Confluence, and which of its spaces."""

    url: str = Field(
        title="Address",
        description="Cloud: https://NAME.atlassian.net/wiki; else the server's base URL, https://wiki.example.org.",
    )
    spaces: tuple[str, ...] = Field(
        (), title="Spaces", description="Their keys; empty: all but the personal ones that the token may see."
    )
    attachments: bool = Field(default=True, title="Attachments", description="Whether they are documents too.")

    @field_validator("spaces")
    @classmethod
    def _are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if not re.fullmatch(r"[\w.~-]+", key):
                raise ValueError(f"{key} is no key of a space: it stands in the address of its pages")
        return keys


class ConfluenceSource:
    """Pages and what hangs on them; the key is `SPACE/pages|blogposts|attachments/ID`. Safe for several threads.

    Restrictions do not change a page's date, so that every sync lists everything; only what changed is read.
    """

    def __init__(self, config: ConfluenceConfig) -> None:
        self._config = config
        api = signed_in("Confluence", config.url, config.username, config)
        is_cloud = config.edition == "cloud"
        self._readers = Readers(config)
        self._content = Content(api, is_cloud=is_cloud)
        self._spaces = Spaces(api, self._readers, config.spaces, config.refresh_seconds, is_cloud=is_cloud)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        spaces = Spaces.anew(self._spaces)

        def places() -> Mapping[str, str]:
            return {key: digest(self._readers.access(spaces.rights(key))) for key in spaces.keys()}  # noqa: SIM118 - a method

        def pages(place: str, since: str) -> Iterator[Page]:
            if since:  # it was listed before a listing broke
                return
            yield Page(tuple(self._items(spaces, place)), "listed")

        return listing("Confluence", cursor, places, pages, 0, time.time())

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parsed = _KEY.fullmatch(key)
        if parsed is None:
            raise NotFoundError(f"{key!r} is no page of this Confluence")
        space, kind, number = parsed.groups()
        with understood("Confluence"):
            found = self._content.attachment(number) if kind == "attachments" else self._content.page(number)
            if self._key(found) != key or not self._spaces.holds(space):
                raise NotFoundError(f"{key} is gone, or elsewhere now")
            access = self._access(Restrictions(self._spaces), found)
            if kind == "attachments":
                return self._attachment(key, found, access)
            body = self._content.body(kind, number)
            said = self._content.comments(number)
        facts = {"Space": found["space"]["name"], "Updated": found["version"]["when"], "By": _name(found["version"])}
        comments = [
            Comment(
                _name(one["history"], "createdBy"), one["history"]["createdDate"], one["body"]["export_view"]["value"]
            )
            for one in said
        ]
        data = thread_html(found["title"], facts, body, comments)
        self._check_size(key, len(data))
        return RawDocument(key, data, "text/html", found["title"], self._address(found), access)

    def probe(self) -> str:
        """Say what the configuration reaches, in a line; raises SourceError with what is wrong."""
        with reading("Confluence"):
            keys = sorted(self._spaces.keys())
            for key in keys[:1]:
                self._spaces.rights(key)
        return f"the token reads {len(keys)} spaces: {', '.join(keys[:5])}{', …' if len(keys) > 5 else ''}"

    def _items(self, spaces: Spaces, space: str) -> Iterator[Item]:
        """Yield all documents of a space, each with a mark of its version, its comments and its readers."""
        found = list(self._content.of_space(space))
        restrictions = Restrictions(spaces)
        said: dict[str, list[str]] = {}
        for one in found:
            restrictions.take(one)
            if one["type"] == "comment":
                said.setdefault(str(one["container"]["id"]), []).append(f"{one['id']}.{one['version']['number']}")
        for one in found:
            if one["type"] not in _KINDS or (one["type"] == "attachment" and not self._config.attachments):
                continue
            comments = " ".join(sorted(said.get(str(one["id"]), ())))
            mark = hashlib.sha256(comments.encode()).hexdigest()[:8] if comments else "-"
            yield Item(self._key(one), f"{one['version']['number']} {mark}", self._access(restrictions, one))

    def _access(self, restrictions: Restrictions, found: Any) -> Access | None:
        if not self._readers.are_asked_for:
            return None
        if found["type"] == "attachment":  # it is read by whoever reads its page
            container = restrictions.page(str(found["container"]["id"])) or self._content.page(found["container"]["id"])
            return self._readers.access(restrictions.rights(container))
        return self._readers.access(restrictions.rights(found))

    def _attachment(self, key: str, found: Any, access: Access | None) -> RawDocument:
        data = self._content.download(found["_links"]["download"], self._config.max_bytes)
        told = found.get("extensions", {}).get("mediaType") or found.get("metadata", {}).get("mediaType", "")
        kind = "" if told == _OCTETS else told
        return RawDocument(key, data, kind, found["title"], self._address(found), access)

    def _check_size(self, key: str, size: int) -> None:
        if size > self._config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {size:,} bytes, the limit is {self._config.max_bytes:,}", "raise max_bytes of the source"
            )

    def _address(self, found: Any) -> str:
        return f"{self._config.url}{found['_links']['webui']}"

    def _key(self, found: Any) -> str:
        kind = _KINDS.get(found["type"], "")
        name = f"/{found['title'].replace('/', '_')}" if kind == "attachments" else ""
        return f"{found['space']['key']}/{kind}/{found['id']}{name}"


def _name(found: Any, who: str = "by") -> str:
    return str((found.get(who) or {}).get("displayName", ""))
