"""HTTP calls to the API, and errors that can be shown to a person as they are."""

from __future__ import annotations

import ssl
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from ui import texts, told
from ui.models import Json

T = TypeVar("T")
CALL_SECONDS = 60.0  # a busy machine takes its time; that nobody listens is seen at once


class ApiError(Exception):
    """The API refused or could not do something.

    Args:
        message: one line that names the thing and the cause.
        hint: the next step, empty if there is none.
        code: the API's stable word for the kind of error.
    """

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint, code)
        self.message = message
        self.hint = hint
        self.code = code


class ApiUnreachableError(ApiError):
    """The API does not answer at all."""


class HttpCalls:
    """Calls one API. Safe to share between threads.

    Args:
        base_url: scheme, host and port of the API.
        timeout: seconds to wait for an ordinary call.
        secret: the session that the calls are made with; empty: none. A client is one person's: it is not shared.
        forwarded: the addresses that the person's browser came by, as `X-Forwarded-For` has them; empty: unknown. The
            API believes it of those in its setting `trusted_proxies`.

    Every method raises ApiUnreachableError if nothing answers and ApiError if the API says no.
    """

    def __init__(self, base_url: str, timeout: float = CALL_SECONDS, secret: str = "", forwarded: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        self.secret, self.forwarded = secret, forwarded
        self._timeout = timeout
        # A proxy from the environment must not swallow calls to this machine.
        loopback = urlsplit(self.base_url).hostname in {"127.0.0.1", "localhost", "::1"}
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        if forwarded:
            headers["X-Forwarded-For"] = forwarded
        self._http = httpx.Client(
            base_url=self.base_url, timeout=timeout, trust_env=not loopback, headers=headers, verify=_certificates()
        )
        weakref.finalize(self, self._http.close)  # nobody is told when a session of the browser is over

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _unreachable(self) -> ApiUnreachableError:
        return ApiUnreachableError(texts.unreachable(self.base_url), texts.UNREACHABLE_HINT, "Unreachable")

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Json | None = None,
        content: bytes | None = None,
        files: Sequence[tuple[str, tuple[str, bytes]]] | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        known = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            response = self._http.request(
                method,
                path,
                params=known,
                json=json,
                content=content,
                files=files,
                timeout=timeout or self._timeout,
            )
        except httpx.TimeoutException as error:
            raise ApiUnreachableError(texts.slow(self.base_url), texts.SLOW_HINT, "Timeout") from error
        except httpx.HTTPError as error:
            raise self._unreachable() from error
        if response.is_error:
            raise refusal(response)
        return response

    def _read(self, reader: Callable[[Any], T], method: str, path: str, **options: Any) -> T:
        return self._understood(reader, self._call(method, path, **options), path)

    @staticmethod
    def _understood(reader: Callable[[Any], T], response: httpx.Response, path: str) -> T:
        try:
            return reader(response.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ApiError(texts.not_understood(path), texts.NOT_UNDERSTOOD_HINT, "BadResponse") from error


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Load the known certificates once, and not for every session's client."""
    return httpx.create_ssl_context()


def failure(body: Mapping[str, Any]) -> ApiError:
    """Return the error that the API tells: `error`, `hint` and `code`, in the session's language where it is known."""
    code = str(body.get("code") or "")
    return ApiError(*told.error(str(body["error"]), str(body.get("hint") or ""), code), code)


def refusal(response: httpx.Response) -> ApiError:
    """Return the error that an HTTP 4xx or 5xx answer stands for, whoever wrote it (a proxy may have)."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if isinstance(body, Mapping) and body.get("error"):
        return failure(body)
    return ApiError(texts.refused(response.status_code), texts.NOT_UNDERSTOOD_HINT, str(response.status_code))
