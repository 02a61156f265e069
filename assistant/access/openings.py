"""Break-glass: an admin opens a document without a grant to read it, for a while, for a reason that is kept."""

from __future__ import annotations

import logging
import time

from assistant.catalog import Catalog, OpeningRecord
from assistant.catalog.uploads import UPLOADS
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.types import User, document_id, may_read

log = logging.getLogger(__name__)

MOST_MINUTES = 60
LEAST_REASON, MOST_REASON = 10, 1000  # characters
_AT_ONCE = 20


class OpeningDesk:
    """Opens documents for admins, ends that, and shows auditors what was opened.

    Args:
        catalog: keeps it.
        allowed: whether anybody may at all.
    """

    def __init__(self, catalog: Catalog, *, allowed: bool) -> None:
        self._catalog = catalog
        self._allowed = allowed

    def open(self, source: str, key: str, reason: str, minutes: int, by: User) -> OpeningRecord:
        """Open a document with its members to `by`, from the next request on.

        Args:
            source, key: the document.
            reason: why; it is kept for as long as the account of `by` is.
            minutes: for how long, 1 to MOST_MINUTES.
            by: an admin.

        Raises:
            AccessDeniedError: `by` is no admin, it is switched off, or it is of what people upload for themselves.
            NotFoundError: there is no such document.
            ConfigurationError: the reason or the minutes are wrong, `by` may read it anyway, or has opened too many.
        """
        if by.role != "admin":
            raise AccessDeniedError("only admins open a document by break-glass", "ask an admin, or for a grant")
        if not self._allowed:
            raise AccessDeniedError(
                "break-glass is switched off here", "ask whoever may read the document, or the operator"
            )
        reason = " ".join(reason.split())
        if not LEAST_REASON <= len(reason) <= MOST_REASON:
            raise ConfigurationError(
                f"the reason has {len(reason)} characters", f"say why in {LEAST_REASON} to {MOST_REASON} characters"
            )
        if not 1 <= minutes <= MOST_MINUTES:
            raise ConfigurationError(f"a document is not opened for {minutes} minutes", f"choose 1 to {MOST_MINUTES}")
        kept = self._catalog.sources.find(source)
        if kept is not None and kept.kind == UPLOADS:  # whatever the key: nobody is told of single files of it
            raise AccessDeniedError(
                "what people upload for themselves is not opened by break-glass", "ask the person to share it"
            )
        found = self._catalog.documents.known(source, [key]).get(key)
        if found is None:
            raise NotFoundError(f"there is no document {key!r} in source {source!r}", "check the source and the key")
        wanted = document_id(source, key)
        if may_read(by, found.access, wanted):
            raise ConfigurationError(f"you may read {key!r} already", "open it as always")
        if len(self._catalog.openings.open_to(by.id)) >= _AT_ONCE:
            raise ConfigurationError(f"{_AT_ONCE} documents are open to you already", "end one of them first")
        opened = self._catalog.openings.add(by.id, wanted, source, key, reason, minutes * 60.0)
        log.warning("%s opened a document by break-glass for %d minutes: opening %s", by.id, minutes, opened.id)
        return opened

    def end(self, opening: str, by: User) -> OpeningRecord:
        """End an opening now. Raises AccessDeniedError where `by` is no admin, NotFoundError."""
        if not by.manages:
            raise AccessDeniedError("only admins end what was opened by break-glass", "ask an admin")
        return self._catalog.openings.end(opening)

    def page(
        self, by: User, *, open_only: bool = False, limit: int = 100, offset: int = 0
    ) -> tuple[list[OpeningRecord], int]:
        """Return a stretch of all that was ever opened, the newest first, and how many there are.

        Raises:
            AccessDeniedError: `by` is neither auditor nor admin.
        """
        if not by.manages and by.role != "auditor":
            raise AccessDeniedError("only auditors and admins see what was opened", "ask an auditor")
        return self._catalog.openings.page(open_only=open_only, limit=limit, offset=offset)

    def of_document(self, source: str, key: str, by: User) -> OpeningRecord | None:
        """Return the opening by which alone `by` reads a document now; None where there is none."""
        wanted = document_id(source, key)
        if wanted not in by.opened:
            return None
        now = time.time()
        covering = [one for one, ids in self._catalog.openings.open_to(by.id) if wanted in ids and one.is_open(now)]
        return max(covering, key=lambda one: one.expires_at, default=None)
