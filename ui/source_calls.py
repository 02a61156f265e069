"""The calls about data sources, their runs and what these could not index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
from ui.models import Json
from ui.runs import OpenFailure, Run, RunPage, Source, Trial
from ui.tool_calls import TRYING_SECONDS

SAMPLE = 8
_TRYING = httpx.Timeout(TRYING_SECONDS)
_ALL_RUNS = 1_000
_ALL_FAILURES = 10_000  # as many as the API lists at once


class SourceCalls(HttpCalls):
    """See `HttpCalls`."""

    def sources(self) -> tuple[Source, ...]:
        """Return all registered sources that the person looks after."""
        return self._read(
            lambda data: tuple(map(Source.read, data["sources"])),
            "GET",
            "/api/sources",
            params={"with_kinds": "false"},
        )

    def source_kinds(self) -> dict[str, Json]:
        """Return the kinds of sources that can be added, each with the JSON schema of its configuration."""
        return self._read(lambda data: {str(k): dict(v) for k, v in data["kinds"].items()}, "GET", "/api/sources")

    def add_source(
        self,
        name: str,
        kind: str,
        config: Json,
        *,
        schedule: str | None = None,
        time_zone: str = "UTC",
        readers: Json | None = None,
    ) -> None:
        """Register a source, which starts its first sync.

        Args:
            name: letters, digits, spaces and `. @ - _`.
            kind: the kind of source, e.g. `folder`.
            config: what that kind asks for.
            schedule: `every 15m` or a cron line, None for none.
            time_zone: of the cron line, by the IANA's name.
            readers: the rule who may read its documents, None for everyone.
        """
        body: dict[str, Any] = {"name": name, "kind": kind, "config": dict(config), "schedule": schedule}
        if time_zone != "UTC":
            body["time_zone"] = time_zone
        if readers:
            body["readers"] = dict(readers)
        self._call("POST", "/api/sources", json=body, timeout=_TRYING)

    def change_source(self, name: str, **changes: object) -> None:
        """Change what is given of a source, its `config`, `schedule`, `time_zone`, `passwords` or limits.

        A secret that is sent as its mask stays what it is.
        """
        self._call("PATCH", _source(name), json=changes, timeout=_TRYING)

    def try_source(self, kind: str, config: Json, readers: Json) -> Trial:
        """Try a configuration before it is added: what it would list first, and who would read that by this rule."""
        body = {"kind": kind, "config": dict(config), "sample": SAMPLE, "readers": dict(readers)}
        return self._read(Trial.read, "POST", "/api/sources/test", json=body, timeout=_TRYING)

    def retry_source(self, name: str, config: Json | None = None) -> Trial:
        """Try a source that is there as it is configured, or with another configuration, which is not kept."""
        body = {"config": None if config is None else dict(config), "sample": SAMPLE}
        return self._read(Trial.read, "POST", f"{_source(name)}/test", json=body, timeout=_TRYING)

    def next_times(self, schedule: str, time_zone: str) -> tuple[float, ...]:
        """Return when a schedule would be due next, in seconds since the epoch."""
        params = {"schedule": schedule, "time_zone": time_zone}
        return self._read(lambda data: tuple(map(float, data["next"])), "GET", "/api/schedules/next", params=params)

    def sync(self, name: str, *, full: bool = False) -> None:
        """Start a sync of the source; `full`: everything is fetched, whatever the source says of changes."""
        self._call("POST", f"{_source(name)}/sync", params={"full": "true" if full else None})

    def pause(self, name: str) -> None:
        """Hold the source's schedule."""
        self._call("POST", f"{_source(name)}/pause")

    def resume(self, name: str) -> None:
        """Take the source's schedule up again."""
        self._call("POST", f"{_source(name)}/resume")

    def remove(self, name: str) -> None:
        """Ask for the removal of the source and everything that was indexed from it."""
        self._call("DELETE", _source(name))

    def runs(self, source: str | None = None, limit: int | None = None) -> tuple[Run, ...]:
        """Return the newest runs, newest first, of one source or of all."""
        return self.find_runs(source=source, limit=limit).runs

    def running(self) -> tuple[Run, ...]:
        """Return the runs that are under way."""
        return self.find_runs(states=["running"], limit=_ALL_RUNS).runs

    def find_runs(
        self,
        *,
        source: str | None = None,
        states: Sequence[str] = (),
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> RunPage:
        """Return a stretch of the runs in these states (none: all), begun in `since` <= t < `until`, newest first."""
        params: dict[str, Any] = {"source": source, "since": since, "until": until, "limit": limit, "offset": offset}
        if states:
            params["state"] = list(states)
        return self._read(RunPage.read, "GET", "/api/runs", params=params)

    def run(self, run_id: str, *, failures: bool = True) -> Run:
        """Return one run, with its failures or only their number."""
        params = None if failures else {"failures": "false"}
        path = f"/api/runs/{quote(run_id, safe='')}"
        return self._read(lambda data: Run.read(data.get("run", data)), "GET", path, params=params)

    def cancel_run(self, run_id: str) -> None:
        """End a run after the documents that it is at."""
        self._call("POST", f"/api/runs/{quote(run_id, safe='')}/cancel")

    def open_failures(self, source: str) -> tuple[tuple[OpenFailure, ...], int]:
        """Return what of a source could not be indexed so far, the first ten thousand, and how many there are."""
        params = {"source": source, "limit": _ALL_FAILURES}

        def of(data: Json) -> tuple[tuple[OpenFailure, ...], int]:
            return tuple(map(OpenFailure.read, data["failures"])), int(data["count"])

        return self._read(of, "GET", "/api/failures", params=params)

    def retry_failures(self, source: str, keys: Sequence[str] | None = None) -> str:
        """Try failed documents of a source again now, None: all; return the run that does it."""
        body = {"source": source, "keys": None if keys is None else list(keys)}
        return self._read(lambda data: str(data["id"]), "POST", "/api/failures/retry", json=body)

    def ignore_failures(self, source: str, keys: Sequence[str]) -> int:
        """Let failed documents of a source rest until they change; return how many there were."""
        body = {"source": source, "keys": list(keys)}
        return self._read(lambda data: int(data["changed"]), "POST", "/api/failures/ignore", json=body)


def _source(name: str) -> str:
    return f"/api/sources/{quote(name, safe='')}"
