"""What goes wrong in the soak, one thing at a time, and how long it takes until all goes well again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from tests.server_mode.crowd import SOURCE
from tests.server_mode.house import ServerHouse
from tests.server_mode.papers import Shelf
from tests.server_mode.records import Records, Sample

LATE_SECONDS = 300.0  # nothing is waited for longer
_CALM_SECONDS = 5.0  # all has to go well for so long before the next fault


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: in the table.
        begin: makes it so.
        end: takes it back after `seconds`; None where the watchdog does.
        seconds: how long it lasts.
    """

    name: str
    begin: Callable[[], None]
    end: Callable[[], None] | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fault that was.

    Attributes:
        name: of the fault.
        begin, over: from its first moment to that of the next one.
        document_seconds: until a document that was written at its first moment was found; None if it never was.
    """

    name: str
    begin: float
    over: float
    document_seconds: float | None


def kills(house: ServerHouse) -> list[Fault]:
    """Return a kill -9 of each process that the watchdog starts again."""
    return [Fault(f"kill -9 {name}", process.kill) for name, process in house.processes.items() if name != "nginx"]


def stops(house: ServerHouse, broker: str, seconds: float) -> list[Fault]:
    """Return a stop of each dependency."""
    found = [
        Fault("stop Postgres", lambda: house.postgres.stop("fast"), house.postgres.start, seconds),
        Fault(f"stop {broker}", house.broker.kill, house.broker.start, seconds),
    ]
    for name in ("nginx", "model"):
        if name in house.processes:
            process = house.processes[name]
            found.append(Fault(f"stop {name}", process.hold, process.start, seconds))
    return found


def mixed(house: ServerHouse, broker: str, seconds: float) -> list[Fault]:
    """Return all of them, kills and stops in turn as far as there are both."""
    first, second = kills(house), stops(house, broker, seconds)
    found = []
    while first or second:
        found += [each.pop(0) for each in (first, first, second) if each]
    return found


class Injector:
    """Makes things go wrong, one after the other.

    Args:
        url: of nginx.
        token: of somebody who may read what is written into `shared`.
        shelf: the documents.
        records: of the probes.
        kinds: of probes that have to go well before the next fault.
    """

    def __init__(self, url: str, token: str, shelf: Shelf, records: Records, kinds: Sequence[str]) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}
        self._shelf, self._records, self._kinds = shelf, records, kinds

    def inject(self, fault: Fault) -> Outcome:
        """Let it happen, and wait until all goes well again, or for `LATE_SECONDS`."""
        begin = time.monotonic()
        fault.begin()
        key = self._shelf.add("shared", kept=True).key
        if fault.end is not None:
            time.sleep(max(0.0, begin + fault.seconds - time.monotonic()))
            fault.end()
        found: float | None = None
        while time.monotonic() < begin + fault.seconds + LATE_SECONDS:
            if found is None and self._is_there(key):
                found = time.monotonic() - begin
            if found is not None and self._is_well(begin):
                break
            time.sleep(0.3)
        return Outcome(fault.name, begin, time.monotonic(), found)

    def _is_there(self, key: str) -> bool:
        try:
            where = {"source": SOURCE, "key": key}
            answer = httpx.get(
                f"{self._url}/api/documents/text", params=where, headers=self._headers, timeout=10, trust_env=False
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    def _is_well(self, begin: float) -> bool:
        """Whether everything that is probed has gone well for a while."""
        since = max(begin, time.monotonic() - _CALM_SECONDS)
        return time.monotonic() > begin + _CALM_SECONDS and all(
            self._goes([one for one in self._records.probes if one.kind == kind][-20:], since) for kind in self._kinds
        )

    @staticmethod
    def _goes(last: Sequence[Sample], since: float) -> bool:
        lately = [one for one in last if one.begin >= since]
        return not any(one.error for one in lately) and bool(last) and not last[-1].error
