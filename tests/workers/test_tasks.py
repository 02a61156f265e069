"""The tasks, and the worker with beat inside one process on Celery's in-memory transport."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import update

from assistant.app import App
from assistant.app.announcing import webhook_desk
from assistant.catalog.jobs import NewJob
from assistant.catalog.models_webhooks import DeliveryRow
from assistant.errors import BrokerUnavailableError, IndexUnavailableError, SourceUnreachableError
from assistant.ingest import Limits
from assistant.ingest.owners import this_process
from assistant.types import LOCAL_OPERATOR, Change
from tests.fakes.receiver import Receiver
from tests.fakes.system import System
from workers.celery_app import DELETE, DUE, EMBED, KEEP_LEVEL, PARSE, PRUNE, QUEUES, RECONCILE, SYNC, TELL, make_celery
from workers.embedded import CeleryQueue, EmbeddedWorker
from workers.tasks import Tasks


class SentTasks:
    """Stands in for the Celery app: keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[Any]]] = []
        self.kwargs: list[dict[str, Any]] = []

    def send_task(
        self, name: str, args: list[Any] | None = None, kwargs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        self.sent.append((name, args or []))
        self.kwargs.append(kwargs or {})

    def taken(self) -> list[str]:
        """Return the names of what was sent since the last call."""
        names = [name for name, _ in self.sent]
        self.sent.clear()
        return names


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(10)}
    yield system
    system.close()


@pytest.fixture
def celery() -> SentTasks:
    return SentTasks()


@pytest.fixture
def tasks(system: System, celery: SentTasks) -> Tasks:
    return Tasks(cast(Any, celery), lambda: cast(App, system))


def test_a_sync_records_jobs_and_each_stage_asks_for_the_next(tasks: Tasks, celery: SentTasks, system: System) -> None:
    tasks.sync_source("s", "api")
    assert celery.taken() == [PARSE, PARSE]  # ten documents may take long: both places are asked for
    tasks.parse()
    assert celery.taken() == [EMBED]
    tasks.embed()
    tasks.embed()  # a message that comes twice does no harm
    assert celery.taken() == []
    record = system.catalog.runs.newest()[0]
    assert (record.state, record.added) == ("done", 10)
    system.source.texts.clear()
    tasks.sync_source("s", "api")
    assert celery.taken() == [DELETE]
    tasks.delete()
    assert system.catalog.runs.newest()[0].deleted == 10


def test_a_turn_that_leaves_work_asks_for_one_more(tasks: Tasks, celery: SentTasks, system: System) -> None:
    system.ingestor = system.new_ingestor(limits=Limits(turn_seconds=1e-9))
    system.source.texts = {f"{n:03}": f"text {n}" for n in range(100)}
    tasks.sync_source("s", "api")
    assert celery.taken() == [PARSE, PARSE]  # as many as there are places
    tasks.parse()
    assert celery.taken() == [PARSE]


def test_while_all_places_are_taken_only_what_is_urgent_is_parsed(
    tasks: Tasks, celery: SentTasks, system: System
) -> None:
    tasks.sync_source("s", "api")
    places = tasks._parse_places(cast(App, system))
    for _ in range(system.settings.worker_threads):
        assert places.acquire(blocking=False)
    celery.taken()
    tasks.parse()
    assert system.catalog.stages.waiting()["parse"].jobs == 10
    system.catalog.sources.add("mine", "memory", {}, {})
    tasks.sync_source("mine", "upload")
    tasks.parse()
    assert system.catalog.stages.waiting()["parse"].jobs == 10
    assert system.catalog.stages.waiting()["embed"].jobs == 10
    places.release()
    tasks.parse()
    assert system.catalog.stages.waiting()["parse"].jobs == 0


def test_a_second_sync_of_a_busy_source_does_nothing(tasks: Tasks, celery: SentTasks, system: System) -> None:
    system.catalog.runs.start("s", "api", this_process())
    tasks.sync_source("s", "schedule")
    tasks.sync_source("removed meanwhile", "schedule")
    assert celery.sent == []


def test_an_index_that_goes_while_a_source_is_listed_is_left_to_the_sources_own_retry(
    tasks: Tasks, celery: SentTasks, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> dict[str, set[str]]:
        raise IndexUnavailableError("no owner", "start it")

    monkeypatch.setattr(system.index, "versions", away)
    with pytest.raises(IndexUnavailableError):
        tasks.sync_source("s", "api")
    assert celery.taken() == []
    assert system.catalog.sources.get("s").retry_at is not None


@pytest.mark.parametrize(("due", "sent"), [(False, [SYNC]), (True, [])])
def test_a_sync_waits_for_an_index_that_is_not_there_yet(
    tasks: Tasks, celery: SentTasks, system: System, monkeypatch: pytest.MonkeyPatch, due: bool, sent: list[str]
) -> None:
    def away() -> bool:
        raise IndexUnavailableError("no owner", "start it")

    monkeypatch.setattr(system, "follow", away)
    tasks.sync_source("s", "api", due=due)
    assert celery.taken() == sent
    assert system.catalog.runs.newest() == []


def test_due_sources_are_synced_and_others_not(tasks: Tasks, celery: SentTasks, system: System) -> None:
    now = time.time()
    sources = system.catalog.sources
    for name, schedule in (("due", "every 1m"), ("paused", "every 1m"), ("later", "every 1h"), ("never", None)):
        sources.add(name, "memory", {}, {}, schedule)
        sources.synced(name, None, now - 120)
    sources.set_state("paused", "paused")
    tasks.enqueue_due()
    assert celery.sent == [(SYNC, ["due", "schedule"])]
    sources.synced("due", None, time.time())
    tasks.enqueue_due()
    assert len(celery.sent) == 1


def test_a_due_source_is_asked_for_once_until_its_message_may_be_lost(
    tasks: Tasks, celery: SentTasks, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.catalog.sources.add("due", "memory", {}, {}, "every 1m")
    for _ in range(3):
        tasks.enqueue_due()
    assert celery.sent == [(SYNC, ["due", "schedule"])]
    monkeypatch.setattr("workers.tasks.time.monotonic", lambda: 1e12)
    tasks.enqueue_due()
    assert len(celery.sent) == 2


def test_only_one_thread_keeps_indexes_level(tasks: Tasks, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    began, over, times = threading.Event(), threading.Event(), []

    def renew() -> None:
        times.append(1)
        began.set()
        assert over.wait(60)

    monkeypatch.setattr(system.ingestor, "renew", renew)
    thread = threading.Thread(target=tasks.keep_level)
    thread.start()
    assert began.wait(60)
    tasks.keep_level()
    assert times == [1]
    over.set()
    thread.join()


def test_one_wrong_schedule_does_not_keep_the_others(tasks: Tasks, celery: SentTasks, system: System) -> None:
    for name, schedule in (("bad", "0 0 30 2 *"), ("good", "every 1m")):
        system.catalog.sources.add(name, "memory", {}, {}, schedule)
        system.catalog.sources.synced(name, None, time.time() - 120)
    tasks.enqueue_due()
    assert celery.sent == [(SYNC, ["good", "schedule"])]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "nonsense://"])
def test_a_broker_that_does_not_answer_is_a_known_error(system: System, url: str) -> None:
    celery = make_celery(system.settings.model_copy(update={"broker_url": url}))
    with pytest.raises(BrokerUnavailableError, match="the broker does not take work") as caught:
        CeleryQueue(celery).enqueue_sync("s", "api")
    assert caught.value.retryable


def test_a_source_that_was_never_synced_is_due_at_once(tasks: Tasks, celery: SentTasks, system: System) -> None:
    system.catalog.sources.set_schedule("s", "0 0 1 1 *")
    tasks.enqueue_due()
    assert celery.sent == [(SYNC, ["s", "schedule"])]


def test_a_schedule_that_is_changed_holds_from_the_next_look_on(
    tasks: Tasks, celery: SentTasks, system: System
) -> None:
    system.catalog.sources.synced("s", None, time.time() - 120)
    system.catalog.sources.set_schedule("s", "every 1h")
    tasks.enqueue_due()
    assert celery.sent == []
    system.catalog.sources.set_schedule("s", "every 1m")
    tasks.enqueue_due()
    assert celery.sent == [(SYNC, ["s", "schedule"])]


def test_the_reconciler_takes_up_what_a_dead_process_left(tasks: Tasks, celery: SentTasks, system: System) -> None:
    dead = "/".join([this_process().split("/")[0], "999999999", "1", "dead"])
    run = system.catalog.runs.start("s", "api", dead)
    system.catalog.jobs.record("s", run.id, [NewJob(key, "ingest") for key in system.source.texts])
    system.catalog.runs.listed(run.id)
    system.catalog.jobs.claim(run.id, dead, 4, lease_seconds=9999)
    tasks.reconcile()
    asked = celery.taken()
    assert asked == [PARSE, PARSE]
    for _ in asked:
        tasks.parse()
        tasks.embed()
    assert system.catalog.runs.get(run.id).state == "done"
    assert len(system.library.documents(LOCAL_OPERATOR)) == 10


def test_the_reconciler_lists_again_where_the_lister_died(tasks: Tasks, celery: SentTasks, system: System) -> None:
    dead = "/".join([this_process().split("/")[0], "999999999", "1", "dead"])
    run = system.catalog.runs.start("s", "api", dead)
    tasks.reconcile()
    assert celery.sent == [(SYNC, ["s", "reconciler"])]
    assert system.catalog.runs.get(run.id).state == "interrupted"


def test_the_reconciler_leaves_what_is_at_work_alone(tasks: Tasks, celery: SentTasks, system: System) -> None:
    run = system.catalog.runs.start("s", "api", this_process())
    tasks.reconcile()
    assert celery.sent == []
    assert system.catalog.runs.get(run.id).state == "running"


def test_beat_sends_fixed_looks_only(system: System) -> None:
    celery = make_celery(system.settings)
    assert {entry["task"] for entry in celery.conf.beat_schedule.values()} == {DUE, RECONCILE, PRUNE, KEEP_LEVEL, TELL}
    assert celery.conf.accept_content == ["json"]


def test_webhooks_are_told_by_a_turn_and_forgotten_in_time(tasks: Tasks, system: System) -> None:
    receiver = Receiver()
    system.settings = system.settings.model_copy(update={"webhook_hosts": ("127.0.0.1",), "webhook_days": 1.0})
    _, secret = webhook_desk(cast(App, system)).add("ops", receiver.url, ["run.finished"], LOCAL_OPERATOR)
    tasks.sync_source("s", "api")
    while system.catalog.runs.newest()[0].state == "running":  # a turn may end before everything is done
        tasks.parse()
        tasks.embed()
    tasks.tell_webhooks()
    tasks.tell_webhooks()
    (told,) = receiver.verified(secret)
    assert (told["type"], told["data"]["documents"]["added"]) == ("run.finished", 10)
    assert told["data"]["link"].startswith("http://127.0.0.1:8091/runs?run=")
    receiver.down()
    tasks.prune()
    assert len(system.catalog.deliveries.newest("ops", 10)) == 1
    with system.catalog.database.write() as session:
        session.execute(update(DeliveryRow).values(created_at=time.time() - 2 * 86400))
    tasks.prune()
    assert system.catalog.deliveries.newest("ops", 10) == []


def test_every_kind_of_work_has_a_queue_that_a_worker_consumes(system: System) -> None:
    celery = make_celery(system.settings)
    assert set(celery.amqp.queues) == {"sync", "parse", "embed", "delete", "maintenance"} == set(QUEUES.values())
    for task, queue in QUEUES.items():
        assert celery.amqp.router.route({}, task)["queue"].name == queue


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_worker_and_beat_in_one_process(system: System) -> None:
    worker = EmbeddedWorker(cast(App, system))
    worker.start()
    try:
        worker.queue.enqueue_sync("s", "api")
        wait_for(lambda: [run.state for run in system.catalog.runs.newest()] == ["done"])
        assert system.catalog.runs.newest()[0].added == 10
        system.source.texts["new"] = "added later"
        system.catalog.sources.set_schedule("s", "every 1s")
        wait_for(lambda: any(r.trigger == "schedule" and r.added == 1 for r in system.catalog.runs.newest()))
    finally:
        worker.stop()
    names = {info.ref.key for info in system.library.documents(LOCAL_OPERATOR)}
    assert "new" in names


def test_a_sync_that_was_asked_for_comes_though_its_message_is_lost(
    tasks: Tasks, celery: SentTasks, system: System
) -> None:
    system.catalog.sources.ask("s", full=True)
    system.catalog.sources.ask("s")  # again, while the full one has not begun
    tasks.reconcile()
    assert celery.sent == [(SYNC, ["s", "api"])]
    assert celery.kwargs == [{"full": True, "asked": True}]
    tasks.sync_source("s", "api", full=True, asked=True)
    assert system.catalog.sources.get("s").asked is None
    celery.taken()
    tasks.reconcile()
    assert SYNC not in celery.taken()


def test_a_message_of_a_sync_that_was_fulfilled_since_does_nothing(tasks: Tasks, system: System) -> None:
    system.catalog.sources.ask("s")
    tasks.sync_source("s", "schedule")
    tasks.sync_source("s", "api", asked=True)
    assert len(system.catalog.runs.newest()) == 1


def test_what_is_asked_for_while_a_source_is_listed_comes_after_it(
    tasks: Tasks, celery: SentTasks, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = system.source.changes

    def asked_meanwhile(cursor: str | None) -> Iterator[Change]:
        system.catalog.sources.ask("s")
        return changes(cursor)

    monkeypatch.setattr(system.source, "changes", asked_meanwhile)
    tasks.sync_source("s", "api", asked=False)
    assert system.catalog.sources.get("s").asked is not None
    celery.taken()
    tasks.reconcile()
    assert SYNC in celery.taken()


def test_a_sync_that_was_asked_for_and_failed_is_fulfilled_with_its_error(tasks: Tasks, system: System) -> None:
    system.source.listing_error = SourceUnreachableError("no route to the host")
    system.catalog.sources.ask("s")
    with pytest.raises(SourceUnreachableError):
        tasks.sync_source("s", "api", asked=True)
    source = system.catalog.sources.get("s")
    assert (source.asked, source.last_error) == (None, "no route to the host")
