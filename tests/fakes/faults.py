"""What tests of faults share: a broker in the test's own thread, both ways of ingesting, and what the end must be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from assistant.app import App
from assistant.catalog import RunRecord
from assistant.errors import (
    AssistantError,
)
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import MemoryConfig, MemorySource, System
from workers.celery_app import DELETE, EMBED, PARSE, SYNC
from workers.tasks import Tasks


class Broker:
    """Carries messages in the test's own thread, and reconciles when asked to; what fails is kept."""

    def __init__(self, system: System) -> None:
        self.tasks = Tasks(cast(Any, self), lambda: cast(App, system))
        self.errors: list[AssistantError] = []
        self._messages: list[tuple[str, list[Any], dict[str, Any]]] = []

    def send_task(
        self, name: str, args: list[Any] | None = None, kwargs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        self._messages.append((name, args or [], kwargs or {}))

    def look(self) -> None:
        """Do what beat asks for: look for what is due, and for what is unfinished; then all that follows."""
        self._try(self.tasks.enqueue_due)
        self._try(self.tasks.reconcile)
        self.deliver()

    def sync(self, source: str = "s") -> None:
        """Sync by stages."""
        self.send_task(SYNC, [source, "api"])
        self.deliver()

    def deliver(self) -> None:
        does = {
            SYNC: self.tasks.sync_source,
            PARSE: self.tasks.parse,
            EMBED: self.tasks.embed,
            DELETE: self.tasks.delete,
        }
        while self._messages:
            name, args, kwargs = self._messages.pop(0)
            self._try(lambda: does[name](*args, **kwargs))  # noqa: B023 - called at once

    def _try(self, run: Callable[[], None]) -> None:
        try:
            run()
        except AssistantError as error:
            self.errors.append(error)


def texts(count: int = 12) -> dict[str, str]:
    return {f"{n:02}": f"text {n}\nand more of {n}" for n in range(count)}


def ingest(system: System, way: str, source: str = "s") -> list[AssistantError]:
    """Sync the source once. Returns what stopped it."""
    if way == "stages":
        broker = Broker(system)
        broker.sync(source)
        return broker.errors
    try:
        system.ingestor.sync(source, "cli")
    except AssistantError as error:
        return [error]
    return []


def again(system: System, way: str) -> None:
    """What happens by itself once the fault is gone: the reconciler's look, or the next sync."""
    if way == "stages":
        broker = Broker(system)
        broker.look()
        assert broker.errors == []
    else:
        system.ingestor.sync("s", "cli")


def newest(system: System, source: str = "s") -> RunRecord:
    return system.catalog.runs.newest(source)[0]


def make_due(system: System) -> None:
    from sqlalchemy import text

    with system.catalog.database.write() as session:
        session.execute(text("UPDATE jobs SET not_before = 1 WHERE not_before IS NOT NULL"))


def add_other(system: System) -> None:
    """Add a source that nothing is wrong with."""
    good = MemorySource(texts={"good": "all is well here"})
    system.registry.add_source("good", MemoryConfig, lambda _: good)
    system.catalog.sources.add("other", "good", {}, {})


def assert_is_clean(system: System, source: str = "s", wanted: dict[str, str] | None = None) -> None:
    """The end is that of a clean ingest: every document once, in catalog, index and blob store, and no work left."""
    wanted = system.source.texts if wanted is None else wanted
    infos = [info for info in system.library.documents(LOCAL_OPERATOR) if info.ref.source == source]
    assert {i.ref.key: system.library.read(source, i.ref.key, LOCAL_OPERATOR).text for i in infos} == wanted
    current = system.catalog.documents.current_versions()
    assert system.index.versions() == {key: {version} for key, version in current.items()}
    assert list(system.blobs.keys("prepared")) == []
    assert system.catalog.jobs.count("queued") == system.catalog.jobs.count("running") == 0
    assert system.catalog.runs.open() == []
