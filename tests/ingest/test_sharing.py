"""One source object does a listing and hands out its documents, so that nothing is downloaded twice."""

from __future__ import annotations

import gc
import importlib
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ConfigurationError, SourceError
from assistant.ingest import sharing
from assistant.ingest.sharing import SharedSources
from tests.fakes.system import MemoryConfig, MemorySource, System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


@pytest.fixture
def made(system: System, monkeypatch: pytest.MonkeyPatch) -> list[MemorySource]:
    """The sources that were made, a new one each time."""
    sources: list[MemorySource] = []

    def make(_: Any) -> MemorySource:
        sources.append(MemorySource(texts={str(number): "text" for number in range(9)}))
        return sources[-1]

    system.registry.add_source("new", MemoryConfig, make)
    system.catalog.sources.add("n", "new", {}, {})
    return sources


def test_a_sync_makes_one_source(system: System, made: list[MemorySource]) -> None:
    system.ingestor.sync("n", "cli")  # documents are claimed four at a time
    assert len(made) == 1
    assert len(made[0].fetched) == 9


def test_another_configuration_another_plugin_and_a_long_rest_make_another(
    system: System, made: list[MemorySource], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedSources(system.registry)
    record = system.catalog.sources.get("n")
    first = shared.of(record)
    assert shared.of(record) is first
    system.catalog.sources.set_config("n", {"more": 1})
    second = shared.of(system.catalog.sources.get("n"))
    assert second is not first
    system.registry._sources["new"] = type(system.registry._sources["new"])("new", MemoryConfig, lambda _: first)
    assert shared.of(system.catalog.sources.get("n")) is first
    monkeypatch.setattr(sharing, "_IDLE_SECONDS", 0.0)
    time.sleep(0.01)
    system.registry._sources.pop("new")
    with pytest.raises(ConfigurationError, match="no source kind"):
        shared.of(system.catalog.sources.get("n"))


def test_only_so_many_are_kept(system: System, made: list[MemorySource], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_MOST", 1)
    shared = SharedSources(system.registry)
    for name in ("n", "o", "p"):
        if name != "n":
            system.catalog.sources.add(name, "new", {}, {})
        shared.of(system.catalog.sources.get(name))
    assert len(made) == 3
    shared.of(system.catalog.sources.get("p"))
    assert len(made) == 3
    shared.of(system.catalog.sources.get("n"))
    assert len(made) == 4


def test_after_a_failed_listing_a_new_one_is_made(system: System, made: list[MemorySource]) -> None:
    system.ingestor.sync("n", "cli")
    made[0].listing_error = SourceError("the key is another now")
    with pytest.raises(SourceError):
        system.ingestor.sync("n", "cli")
    system.ingestor.sync("n", "cli")
    assert len(made) == 2


def test_nothing_is_kept_of_a_source_that_is_removed(system: System, made: list[MemorySource]) -> None:
    system.ingestor.sync("n", "cli")
    there = weakref.ref(made.pop())
    assert there() is not None
    system.ingestor.remove("n")
    gc.collect()
    assert there() is None


def scene_of(system: System, kind: str, folder: Path, **more: Any) -> Any:
    scene = importlib.import_module(f"plugins.{kind}.conformance").SCENES[kind](folder)
    importlib.import_module(f"plugins.{kind}").register(system.registry)
    config = {**scene.config, **more}
    system.catalog.sources.add("own", kind, system.registry.validate(kind, config), {})
    return scene


@pytest.mark.parametrize(("kind", "more"), [("git", {"refresh_seconds": 30}), ("web", {}), ("feed", {})])
def test_the_first_sync_downloads_everything_once(
    kind: str, more: dict[str, Any], system: System, tmp_path: Path
) -> None:
    scene = scene_of(system, kind, tmp_path, **({"refresh_seconds": 60} if kind == "feed" else more))
    try:
        size = 0
        for number in range(12):
            text = "".join(f"{number * line} is a number. " for line in range(2_000)).encode()
            scene.put(f"{number}.txt", text)
            size += len(text)
        report = system.ingestor.sync("own", "cli")
        assert report.seen == 12
        sent, asked = scene._server.sent, scene._server.asked
        if kind == "git":  # it packs what it sends
            assert sum("git-upload-pack" in one and one.startswith("POST") for one in asked) <= 2
        elif kind == "feed":
            assert asked == ["GET /feed.xml"]
        else:
            assert size < sent < 1.05 * size
    finally:
        scene.close()
