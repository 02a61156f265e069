"""Syncs of the vendors' sources into a catalog and an index: what is embedded again, and who may read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from assistant.interfaces import Vectors
from assistant.registry import load_registry
from assistant.types import User
from plugins.cloud.serving import serving
from plugins.google_drive.scripted import GoogleDrive
from plugins.sharepoint.scripted import SECRET, Graph, granted
from plugins.slack.scripted import TOKEN, Slack
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sleepless import sleepless
from tests.fakes.system import System

ANN, BOB = User("ann@example.org"), User("bob@example.org")
GIVEN = {"private_hosts": ["localhost"], "other_users": "user:{mail}"}


class Counting(FakeEmbedder):
    """Counts what it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def embed_passages(self, texts: Any) -> Vectors:
        self.embedded += texts
        return super().embed_passages(texts)


class Vendor:
    """A source on a system, synced for real."""

    def __init__(self, folder: Path, kind: str, config: dict[str, Any]) -> None:
        self.system = System(folder)
        self.system.embedder = self.embedder = Counting()
        for parser in load_registry().parsers:
            self.system.registry.add_parser(parser)
        offered = load_registry().sources[kind]
        self.system.registry.add_source(kind, offered.config, offered.factory)
        self.system.ingestor = self.system.new_ingestor()
        values = self.system.registry.validate(kind, {**config, **GIVEN})
        self.system.catalog.sources.add("v", kind, values, {})

    def sync(self) -> tuple[int, int, int, int, int]:
        """Return what came, changed, moved, went and failed."""
        self.embedder.embedded.clear()
        report = self.system.ingestor.sync("v", "cli")
        return report.added, report.updated, report.moved, report.deleted, report.failed

    def readable(self, user: User) -> set[str]:
        """Return the keys of what a person may read."""
        return {info.ref.key for info in self.system.library.documents(user)}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    sleepless(monkeypatch)
    with ExitStack() as stack:
        yield stack


def test_drive(stack: ExitStack, tmp_path: Path) -> None:
    drive = GoogleDrive()
    stack.enter_context(serving(drive))
    folder = drive.folder("Policies", drive.root)
    ann, bob = ({"type": "user", "emailAddress": user.id} for user in (ANN, BOB))
    drive.share(folder, ann)
    ids = [drive.add(f"{name}.txt", folder, f"the rules of {name}\n".encode()) for name in ("leave", "travel")]
    drive.add("form", folder, kind="application/vnd.google-apps.form")
    vendor = Vendor(tmp_path, "google_drive", {"credentials": drive.key(), "api": drive.url})
    stack.callback(vendor.system.close)
    assert vendor.sync() == (2, 0, 0, 0, 1)
    assert (len(vendor.readable(ANN)), len(vendor.readable(BOB))) == (2, 0)
    drive.share(folder, bob)
    assert vendor.sync()[:4] == (0, 2, 0, 0)
    assert (len(vendor.readable(ANN)), len(vendor.readable(BOB))) == (0, 2)
    assert vendor.embedder.embedded == []
    drive.change(folder, name="Rules")
    assert vendor.sync()[:4] == (0, 0, 2, 0)
    assert vendor.embedder.embedded == []
    assert vendor.readable(BOB) == {"Rules/leave.txt", "Rules/travel.txt"}
    drive.write(ids[0], b"other rules of leave\n")
    drive.delete(ids[1])
    assert vendor.sync()[:4] == (0, 1, 0, 1)
    assert len(vendor.embedder.embedded) == 1


def test_sharepoint(stack: ExitStack, tmp_path: Path) -> None:
    graph = Graph()
    stack.enter_context(serving(graph))
    library = graph.main
    folder = library.add("Policies", library.root)
    library.share(folder, granted("user", ANN.id))
    ids = [library.add(f"{name}.txt", folder, f"the rules of {name}\n".encode()) for name in ("leave", "travel")]
    config = {"tenant": "contoso.onmicrosoft.com", "client_id": "app", "client_secret": SECRET}
    config |= {"site": "https://contoso.sharepoint.com/sites/hr", "api": graph.url, "login": graph.url}
    vendor = Vendor(tmp_path, "sharepoint", config)
    stack.callback(vendor.system.close)
    assert vendor.sync() == (2, 0, 0, 0, 0)
    assert (len(vendor.readable(ANN)), len(vendor.readable(BOB))) == (2, 0)
    library.share(folder, granted("user", BOB.id))
    assert vendor.sync() == (0, 2, 0, 0, 0)
    assert (len(vendor.readable(ANN)), len(vendor.readable(BOB))) == (0, 2)
    assert vendor.embedder.embedded == []
    library.change(folder, name="Rules")
    assert vendor.sync() == (0, 0, 2, 0, 0)
    assert vendor.embedder.embedded == []
    assert vendor.readable(BOB) == {"Rules/leave.txt", "Rules/travel.txt"}
    library.write(ids[0], b"other rules of leave\n")
    library.delete(ids[1])
    assert vendor.sync() == (0, 1, 0, 1, 0)
    assert len(vendor.embedder.embedded) == 1


def test_slack(stack: ExitStack, tmp_path: Path) -> None:
    slack = Slack()
    stack.enter_context(serving(slack))
    ann, bob = slack.person("Ann"), slack.person("Bob")
    channel = slack.channel("hr", ann, is_private=True)
    asked = slack.post(channel, ann, "How many days of leave?", 1_767_348_930)
    slack.post(channel, ann, "Thirty.", 1_767_348_990, thread=asked)
    vendor = Vendor(tmp_path, "slack", {"token": TOKEN, "api": slack.url})
    stack.callback(vendor.system.close)
    assert vendor.sync() == (1, 0, 0, 0, 0)
    assert (len(vendor.readable(ANN)), len(vendor.readable(BOB))) == (1, 0)
    assert any("Thirty." in text for text in vendor.embedder.embedded)
    slack.members[channel] = [bob]
    assert vendor.sync() == (0, 1, 0, 0, 0)
    assert (len(vendor.readable(ANN)), len(vendor.readable(BOB))) == (0, 1)
    assert vendor.embedder.embedded == []
    del slack.channels[channel]
    assert vendor.sync() == (0, 0, 0, 1, 0)
