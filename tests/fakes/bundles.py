"""Documents that hold documents, as JSON, for tests of members."""

from __future__ import annotations

import json
from typing import Any

from assistant.types import Document, DocumentRef, Member, SyncReport
from tests.fakes.system import System


class BundleParser:
    """Reads JSON `{name: text or bundle}` as a document with members."""

    name = "bundle"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        return ref.key.endswith(".bundle")

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        value = json.loads(data)
        members = tuple(Member(name, _bytes(content)) for name, content in value.items())
        return Document(ref, "Contents:\n" + "\n".join(value), members=members)


def _bytes(content: Any) -> bytes:
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def put(system: System, key: str, content: Any) -> None:
    system.source.texts[key] = json.dumps(content)


def sync(system: System, expected: str = "") -> SyncReport:
    report = system.ingestor.sync("s", "cli")
    counts = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged}
    counts |= {"deleted": report.deleted, "failed": report.failed}
    assert not expected or " ".join(f"{name} {n}" for name, n in counts.items() if n) == expected
    return report
