"""Everything that is held on a person, as files: rows as JSON, what was attached and uploaded as it came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from assistant.access.stored_text import attachment_key
from assistant.catalog import Catalog
from assistant.errors import DocumentUnreadableError, NotFoundError
from assistant.ingest.uploads import UploadsSource
from assistant.interfaces import BlobStore

_UNSAFE = re.compile(r"[^\w. -]")


@dataclass(frozen=True, slots=True)
class Held:
    """One file of what is held.

    Attributes:
        name: its path, with `/`; every part of it can be a file's name on any system.
        data: its bytes.
    """

    name: str
    data: bytes


def held(catalog: Catalog, blobs: BlobStore, person: str, recorded: Iterable[Any], *, whole: bool) -> Iterator[Held]:
    """Yield what is held on a person, but for answers: who may read those is asked where they are shown.

    Args:
        catalog, blobs: hold it.
        person: an id.
        recorded: what the audit log holds on the person: mappings or dataclasses.
        whole: with what the person said, attached and uploaded, and what conversations are called; else only when that
            was, and how large it is: whoever manages people does not read what they ask.
    """
    yield of_json(
        "account.json", {"id": person, "account": catalog.personal.account(person), **_named(catalog, person)}
    )
    for name, rows in catalog.personal.sign_ins(person).items():
        yield of_json(f"{name}.json", rows)
    yield of_json("audit.json", [_row(row) for row in recorded])
    yield from _conversations(catalog, blobs, person, whole=whole)
    yield from _uploads(catalog, blobs, person, whole=whole)
    feedback = [asdict(record) for record in catalog.feedback.of(person)]
    if not whole:
        feedback = [{"id": row["id"], "created_at": row["created_at"]} for row in feedback]
    yield of_json("feedback.json", feedback)


def of_json(name: str, value: Any) -> Held:
    """Return a value as a file of JSON."""
    return Held(name, json.dumps(value, ensure_ascii=False, indent=1, default=_listed).encode())


def _named(catalog: Catalog, person: str) -> dict[str, int]:
    return {f"named_in_{name}": count for name, count in catalog.personal.named(person).items()}


def _conversations(catalog: Catalog, blobs: BlobStore, person: str, *, whole: bool) -> Iterator[Held]:
    rows = catalog.personal.conversations(person)
    if not whole:
        yield of_json("conversations.json", [{**row, "title": None} for row in rows])
        return
    yield of_json("conversations.json", rows)
    for row in rows:
        folder = f"conversations/{row['id']}"
        asked = catalog.personal.asked(person, row["id"])
        yield of_json(f"{folder}/asked.json", asked)
        own = (one for turn in asked for one in turn["attachments"] if not one["carried"])
        for number, one in enumerate(own, start=1):
            try:
                data = blobs.get(attachment_key(row["id"], one["id"]))
            except NotFoundError:  # its file is gone; that there was one stands in `asked.json`
                continue
            yield Held(f"{folder}/attachments/{number:03} {_safe(one['name'])}", data)


def _uploads(catalog: Catalog, blobs: BlobStore, person: str, *, whole: bool) -> Iterator[Held]:
    rows, files = [], []
    source = UploadsSource(person, catalog, blobs)
    for number, record in enumerate(catalog.uploads.of(person), start=1):
        row = asdict(record)
        if whole:
            row["file"] = f"uploads/{number:04} {_safe(record.key)}"
            files.append((row, record.key))
        rows.append(row)
    for row, key in files:
        try:
            yield Held(row["file"], source.fetch(key).data)
        except (NotFoundError, DocumentUnreadableError) as error:
            row["file"], row["missing"] = None, error.message
    yield of_json("uploads.json", rows)


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)[-100:].strip(". ") or "_"


def _row(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _listed(value: Any) -> Any:
    if isinstance(value, frozenset | set | tuple):
        return sorted(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
