"""Lists the files of a WebDAV folder and hands them out."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator
from fnmatch import fnmatchcase
from urllib.parse import quote, unquote, urljoin, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from assistant.errors import DocumentUnreadableError, NotFoundError, SourceError, SourceUnreachableError
from assistant.types import Access, Change, Changed, Checkpoint, RawDocument
from plugins.net import PoliteClient, Reply
from plugins.webdav.listing import Item, asked, read_listing

_REDIRECTS = frozenset({301, 302, 307, 308})
_HOPS = 4
_LISTING_BYTES = 200_000_000


class WebdavConfig(BaseModel):
    """Which folder, who signs in, which of its files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        title="Folder", description="Its address, e.g. https://cloud.example.org/remote.php/dav/files/ann/Policies."
    )
    username: str = Field("", title="User name", description="Who signs in; empty: nobody.")
    password: SecretStr = Field(SecretStr(""), title="Password", description="For Nextcloud an app password.")
    shares: bool = Field(
        default=False,
        title="Readers from shares",
        description="Nextcloud: a file's owner may read it, and those that it, or a folder above it, is shared with.",
    )
    include: tuple[str, ...] = Field(
        (), title="Only", description="Paths with *, which also spans folders, e.g. *.pdf; empty: all."
    )
    exclude: tuple[str, ...] = Field((), title="Leave out", description="Likewise.")
    max_bytes: int = Field(100_000_000, ge=1, title="Largest file", description="Bytes; a larger one is a failure.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )

    @field_validator("url")
    @classmethod
    def _folder(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("it must be an http or https address without ? and #")
        if parts.username is not None:
            raise ValueError("put the sign-in into username and password: an address is no secret")
        return url.rstrip("/") + "/"


class WebdavSource:
    """Every file below the folder but hidden ones; the key is its path there. Safe to call from several threads."""

    def __init__(self, config: WebdavConfig) -> None:
        self._config = config
        self._root = unquote(urlsplit(config.url).path)
        self._client = PoliteClient(config.private_hosts, timeout_seconds=config.timeout_seconds)
        self._headers: dict[str, str] = {}
        if config.username:
            told = f"{config.username}:{config.password.get_secret_value()}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(told).decode()}"

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always all folders, one request each."""
        del cursor
        waiting, seen = deque([("", frozenset[str]())]), {""}
        while waiting:
            folder, above = waiting.popleft()
            items = self._items(folder, "1")
            if not folder and self._config.shares:
                above = self._readers(items.get("", Item("", is_folder=True, mark="")))
            for key, item in items.items():
                if any(part.startswith(".") for part in key.split("/")):
                    continue
                readers = above | self._readers(item) if self._config.shares else above
                if item.is_folder and key not in seen:
                    seen.add(key)
                    waiting.append((key, readers))
                elif key and not item.is_folder and self._is_wanted(key):
                    yield Changed(key, item.mark or None, Access(readers) if self._config.shares else None)
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parts = key.split("/")
        if any(part == "" or part.startswith(".") for part in parts) or not self._is_wanted(key):
            raise NotFoundError(f"{key!r} is no file of {self._config.url}")
        reply = self._ask("GET", key, {}, b"")
        if reply.status in {404, 410}:
            raise NotFoundError(f"{key} is gone")
        if reply.status == 403:
            raise DocumentUnreadableError(f"{key} is not handed out", "give the user the right to read it")
        self._refuse(key, reply, {200})
        return RawDocument(key, reply.body, "", parts[-1], self._address(key), self._access(key))

    def _access(self, key: str) -> Access | None:
        """Return who may read a file: its owner, and those that it or a folder above it is shared with."""
        if not self._config.shares:
            return None
        parts = key.split("/")
        readers: set[str] = set()
        for depth in range(len(parts) + 1):
            place = "/".join(parts[:depth])
            item = self._items(place, "0", is_folder=depth < len(parts)).get(place)
            if item is None:
                raise NotFoundError(f"{key} is gone")
            readers |= self._readers(item)
        return Access(frozenset(readers))

    def _items(self, place: str, depth: str, *, is_folder: bool = True) -> dict[str, Item]:
        """Return a folder with what is in it, or (depth 0) one thing alone, by key; nothing where it is not there."""
        ask = {"Depth": depth, "Content-Type": "application/xml"}
        reply = self._ask("PROPFIND", place, ask, asked(shares=self._config.shares), is_folder=is_folder)
        if reply.status == 404 and place:  # it went while we looked
            return {}
        self._refuse(place or "/", reply, {207})
        return {
            item.path.rstrip("/").removeprefix(self._root.rstrip("/")).lstrip("/"): item
            for item in read_listing(reply.url, reply.body)
            if f"{item.path}/".startswith(self._root)
        }

    def _readers(self, item: Item) -> frozenset[str]:
        if item.readers is None:
            raise SourceError(
                f"{self._config.url} does not tell the owner of {item.path or '/'}",
                "switch off `shares` where the server is no Nextcloud",
            )
        return item.readers

    def _is_wanted(self, key: str) -> bool:
        include, exclude = self._config.include, self._config.exclude
        inside = not include or any(fnmatchcase(key, glob) for glob in include)
        return inside and not any(fnmatchcase(key, glob) for glob in exclude)

    def _address(self, key: str) -> str:
        return self._config.url + quote(key)

    def _ask(self, method: str, key: str, headers: dict[str, str], body: bytes, *, is_folder: bool = False) -> Reply:
        """Ask for a file or a folder, along redirects as long as they stay on the server."""
        address = self._address(key) + ("/" if is_folder and key else "")
        most = self._config.max_bytes if method == "GET" else _LISTING_BYTES
        for _ in range(_HOPS):
            reply = self._client.request(method, address, most, {**self._headers, **headers}, body)
            if reply.status not in _REDIRECTS:
                return reply
            address = urljoin(address, reply.headers.get("location", ""))
            if urlsplit(address)[:2] != urlsplit(self._config.url)[:2]:
                raise SourceError(f"{self._config.url} leads to {address}", "if that is right, name that address")
        raise SourceError(f"{self._config.url} leads round in circles", "check the address")

    def _refuse(self, what: str, reply: Reply, wanted: set[int]) -> None:
        """Raise what an answer with another status means."""
        if reply.status in wanted:
            return
        told = f"{self._config.url} answers to {what} with status {reply.status}"
        if reply.is_busy or reply.status in {423, 507}:
            raise SourceUnreachableError(told, "the next sync tries again")
        if reply.status == 401:
            raise SourceError(f"{self._config.url} refuses the sign-in", "check user name and password")
        raise SourceError(told, "name a WebDAV folder that the user may list")
