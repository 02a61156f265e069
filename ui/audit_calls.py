"""The calls that read the audit log."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ui.audit import Entry, Verdict
from ui.calls import HttpCalls

LONG_SECONDS = 600.0  # a check, an export and a search for text go through all entries


class AuditCalls(HttpCalls):
    """See `HttpCalls`."""

    def audit(self, wanted: Mapping[str, str], before: int | None, limit: int) -> tuple[tuple[Entry, ...], int | None]:
        """Return the newest entries that match, below the number `before`, and where to go on; None at the end."""
        return self._read(
            lambda data: (
                tuple(map(Entry.read, data["entries"])),
                None if data["next"] is None else int(data["next"]),
            ),
            "GET",
            "/api/audit",
            params={**wanted, "before": before, "limit": limit},
            timeout=httpx.Timeout(LONG_SECONDS),
        )

    def audit_export(self, wanted: Mapping[str, str]) -> bytes:
        """Return the entries that match as lines of JSON."""
        return self._call("GET", "/api/audit/export", params=wanted, timeout=httpx.Timeout(LONG_SECONDS)).content

    def audit_verify(self, head: str) -> Verdict:
        """Check the chain, and a head that was kept elsewhere; it may be empty."""
        timeout = httpx.Timeout(LONG_SECONDS)
        return self._read(Verdict.read, "GET", "/api/audit/verify", params={"head": head}, timeout=timeout)
