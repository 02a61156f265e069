"""A person of whom everything is held, on SQLite and on Postgres."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.access.stored_text import attachment_key
from assistant.adapters.blobs import FolderBlobs
from assistant.catalog import Catalog, NewTurn, Progress
from assistant.catalog.models_people import OpeningRow, SessionRow
from assistant.ingest.uploads import UploadDesk
from assistant.personal import PersonalDesk
from assistant.registry import PluginRegistry
from assistant.types import User
from tests.catalog.conftest import catalog, catalog_url, keyring  # noqa: F401
from tests.fakes.system import PlainParser

ANN, BOB = User("ann", frozenset({"everyone", "hr"})), User("bob", frozenset({"everyone"}))
ROOT = User("root", frozenset({"everyone"}), "admin")
DIGEST = "d1" * 32


@dataclass
class Log:
    """An audit log by script."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def of_person(self, person: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry["who"] == person]

    def forget(self, person: str) -> int:
        gone = self.of_person(person)
        self.entries = [entry for entry in self.entries if entry not in gone]
        return len(gone)


@dataclass
class Office:
    """The parts that hold something on people."""

    catalog: Catalog
    blobs: FolderBlobs
    uploads: UploadDesk
    log: Log
    desk: PersonalDesk

    def fill(self, user: User, word: str) -> None:
        """Let everything be held on a person, with the word in it."""
        person = self.catalog.people.add(user.id, f"{word} Brown", user.groups, "employee")
        self.catalog.people.change(
            person.id, email=f"{word}@example.com", external_id=f"idp-{word}", password=f"$argon2{word}"
        )
        self.catalog.people.add_token(user.id, f"{word} laptop", ["read"], f"{user.id:0<64}", time.time() + 99)
        now = time.time()
        session = SessionRow(
            id=f"s-{user.id}", person_id=user.id, digest=f"{user.id:1<64}", rotated_at=now, way="password",
            address="203.0.113.7", agent=word, created_at=now, used_at=now, expires_at=now + 99,
        )  # fmt: skip
        opening = OpeningRow(
            id=f"o-{user.id}", person_id=user.id, document_id="d", source="s", key="k", reason=word,
            created_at=now, expires_at=now,
        )  # fmt: skip
        with self.catalog.database.write() as rows:
            rows.add_all([session, opening])
        self.converse(user, word)
        deleted = self.converse(user, word)
        self.catalog.conversations.delete(user, deleted)
        self.catalog.feedback.add(user, f"{word}?", f"{word}!", "down", word, [])
        self.uploads.put(user, f"{word}.txt", f"{word} has a cat\n".encode())
        self.log.entries.append({"who": user.id, "action": f"asked {word}"})

    def converse(self, user: User, word: str) -> str:
        """Record a conversation with a picture; returns its id."""
        row = {"id": "1", "name": f"{word}/../shot.png", "media_type": "image/png", "text": word, "carried": False}
        options = {"mode": "auto", "budget": None, "filters": {}, "model": "", "attachments": [row]}
        new = NewTurn(None, "asked", f"{word}?", options, {"history": {}})
        record, turn = self.catalog.conversations.begin(user, None, new, 60, word)
        self.catalog.conversations.write([Progress(turn.id, "complete", f"{word}!")], 60)
        self.blobs.put(attachment_key(record.id, "1"), word.encode())
        return record.id

    def remove(self, source: str) -> None:
        """Remove a source with what it has, as workers would."""
        self.catalog.sources.remove(source)


@pytest.fixture
def office(catalog: Catalog, tmp_path: Path) -> Office:  # noqa: F811
    registry = PluginRegistry()
    registry.add_parser(PlainParser())
    blobs, log = FolderBlobs(tmp_path / "blobs"), Log()
    uploads = UploadDesk(catalog, blobs, registry, 1000)
    office = Office(catalog, blobs, uploads, log, PersonalDesk(catalog, blobs, uploads, catalog.sources.remove, log))
    catalog.people.add(ROOT.id, "", [], "admin")
    office.fill(ANN, "wombat")
    office.fill(BOB, "gecko")
    return office
