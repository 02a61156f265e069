"""Vendors' sources in a whole ingestion: what comes, changes, is forbidden and goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from assistant.parsing import register
from assistant.types import LOCAL_OPERATOR, Access, SyncReport, User
from tests.fakes.sleepless import sleepless
from tests.fakes.system import System
from tests.fakes.vendor_scene import VendorScene
from tests.plugins.confluence.scene import ConfluenceScene
from tests.plugins.github.scene import GithubScene
from tests.plugins.gitlab.scene import GitlabScene
from tests.plugins.jira.scene import JiraScene

SCENES: dict[str, Callable[[Path], VendorScene]] = {
    "confluence": ConfluenceScene,
    "confluence datacenter": lambda folder: ConfluenceScene(folder, is_cloud=False),
    "github": GithubScene,
    "gitlab": GitlabScene,
    "jira": JiraScene,
}


@pytest.fixture(params=list(SCENES))
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VendorScene]:
    scene = SCENES[request.param](tmp_path)
    yield scene
    scene.close()


@pytest.fixture
def system(tmp_path: Path, scene: VendorScene, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    sleepless(monkeypatch)
    system = System(tmp_path)
    register(system.registry)
    made: Any = scene.make()
    system.source = made
    yield system
    system.close()


def outcome(report: SyncReport) -> dict[str, int]:
    names = ("seen", "added", "updated", "unchanged", "deleted", "failed")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def test_what_is_written_there_is_read_and_goes_with_its_right(
    system: System, scene: VendorScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.config["users"] |= {"acc-bob": "user:bob", "bob": "user:bob"}
    made: Any = scene.make()
    system.source = made
    for name in ("one", "two", "three"):  # every kind of document
        scene.put(f"{name}.txt", f"words of {name}".encode())
    before = outcome(system.ingestor.sync("s", "cli"))
    documents = system.library.documents(LOCAL_OPERATOR)
    assert before["added"] >= 2
    assert {info.ref.access for info in documents} == {Access(frozenset({"user:ann"}))}
    ann, bob = User("ann"), User("bob")
    assert len(system.library.documents(ann)) == len(documents)
    assert system.library.documents(bob) == []

    def refuse(_: object) -> NoReturn:
        raise AssertionError("embedded again")

    monkeypatch.setattr(system.embedder, "embed_passages", refuse)
    asked: list[str] = []
    fetch = made.fetch
    monkeypatch.setattr(made, "fetch", lambda key: asked.append(key) or fetch(key))
    again = outcome(system.ingestor.sync("s", "cli"))
    assert again["unchanged"] == len(documents)
    assert "updated" not in again
    documents_asked = len(asked)
    scene.admit("acc-bob" if isinstance(scene, ConfluenceScene | JiraScene) else "bob")
    assert outcome(system.ingestor.sync("s", "cli"))["updated"] == len(documents)
    assert len(asked) == documents_asked, "a document was read for its readers"
    assert system.library.documents(ann) == []
    assert len(system.library.documents(bob)) == len(documents)
    scene.remove("one.txt")
    assert outcome(system.ingestor.sync("s", "cli"))["deleted"] == 1
    assert len(system.library.documents(bob)) == len(documents) - 1
