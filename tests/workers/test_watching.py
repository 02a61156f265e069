"""Folders that are watched: a change asks for a sync by itself, and soon."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from assistant.app import App
from assistant.errors import CatalogUnavailableError, NotFoundError
from assistant.types import LOCAL_OPERATOR
from plugins.folder import register
from tests.fakes.system import System
from workers import watching
from workers.embedded import EmbeddedWorker
from workers.watching import Watcher

LOOK = 0.1


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    register(system.registry)
    (tmp_path / "docs").mkdir()
    yield system
    system.close()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_QUIET_MS", 200)
    monkeypatch.setattr(watching, "_LONGEST_MS", 1000)
    monkeypatch.setattr(watching, "_AGAIN_SECONDS", LOOK)


@pytest.fixture
def asked(system: System) -> Iterator[list[str]]:
    """What syncs were asked for by a watcher that runs."""
    names: list[str] = []
    watcher = Watcher(lambda: system.catalog, system.registry, names.append, LOOK)
    watcher.start()
    yield names
    watcher.stop()


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the files and folders for whose changes a sync has been asked."""
    import watchfiles

    names: set[str] = set()
    watch = watchfiles.watch

    def noted(*args: Any, **named: Any) -> Iterator[set[tuple[Any, str]]]:
        for changes in watch(*args, **named):
            yield changes
            names.update(Path(path).name for _, path in changes)

    monkeypatch.setattr(watchfiles, "watch", noted)
    return names


def add(system: System, folder: Path, **more: Any) -> None:
    config = system.registry.validate("folder", {"path": str(folder), "watch": True, **more})
    system.catalog.sources.add("docs", "folder", config, {})


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_watching(folder: Path, asked: list[str]) -> bool:
    """Whether a change is seen: a watch begins at some time after its source is known."""
    (folder / f"probe-{time.monotonic_ns()}").touch()
    time.sleep(0.4)
    return bool(asked)


def until_at_rest(folder: Path, handled: set[str]) -> None:
    """Wait until the watcher has done with all that happened; what is made last tells it, by one event."""
    last = folder / f"last-{time.monotonic_ns()}"
    last.mkdir()
    wait_for(lambda: last.name in handled)


def test_a_changed_folder_asks_for_a_sync_once_it_is_at_rest(
    system: System, tmp_path: Path, asked: list[str], handled: set[str]
) -> None:
    add(system, tmp_path / "docs")
    wait_for(lambda: asked)  # at first, for what changed while nobody watched
    asked.clear()
    wait_for(lambda: is_watching(tmp_path / "docs", asked))
    until_at_rest(tmp_path / "docs", handled)
    asked.clear()
    began = time.monotonic()
    (tmp_path / "docs" / "deep").mkdir()
    for number in range(20):
        (tmp_path / "docs" / "deep" / f"{number}.txt").write_text("words")
    until_at_rest(tmp_path / "docs", handled)
    assert 1 <= len(asked) <= 1 + (time.monotonic() - began) / 0.2  # each gathers what comes in so many seconds
    asked.clear()
    (tmp_path / "docs" / ".hidden").write_text("no document")
    until_at_rest(tmp_path / "docs", handled)
    assert ".hidden" not in handled
    assert asked == ["docs"]  # for what was made last


def test_a_folder_that_is_not_there_is_waited_for(
    system: System, tmp_path: Path, asked: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "later"
    add(system, folder)
    wait_for(lambda: "later of the source docs is not there" in caplog.text)
    folder.mkdir()
    wait_for(lambda: asked)
    asked.clear()
    wait_for(lambda: is_watching(folder, asked))


def test_a_share_that_goes_away_is_waited_for(
    system: System, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, look = tmp_path / "share", Path.is_dir
    folder.mkdir()
    away = True

    def is_dir(path: Path) -> bool:
        if away and path == folder:
            raise OSError(116, "Stale file handle")
        return look(path)

    monkeypatch.setattr(Path, "is_dir", is_dir)
    add(system, folder)
    time.sleep(5 * LOOK)
    assert asked == []
    away = False
    wait_for(lambda: asked)


def test_where_watching_is_not_possible_that_is_said(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import watchfiles

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", full)
    watcher = Watcher(lambda: system.catalog, system.registry, lambda _: None, LOOK)
    add(system, tmp_path / "docs")
    watcher.start()
    try:
        wait_for(lambda: "only its schedule finds what changes: [Errno 28] OS file watch limit reached" in caplog.text)
    finally:
        watcher.stop()


def test_who_begins_to_watch_later_asks_at_once_and_who_ends_asks_no_more(system: System, tmp_path: Path) -> None:
    asked: list[str] = []
    leads = False
    watcher = Watcher(lambda: system.catalog, system.registry, asked.append, LOOK, lambda: leads)
    add(system, tmp_path / "docs")
    watcher.start()
    try:
        time.sleep(5 * LOOK)
        assert asked == []
        leads = True
        wait_for(lambda: asked)
        leads = False
        wait_for(lambda: not any(one.is_alive() for one in watcher._threads))
        asked.clear()
        (tmp_path / "docs" / "a.txt").write_text("words")
        time.sleep(1)
        assert asked == []
    finally:
        watcher.stop()


def test_only_active_sources_that_want_it_are_watched(system: System, tmp_path: Path) -> None:
    watcher = Watcher(lambda: system.catalog, system.registry, lambda _: None, LOOK)
    add(system, tmp_path / "docs", watch=False)
    assert watcher._wanted() == set()
    system.catalog.sources.set_config("docs", {"path": str(tmp_path / "docs"), "watch": True})
    assert watcher._wanted() == {("docs", tmp_path / "docs")}
    system.catalog.sources.set_state("docs", "paused")
    assert watcher._wanted() == set()


def test_a_catalog_that_is_locked_ends_nothing(
    system: System, tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add(system, tmp_path / "docs")
    wait_for(lambda: is_watching(tmp_path / "docs", asked))

    def locked() -> Any:
        raise CatalogUnavailableError("locked")

    monkeypatch.setattr(system.catalog.sources, "all", locked)
    wait_for(lambda: "not known now: locked" in caplog.text)
    asked.clear()
    wait_for(lambda: is_watching(tmp_path / "docs", asked))


def test_a_file_that_is_written_is_found_without_a_sync(system: System, tmp_path: Path) -> None:
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    folder = tmp_path / "docs"
    add(system, folder)
    worker = EmbeddedWorker(cast(App, system))
    worker.start()

    def is_there(key: str, text: str) -> bool:
        try:
            return system.library.read("docs", key, LOCAL_OPERATOR).text == text
        except NotFoundError:
            return False

    def comes(key: str, text: str) -> bool:
        (folder / key).write_text(text)  # again and again, as the watch begins when it does
        time.sleep(0.5)
        return is_there(key, text)

    try:
        wait_for(lambda: comes("a.txt", "the first words"), 120)
        (folder / "a.txt").write_text("other words, and more")
        began = time.monotonic()
        wait_for(lambda: is_there("a.txt", "other words, and more"), 240)
        assert time.monotonic() - began < 120
    finally:
        worker.stop()
    assert "watch" in {run.trigger for run in system.catalog.runs.newest()}
