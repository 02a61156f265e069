"""Workers and beat inside the API process: threads, no server, no broker outside."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.beat import Scheduler, Service
from celery.platforms import SecurityWarning

from assistant.app import App
from assistant.errors import BrokerUnavailableError
from workers.celery_app import KEEP_LEVEL, QUEUES, RECONCILE, SYNC, WATCH, make_celery
from workers.places import ListingPlaces
from workers.tasks import bind
from workers.watching import Watcher

log = logging.getLogger(__name__)
_STOP_SECONDS = 20.0
_GREET_SECONDS = 2.0  # until a broker that did not answer is asked again
_SYNC_THREADS = 3  # one for what a person waits for, see `ListingPlaces`
_INDEX_THREADS = 3  # one may wait for the receiver of a webhook


class CeleryQueue:
    """The API's way to ask for a sync."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def enqueue_sync(self, source: str, trigger: str, *, full: bool = False, asked: bool = False) -> None:
        """Ask a worker to sync the source. Raises BrokerUnavailableError.

        Args:
            source: its name.
            trigger: who asks.
            full: fetch everything, whatever the source says of changes.
            asked: a person does, and that is recorded: where another sync fulfils it first, nothing is done.
        """
        hint = "what was asked for is recorded" if asked else f"the source {source!r} is kept"
        self._send(SYNC, [source, trigger, full], f"{hint}; its sync begins when the broker is back", asked=asked)

    def enqueue_work(self) -> None:
        """Ask workers to do what is recorded. Raises BrokerUnavailableError."""
        self._send(RECONCILE, [], "the work is recorded and is done when the broker is back")

    def greet(self) -> threading.Thread:
        """Let workers take up what is unfinished as soon as the broker answers, and say so while it does not.

        Returns:
            the thread that does so; it ends with the process.
        """
        thread = threading.Thread(target=self._greet, name="greet-broker", daemon=True)
        thread.start()
        return thread

    def _greet(self) -> None:
        broker = self._celery.connection_for_write().as_uri()  # without its password
        waited = False
        while True:
            try:
                self.enqueue_work()
            except BrokerUnavailableError as error:
                if not waited:
                    log.warning("%s: %s; search works, syncs wait; it is tried again", broker, error)
                waited = True
                time.sleep(_GREET_SECONDS)
            else:
                if waited:
                    log.warning("the broker %s answers", broker)
                return

    def _send(self, task: str, arguments: list[Any], hint: str, **named: Any) -> None:
        try:
            self._celery.send_task(task, args=arguments, kwargs=named)
        except Exception as error:  # each transport has errors of its own, also for a client library that is missing
            raise BrokerUnavailableError(
                f"the broker does not take work: {type(error).__name__}: {error}",
                hint,
            ) from error


def watcher(get_app: Callable[[], App], queue: CeleryQueue, is_wanted: Callable[[], bool] = lambda: True) -> Watcher:
    """Return what watches folders, while it is wanted, and asks the queue for syncs; it has to be started."""

    def ask(source: str) -> None:
        get_app().catalog.sources.ask(source)  # recorded, so that it comes even if the message is lost
        queue.enqueue_sync(source, WATCH, asked=True)

    return Watcher(lambda: get_app().catalog, get_app().registry, ask, is_wanted=is_wanted)


class EmbeddedWorker:
    """Celery's workers (thread pools) and beat as threads of this process.

    Those that list sources, parse, and write to the index have threads of their own, so that none waits for another.

    Args:
        app: the assistant whose index this process owns.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self.celery = make_celery(app.settings)
        self.queue = CeleryQueue(self.celery)
        # Celery warns of a worker run by root, which is about pickled messages; these are JSON and stay in memory
        warnings.filterwarnings("ignore", message=r"(?s).*superuser privileges", category=SecurityWarning)
        # one for all: Celery runs the tasks as they are bound to the worker that was made last, whichever takes them
        self._listing_places = ListingPlaces(_SYNC_THREADS)
        threads = app.settings.worker_threads
        self._workers = (
            self._worker("sync", _SYNC_THREADS, {"sync"}),
            self._worker("parse", threads + 1, {"parse"}),  # one for what a person waits for
            self._worker("index", _INDEX_THREADS, set(QUEUES.values()) - {"sync", "parse"}),
        )
        self._watcher = watcher(lambda: app, self.queue)
        self._beat = Service(self.celery, scheduler_cls=Scheduler, max_interval=1)
        self._threads = (
            *(threading.Thread(target=worker.start, name=worker.hostname, daemon=True) for worker in self._workers),
            threading.Thread(target=self._run_beat, name="celery-beat", daemon=True),
        )

    def start(self) -> None:
        """Start both, and take up at once what an earlier process left unfinished."""
        for thread in self._threads:
            thread.start()
        self._watcher.start()
        self.celery.send_task(RECONCILE)
        self.celery.send_task(KEEP_LEVEL)  # what an earlier version wrote to the index is brought to today's layout

    def stop(self) -> None:
        """Let the work end after the group of documents it is at; the rest stays recorded in the catalog."""
        self._watcher.stop()
        self._app.ingestor.stop()
        self._beat.stop()
        for worker in self._workers:
            worker.stop()
        end = time.monotonic() + _STOP_SECONDS  # for all of them: many take no longer than one
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                log.warning(
                    "%s did not stop in %s s; its jobs are taken up at the next start", thread.name, _STOP_SECONDS
                )

    def _worker(self, name: str, threads: int, queues: set[str]) -> Any:
        celery = make_celery(self._app.settings)  # one each: a Celery app has one set of queues
        bind(celery, lambda: self._app, self._listing_places)
        return celery.Worker(
            pool="threads",
            concurrency=threads,
            queues=sorted(queues),
            loglevel=logging.WARNING,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            hostname=f"{name}@embedded",
            quiet=True,
        )

    def _run_beat(self) -> None:
        self._beat.start(embedded_process=False)
