"""Shows the audit log to those who may read it."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.catalog import AuditFilter, AuditLog, AuditPage, AuditRecord, Head, Link, Verified
from assistant.errors import AccessDeniedError
from assistant.types import User

_READERS = frozenset({"auditor", "admin", "operator"})


class AuditDesk:
    """Reads the audit log for auditors, admins and the operator. That they do is recorded by what calls it.

    Args:
        log: what is read.
    """

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def page(self, by: User, wanted: AuditFilter, limit: int = 100, before: int | None = None) -> AuditPage:
        """Return the newest entries that match, below the number `before`. Raises AccessDeniedError."""
        _must_read(by)
        return self._log.page(wanted, limit, before)

    def entries(self, by: User, wanted: AuditFilter) -> Iterator[tuple[Link, AuditRecord]]:
        """Return the entries that match, the oldest first, as they are chained and as opened.

        Raises:
            AccessDeniedError: `by` may not read the log.
        """
        _must_read(by)
        return self._log.entries(wanted)

    def verify(self, by: User, known: Head | None = None) -> Verified:
        """Check the chain, and a head that was kept elsewhere. Raises AccessDeniedError."""
        _must_read(by)
        return self._log.verify(known)

    def anchor(self, by: User) -> Head:
        """Return the last entry that retention removed: what an export begins behind. Raises AccessDeniedError."""
        _must_read(by)
        return self._log.anchor()

    def head(self, by: User) -> Head:
        """Return the newest entry's number and digest. Raises AccessDeniedError."""
        _must_read(by)
        return self._log.head()


def _must_read(by: User) -> None:
    if by.role not in _READERS:
        raise AccessDeniedError("only auditors and admins read the audit log", "ask an admin for the role auditor")
