"""Posts a body to an address that somebody named: to where it may, once, without redirects, and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx

from assistant.errors import SourceError
from assistant.types.hosts import certificates, reachable

_PORTS = {"http": 80, "https": 443}
_READ_BYTES = 2000  # of an answer; the rest is not asked for
_LINE = 200  # characters of it that are kept


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it.

    Attributes:
        status: of the answer; None: nobody answered, or nobody was asked.
        line: the first line of the answer, or why there is none.
        retry_after: the seconds that the answer asks for; None: it does not.
    """

    status: int | None
    line: str
    retry_after: float | None = None


class Poster:
    """Sends one request after the other, each over a connection of its own. Safe to use from several threads.

    Args:
        hosts: those that may lie in a private network, see `types.hosts.is_allowed`.
        seconds: that a request may take, from the first byte to the last.
        where: what holds the hosts, for the error.
    """

    def __init__(self, hosts: Collection[str], seconds: float, where: str) -> None:
        self._hosts, self._seconds, self._where = tuple(hosts), seconds, where

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post the body, and return what was answered; what goes wrong on the way is said there, and not raised."""
        try:
            target = httpx.URL(url)
            addresses = list(reachable(target.host, target.port or _PORTS[target.scheme], self._hosts, self._where))
            return asyncio.run(self._sent(target, addresses, body, headers))
        except (httpx.InvalidURL, KeyError):
            return Posted(None, "this is no address of http or https")
        except SourceError as error:
            return Posted(None, str(error))
        except TimeoutError:
            return Posted(None, f"no answer within {self._seconds:g} s")
        except (httpx.HTTPError, OSError) as error:
            return Posted(None, f"{type(error).__name__}: {error}".rstrip(": "))

    async def _sent(self, target: httpx.URL, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> Posted:
        async with (
            asyncio.timeout(self._seconds),
            httpx.AsyncClient(
                verify=certificates(), trust_env=False, follow_redirects=False, timeout=self._patience(len(addresses))
            ) as client,
        ):
            failure: httpx.TransportError | None = None
            for address in addresses:  # the checked ones: the name is not looked up again
                request = client.build_request(
                    "POST",
                    target.copy_with(host=address),
                    content=body,
                    headers={**headers, "Host": target.netloc.decode("ascii")},
                    extensions={"sni_hostname": target.host},
                )
                try:
                    return await _answered(client, request)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failure = error
        raise failure or httpx.ConnectError("the host has no address")

    def _patience(self, addresses: int) -> httpx.Timeout:
        """Return how long each step may take: a silent address leaves time for the next one."""
        return httpx.Timeout(self._seconds, connect=self._seconds / (addresses + 1))


async def _answered(client: httpx.AsyncClient, request: httpx.Request) -> Posted:
    response = await client.send(request, stream=True)
    try:
        start = b""
        async for part in response.aiter_raw(_READ_BYTES):
            start += part
            if len(start) >= _READ_BYTES:
                break
    finally:
        await response.aclose()
    return Posted(response.status_code, _line(start), _seconds(response.headers.get("retry-after", "")))


def _line(start: bytes) -> str:
    """Return the first line of an answer that has something to see in it."""
    lines = (line.strip() for line in start[:_READ_BYTES].decode("utf-8", "replace").splitlines())
    first = next(filter(None, lines), "")
    return "".join(letter if letter.isprintable() else "�" for letter in first)[:_LINE]


def _seconds(value: str) -> float | None:
    return float(value) if value.strip().isascii() and value.strip().isdigit() else None
