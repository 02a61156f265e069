"""One server of the OpenAI kind: its connections, how many requests it gets at once, and what is tried again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from assistant.adapters.chat_errors import refusal, seconds_to_wait
from assistant.adapters.chat_wire import encoded
from assistant.adapters.loop_thread import LoopThread
from assistant.errors import ConfigurationError, ModelOverloadedError, ModelServerError, ModelUnavailableError
from assistant.spans import carried
from assistant.types.chat import ServerLoad

T = TypeVar("T")
_SIDE_REQUESTS = 8  # counting and describing, beside the answers
_LONGEST_WAIT = 20.0  # seconds between two tries; a server that wants more is not waited for


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for, in seconds, and how often it is asked.

    Attributes:
        connect: for the connection.
        first: from the request until the first piece of the answer; reading a long prompt takes long.
        between: from one piece to the next.
        total: for the whole answer.
        tries: how often a request is sent at most while nothing of its answer has come.
        pause: before the second try; doubled each time, with jitter.
    """

    connect: float = 5.0
    first: float = 300.0
    between: float = 60.0
    total: float = 1800.0
    tries: int = 3
    pause: float = 0.5


_SHORTEST_SECRET = 4  # a shorter key stands in too many words


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server is, and how much it is given to do.

    Attributes:
        url: its base URL, with or without `/v1`.
        api_key: empty where it asks for none.
        at_once: answers that are written at once.
        waiting: requests that may wait for their turn; more are refused.
    """

    url: str
    api_key: str = ""
    at_once: int = 32
    waiting: int = 64
    patience: Patience = field(default_factory=Patience)


class ModelServer:
    """Talks HTTP to one server on a loop of its own; models of the same server share one.

    Raises:
        ConfigurationError: the URL is none of HTTP.
    """

    def __init__(self, address: ServerAddress) -> None:
        url = address.url.rstrip("/")
        parsed = httpx.URL(url) if url.startswith(("http://", "https://")) else None
        if parsed is None or not parsed.host:
            raise ConfigurationError(
                f"{address.url!r} is no HTTP URL of a model server", "give one like http://vllm:8000/v1"
            )
        self.patience = address.patience
        self.api = f"{url}/v1" if parsed.path in {"", "/"} else url
        self.root = self.api.removesuffix("/v1")
        self.host, self.port = parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80)
        headers = {"Authorization": f"Bearer {address.api_key}"} if address.api_key else {}
        self._client = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(None, connect=address.patience.connect),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=address.at_once + _SIDE_REQUESTS),
        )
        self._address = address
        self._turns = asyncio.Semaphore(address.at_once)
        self._side = asyncio.Semaphore(_SIDE_REQUESTS)
        self._in_line = 0
        self._at_work = 0
        self.thread = LoopThread("assistant-model-server")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do that on the server's loop, from any other thread.

        Raises:
            ModelUnavailableError: the adapter was closed.
        """
        try:
            return self.thread.run(work)
        except (RuntimeError, CancelledError) as error:
            raise ModelUnavailableError(f"the model's adapter is closed: {error}") from error

    def close(self) -> None:
        """End all requests and connections. Closing it again does nothing."""
        self.thread.close(self._client.aclose)

    def load(self) -> ServerLoad:
        """Return what this process has here now."""
        return ServerLoad(self._at_work, self._in_line, self._address.at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn to have an answer written.

        Raises:
            ModelOverloadedError: too many wait already, or the wait was as long as a first token may take.
        """
        if self._turns.locked() and self._in_line >= self._address.waiting:
            raise ModelOverloadedError(
                f"{self._address.at_once} answers of the model server {self.api} are at work and {self._in_line} wait",
                "try again in a while",
            )
        self._in_line += 1
        try:
            async with asyncio.timeout(self.patience.first):
                await self._turns.acquire()
        except TimeoutError as error:
            raise ModelOverloadedError(
                f"no turn at the model server {self.api} in {self.patience.first:g} s: too many answers are at work",
                "try again in a while",
            ) from error
        finally:
            self._in_line -= 1
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            self._turns.release()

    @asynccontextmanager
    async def posted(self, path: str, body: bytes, model: str) -> AsyncIterator[httpx.Response]:
        """Send a request once; the response's body is still to be read.

        Raises:
            ModelServerError: of the kind that `chat_errors.refusal` says; ModelUnavailableError without an answer.
        """
        request = self._client.build_request(
            "POST", f"{self.api}{path}", content=body, headers={"Content-Type": "application/json", **carried()}
        )
        with self._answering():
            response = await self._client.send(request, stream=True)
        try:
            if response.status_code >= 400:
                with self._answering():
                    told = await response.aread()
                raise self._refused(response, told, model)
            yield response
        finally:
            await response.aclose()

    async def parts(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes.

        Raises:
            ModelUnavailableError: the connection broke.
        """
        with self._answering():
            async for data in response.aiter_bytes():
                yield data

    async def ask(
        self, method: str, url: str, *, body: Mapping[str, Any] | None = None, model: str = ""
    ) -> httpx.Response:
        """Send a request beside the answers, with tries, and return the whole response.

        Args:
            url: from the server's root on, with `/`, or from its API on, without.

        Raises:
            ModelServerError: see `posted`.
        """
        target = f"{self.root}{url}" if url.startswith("/") else f"{self.api}/{url}"

        content = None if body is None else encoded(body)
        headers = carried() | ({"Content-Type": "application/json"} if content else {})
        for number in range(self.patience.tries):
            try:
                async with self._side, asyncio.timeout(self.patience.first):
                    with self._answering():
                        response = await self._client.request(method, target, content=content, headers=headers)
                if response.status_code >= 400:
                    raise self._refused(response, response.content, model)
                break
            except TimeoutError as error:
                raise self.too_slow(f"no answer in {self.patience.first:g} s") from error
            except ModelUnavailableError as error:
                if number == self.patience.tries - 1:
                    raise
                await self.pause(number, error)
        return response

    async def pause(self, number: int, error: ModelUnavailableError) -> None:
        """Wait before the next try: as long as the server says, else longer each time.

        Args:
            number: of tries that have failed before this one.
            error: what failed.

        Raises:
            ModelUnavailableError: `error`, where the server wants to be left alone for long.
        """
        wait = self.patience.pause * 2.0**number * random.uniform(0.5, 1.5)  # noqa: S311 (no secret: spreads tries)
        wait = max(wait, error.retry_after or 0.0)
        if wait > _LONGEST_WAIT:
            raise error
        await asyncio.sleep(wait)

    def discreet(self, body: bytes) -> bytes:
        """Return what the server said with a mask in place of the API key: refusals may tell it again."""
        key = self._address.api_key.encode()
        return body.replace(key, b"**********") if len(key) >= _SHORTEST_SECRET else body

    def too_slow(self, what: str) -> ModelUnavailableError:
        """Return the error for a server that took too long."""
        return ModelUnavailableError(f"the model server {self.api} is too slow: {what}", "look at its load and its log")

    def _answering(self) -> _Answering:
        return _Answering(self.api)

    def _refused(self, response: httpx.Response, body: bytes, model: str) -> ModelServerError:
        wait = seconds_to_wait(response.headers.get("Retry-After"))
        return refusal(response.status_code, self.discreet(body), model, str(response.url), wait)


class _Answering:
    """Turns what httpx raises where a server is away into the house's error."""

    def __init__(self, api: str) -> None:
        self._api = api

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
            raise ModelUnavailableError(
                f"the model server {self._api} does not answer: {error}", "start it, or correct the model's url"
            ) from error
        if isinstance(error, httpx.HTTPError | httpx.StreamError):
            raise ModelUnavailableError(
                f"the connection to the model server {self._api} broke: {error or type(error).__name__}", "see its log"
            ) from error
