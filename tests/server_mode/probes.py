"""Looks all the time whether search, pages and the model's answers work, to say when they do again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx

from tests.server_mode.records import Records, Sample, error_of

_TIMEOUT = httpx.Timeout(60.0, connect=3.0)
EVERY = {"search": 0.5, "page": 0.5, "model": 5.0}


class Probes:
    """Threads, each of which asks for one thing.

    Args:
        url: of nginx.
        token: of somebody who may read and ask.
        records: take what comes.
        kinds: which of `EVERY`.
    """

    def __init__(self, url: str, token: str, records: Records, kinds: tuple[str, ...]) -> None:
        self._url, self._token, self._records = url, token, records
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(kind,), daemon=True) for kind in kinds]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after the calls under way."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, kind: str) -> None:
        calls: dict[str, Callable[[httpx.Client], tuple[str, bool]]] = {
            "search": _search,
            "page": _page,
            "model": _ask,
        }
        headers = {"Authorization": f"Bearer {self._token}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=_TIMEOUT, trust_env=False) as client:
            while not self._over.wait(EVERY[kind]):
                begin = time.monotonic()
                try:
                    error, by_model = calls[kind](client)
                except httpx.HTTPError as failed:
                    error, by_model = type(failed).__name__, False
                self._records.probes.append(Sample(kind, begin, time.monotonic(), error, by_model))


def _search(client: httpx.Client) -> tuple[str, bool]:
    query = f"matter {time.monotonic_ns()} of a project"  # no two alike: what was found before is kept
    answer = client.post("/api/search", json={"query": query, "limit": 3})
    error = error_of(answer)
    return error or ("" if answer.json()["hits"] else "nothing found"), False


def _page(client: httpx.Client) -> tuple[str, bool]:
    return error_of(client.get("/_stcore/health")), False


def _ask(client: httpx.Client) -> tuple[str, bool]:
    """Ask; that sentences are quoted in the model's place is an answer, and no model's."""
    answer = client.post("/api/ask", json={"question": "What do the papers say of the matters of a project?"})
    if error := error_of(answer):
        return error, False
    if "event: usage" not in answer.text:
        return "broken off", False
    by_model = '"fallback": false' in answer.text.rpartition("event: usage")[2]
    return "" if by_model else "not by the model", by_model
