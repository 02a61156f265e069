"""Asks a vendor's JSON API with a token that is renewed when it ends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from assistant.errors import SourceError, SourceUnreachableError
from plugins.net import PoliteClient, Reply

_EARLY = 60.0  # seconds before its end at which a token is renewed
_TRIES = 4
_JSON_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and for how many seconds it is good."""

    value: str
    seconds: float

    def __repr__(self) -> str:
        return "Token(...)"


class CloudApi:
    """Reads from a vendor's API. Safe to call from several threads.

    Args:
        name: of the vendor's service, for messages.
        client: sends the requests.
        new_token: asks for a token; raises SourceError where it is refused.
        wants_patience: whether a refusal means "not now", besides the statuses that always do; it is asked again then.
    """

    def __init__(
        self,
        name: str,
        client: PoliteClient,
        new_token: Callable[[], Token],
        wants_patience: Callable[[Reply], bool] = lambda _: False,
    ) -> None:
        self._name, self._client = name, client
        self._new_token, self._wants_patience = new_token, wants_patience
        self._token = ""
        self._ends = 0.0  # of the token, monotonic
        self._lock = threading.Lock()

    def get(
        self,
        url: str,
        parameters: Mapping[str, str] | None = None,
        max_bytes: int = _JSON_BYTES,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Return what the API answers: everything but what only asks for patience.

        Args:
            url: with or without a query of its own.
            parameters: are put behind it.
            max_bytes: of the answer.
            headers: besides the token.

        Raises:
            SourceUnreachableError: it does not answer, or asks for more patience than there is.
            SourceError: no token is to be had.
            DocumentTooLargeError: the answer is over the limit.
        """
        address = f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}" if parameters else url
        renewed = False
        for left in range(_TRIES - 1, -1, -1):
            token = self._current()
            sent = {**(headers or {}), "Authorization": f"Bearer {token}"}
            reply = self._client.get(address, max_bytes, sent)
            if reply.status == 401 and not renewed:  # it may have been taken back before its end
                renewed = True
                self._forget(token)
            elif not (reply.is_busy or self._wants_patience(reply)):
                return reply
            elif reply.is_busy or not left:  # the client has waited for the former
                break
            else:
                time.sleep(2.0 ** (_TRIES - 1 - left))
        raise SourceUnreachableError(f"{self._name} asks for patience (status {reply.status})", "the next sync goes on")

    def read(self, reply: Reply) -> dict[str, Any]:
        """Return the JSON object of an answer.

        Raises:
            SourceError: it is something else.
        """
        try:
            answer = json.loads(reply.body)
        except ValueError as error:
            raise SourceError(f"{self._name} answers with something else than JSON", "check its address") from error
        if not isinstance(answer, dict):
            raise SourceError(f"{self._name} answers with JSON that is no object", "check its address")
        return answer

    def items(self, answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """Return the list of objects that an answer has under a name.

        Raises:
            SourceError: there is none.
        """
        found = answer.get(name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise SourceError(f"{self._name} answers without {name!r}", "check its address")
        return found

    def _current(self) -> str:
        with self._lock:
            if time.monotonic() >= self._ends:
                token = self._new_token()
                self._token = token.value
                self._ends = time.monotonic() + max(token.seconds - _EARLY, 1.0)
            return self._token

    def _forget(self, token: str) -> None:
        with self._lock:
            if token == self._token:
                self._ends = 0.0
