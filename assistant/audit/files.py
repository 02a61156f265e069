"""An export of the audit log: lines of JSON, the chain in them, which anybody can check without the assistant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.catalog import AuditRecord, Check, Head, Link, Verified, link_of
from assistant.catalog.audit_chain import FORMAT, Broken
from assistant.errors import ConfigurationError


def write_lines(
    anchor: Head, entries: Iterable[tuple[Link, AuditRecord]], *, whole: bool = True, sealed: bool = False
) -> Iterator[str]:
    """Yield the lines of an export: first what it begins behind, then an entry each, with what it says when opened.

    Args:
        anchor: the end that the first entry follows.
        entries: the oldest first.
        whole: whether they are all, and so a chain.
        sealed: leave out what they say: enough to check the chain, for those who may not read it.
    """
    yield json.dumps({"format": FORMAT, "whole": whole, "after": anchor.number, "after_digest": anchor.digest}) + "\n"
    for link, entry in entries:
        row = link.row() if sealed else {**link.row(), "opened": opened(entry)}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def opened(entry: AuditRecord) -> dict[str, Any]:
    """Return what an entry says, as far as it can be opened."""
    told = {
        "who": entry.who,
        **asdict(entry.origin),
        "details": dict(entry.details),
        "subject": entry.subject,
        "about": dict(entry.about),
        "erased": entry.erased,
        "subject_erased": entry.subject_erased,
        "unreadable": entry.unreadable,
    }
    return {name: value for name, value in told.items() if value}


def verify_file(path: Path, known: Head | None = None) -> Verified:
    """Check the chain of an export.

    Args:
        path: of the file.
        known: a head that was kept elsewhere; without it, nothing shows whether entries are missing at the end.

    Raises:
        ConfigurationError: it cannot be read, or is no export.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            check = Check(_start(path, next(lines, "")), known)
            for line in lines:
                try:
                    held = check.take(link_of(json.loads(line)))
                except (ValueError, AttributeError) as error:
                    check.broken = Broken(check.last.number + 1, f"its line is no entry: {error}")
                    break
                if not held:
                    break
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error}", "give a file of `assistant audit export`"
        ) from error
    check.end(None)
    return Verified(check.broken, check.entries, check.start, check.last, "none")


def _start(path: Path, line: str) -> Head:
    try:
        first = json.loads(line)
        number, digest, whole = first["after"], first["after_digest"], first["whole"]
        if first["format"] == FORMAT and whole is False:
            raise ConfigurationError(f"{path} holds a selection, which is no chain", "export without filters")
        if first["format"] == FORMAT and isinstance(number, int) and isinstance(digest, str):
            return Head(number, digest)
    except (ValueError, KeyError, TypeError):
        pass
    raise ConfigurationError(f"{path} is no export of the audit log", f"its first line has to name {FORMAT!r}")
