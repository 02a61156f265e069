"""Asks a vendor's REST API: signed in, page by page, within its limits of requests."""

from __future__ import annotations

import datetime
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from assistant.errors import DocumentUnreadableError, NotFoundError, SourceError, SourceUnreachableError
from plugins.net import PoliteClient, Reply
from plugins.vendors.config import VendorConfig

_ANSWER_BYTES = 100_000_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOVED = frozenset({301, 307, 308})  # within a server: an issue that is in another repository now, and is read there
_HOPS = 4
_TRIES = 4
_LONGEST = 90.0  # seconds; who asks for more is asked again by the next sync
_PAUSE = 60.0  # seconds, where a limit is named without a time
_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*\brel="?next"?')

Refused = DocumentUnreadableError
Parameters = Mapping[str, str | int]


class VendorApi:
    """One server's API. Safe to call from several threads.

    Args:
        vendor: its name in messages.
        base: the address that all paths are below; without `/` at its end.
        config: limits.
        headers: sent with every request to that server, and to no other.
    """

    def __init__(self, vendor: str, base: str, config: VendorConfig, headers: Mapping[str, str]) -> None:
        self.vendor, self.base = vendor, base
        self._headers = dict(headers)
        self._client = PoliteClient(config.private_hosts, timeout_seconds=config.timeout_seconds)

    def json(self, path: str, parameters: Parameters | None = None) -> Any:
        """Return the JSON that stands at a path, or at an address of this server.

        Raises:
            NotFoundError: there is none.
            Refused: the token has no right to it.
            SourceError: the token is refused, or what came is no JSON.
            SourceUnreachableError: the server does not answer, or its limit of requests is used up.
        """
        return self._parsed(self._reply("GET", self._address(path, parameters)))

    def pages(self, path: str, parameters: Parameters | None = None) -> Iterator[Any]:
        """Yield what stands at a path, and then at each next page that the `Link` header names; raises as `json`."""
        address = self._address(path, parameters)
        while address:
            reply = self._reply("GET", address)
            yield self._parsed(reply)
            found = _NEXT.search(reply.headers.get("link", ""))
            address = self._address(found.group(1)) if found else ""

    def post(self, path: str, body: Any) -> Any:
        """Send JSON that only asks, and return the answer; raises as `json`."""
        told = json.dumps(body).encode()
        return self._parsed(self._reply("POST", self._address(path), told))

    def download(self, path: str, max_bytes: int) -> bytes:
        """Return the bytes at a path, also where they lie on another server, which does not get the token.

        Raises:
            DocumentTooLargeError: there are more.
            NotFoundError, Refused, SourceError, SourceUnreachableError: as `json`.
        """
        address = self._address(path)
        for _ in range(_HOPS):
            reply = self._asked("GET", address, b"", max_bytes)
            if reply.status not in _REDIRECTS:
                return self._accepted(reply).body
            address = urljoin(address, reply.headers.get("location", ""))
        raise SourceError(f"{self.vendor} leads round in circles to {path}", "try again; or report it")

    def _address(self, path: str, parameters: Parameters | None = None) -> str:
        address = path if "://" in path else self.base + path
        if not self._is_own(address):
            host = urlsplit(address).hostname
            raise SourceError(
                f"{self.vendor} at {self.base} leads to {host}", "configure the address that the server itself uses"
            )
        return f"{address}?{urlencode(parameters)}" if parameters else address

    def _is_own(self, address: str) -> bool:
        return urlsplit(address)[:2] == urlsplit(self.base)[:2]

    def _reply(self, method: str, address: str, body: bytes = b"") -> Reply:
        return self._accepted(self._asked(method, address, body, _ANSWER_BYTES))

    def _asked(self, method: str, address: str, body: bytes, most: int) -> Reply:
        headers = dict(self._headers) if self._is_own(address) else {}
        if body:
            headers["Content-Type"] = "application/json"
        for left in range(_TRIES - 1, -1, -1):
            reply = self._client.request(method, address, most, headers, body)
            wait = _limited(reply)
            if wait is None:
                return reply
            if not left or wait > _LONGEST:
                raise SourceUnreachableError(
                    f"{self.vendor} takes no more requests for {wait:.0f} s",
                    "the next sync goes on where this one ended",
                )
            time.sleep(wait)
        raise AssertionError("unreachable")

    def _accepted(self, reply: Reply) -> Reply:
        """Return an answer that holds what was asked for; raise what any other one means."""
        status, path = reply.status, urlsplit(reply.url).path
        if 200 <= status < 300:
            return reply
        if status == 401:
            raise SourceError(f"{self.vendor} at {self.base} refuses the token", "make a new one and configure it")
        if status == 403:
            raise Refused(f"{self.vendor} does not let the token read {path}", "give it, or its user, that right")
        there = reply.headers.get("location", "")
        if status in _REDIRECTS and not (status in _MOVED and self._is_own(urljoin(reply.url, there))):
            raise SourceError(
                f"{self.vendor} leads from {path} to {urlsplit(there).netloc or there}",
                "check whether a page for signing in answers in its place",
            )
        if status in {*_REDIRECTS, 404, 410}:
            raise NotFoundError(f"{self.vendor} has nothing at {path} that the token may see")
        if reply.is_busy:
            raise SourceUnreachableError(
                f"{self.vendor} answers for {path} with status {status}", "the next sync tries again"
            )
        raise SourceError(f"{self.vendor} answers for {path} with status {status}", "check the source's configuration")

    def _parsed(self, reply: Reply) -> Any:
        try:
            return json.loads(reply.body)
        except ValueError as error:
            raise SourceError(
                f"what {self.base} answers for {urlsplit(reply.url).path} is not the API of {self.vendor}",
                "check the address: it is the API's, not a page for people",
            ) from error


def _limited(reply: Reply) -> float | None:
    """Return for how many seconds a server wants no requests; None where it does not refuse for that."""
    headers = reply.headers
    used_up = "0" in {headers.get("x-ratelimit-remaining"), headers.get("ratelimit-remaining")}
    told = used_up or "retry-after" in headers or b"rate limit" in reply.body[:1000].lower()
    if reply.status != 429 and not (reply.status == 403 and told):
        return None
    asked = headers.get("retry-after", "")
    if asked.strip().isdigit():
        return float(asked)
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        if name in headers:
            return _until(headers[name])
    return _PAUSE


def _until(moment: str) -> float:
    try:
        when = float(moment) if moment.isdigit() else datetime.datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return _PAUSE
    return max(1.0, when - time.time())
