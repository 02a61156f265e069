"""HTTP requests that wait for their turn, take no for an answer, and end."""

from __future__ import annotations

import email.utils
import threading
import time
import weakref
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx

from assistant.errors import DocumentTooLargeError, SourceError, SourceUnreachableError
from plugins.net.guard import GuardedTransport

BUSY = frozenset({429, 500, 502, 503, 504})
USER_AGENT = "AssistantBot/0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered. `headers` have lower-case names."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_busy(self) -> bool:
        """Whether the server may answer better another time."""
        return self.status in BUSY

    @property
    def media_type(self) -> str:
        """The type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class PoliteClient:
    """Asks a host at most once in `delay_seconds`, and a busy one again as it wishes. Safe for several threads.

    Args:
        private_hosts: hosts that may lie in a private network.
        delay_seconds: between two requests to one host; `slow_down` raises it for one.
        timeout_seconds: for each step of a request; the whole of it may take ten times as long.
        tries: how often a busy or silent server is asked.
        longest_wait: seconds; a server that wants to be left alone for longer is not asked again now.
        user_agent: what the client calls itself.
    """

    def __init__(
        self,
        private_hosts: Collection[str] = (),
        *,
        delay_seconds: float = 0.0,
        timeout_seconds: float = 30.0,
        tries: int = 4,
        longest_wait: float = 60.0,
        user_agent: str = USER_AGENT,
    ) -> None:
        self._http = httpx.Client(
            transport=GuardedTransport(private_hosts),
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": user_agent},
        )
        weakref.finalize(self, self._http.close)  # a source has no end that anyone tells it of
        self._delay, self._tries, self._longest = delay_seconds, tries, longest_wait
        self._whole = 10 * timeout_seconds
        self._delays: dict[str, float] = {}
        self._next: dict[str, float] = {}  # when a host may be asked again, monotonic
        self._lock = threading.Lock()

    def slow_down(self, host: str, seconds: float) -> None:
        """Ask this host, `NAME` or `NAME:PORT`, no more often than once in so many seconds."""
        self._delays[host] = max(seconds, self._delay)

    def get(self, url: str, max_bytes: int, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask for a page as `request` does."""
        return self.request("GET", url, max_bytes, headers)

    def request(
        self, method: str, url: str, max_bytes: int, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        """Return the answer, whatever its status; redirects are not followed.

        Args:
            method: one that may be sent again.
            url: http or https.
            max_bytes: of the body, unpacked.
            headers: besides the usual ones.
            body: what is sent.

        Raises:
            DocumentTooLargeError: the body is over the limit.
            SourceError: the host is in a private network, or this is no address.
            SourceUnreachableError: no answer after every try.
        """
        wait = 1.0
        try:
            httpx.URL(url)
        except httpx.InvalidURL as error:
            raise SourceError(f"{url[:200]!r} is no address: {error}", "correct it where it stands") from error
        for left in range(self._tries - 1, -1, -1):
            failure: Exception | None = None
            reply: Reply | None = None
            try:
                reply = self._once(method, url, max_bytes, headers or {}, body)
            except httpx.TransportError as error:
                failure = error
            if reply is not None and not reply.is_busy:
                return reply
            asked = None if reply is None else _retry_after(reply.headers.get("retry-after", ""))
            pause = wait if asked is None else asked
            if left and pause <= self._longest:
                self._rest(url, pause)
                wait *= 2
            elif reply is not None:
                return reply
            elif failure is not None:
                break
        raise SourceUnreachableError(
            f"{httpx.URL(url).host} does not answer: {str(failure) or type(failure).__name__}",
            "check the address, or the network; the next sync tries again",
        ) from failure

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def _once(self, method: str, url: str, max_bytes: int, headers: Mapping[str, str], body: bytes) -> Reply:
        self._take_turn(url)
        ends = time.monotonic() + self._whole
        parts: list[bytes] = []
        size = 0
        with self._http.stream(method, url, headers=dict(headers), content=body or None) as response:
            for part in response.iter_bytes():
                size += len(part)
                parts.append(part)
                if size > max_bytes:
                    raise DocumentTooLargeError(
                        f"{url} has over {max_bytes:,} bytes", "raise max_bytes of the source, or leave it out"
                    )
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout(f"not all of it came within {self._whole:g} s")
        return Reply(url, response.status_code, dict(response.headers), b"".join(parts))

    def _take_turn(self, url: str) -> None:
        host = _host(url)
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next.get(host, now))
            self._next[host] = mine + self._delays.get(host, self._delay)
        if mine > now:
            time.sleep(mine - now)

    def _rest(self, url: str, seconds: float) -> None:
        with self._lock:
            host = _host(url)
            self._next[host] = max(self._next.get(host, 0.0), time.monotonic() + seconds)


def _host(url: str) -> str:
    return httpx.URL(url).netloc.decode("ascii")


def _retry_after(value: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, a number or a date; None where it says neither."""
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
