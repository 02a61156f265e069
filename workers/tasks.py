"""The tasks: each asks the assistant to do something that is safe to do twice."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from celery import Celery

from assistant.app import App
from assistant.errors import AssistantError, ConfigurationError, NotFoundError, SourceBusyError
from assistant.ingest.ingestor import DueSince
from assistant.ingest.owners import may_be_alive
from assistant.ingest.schedules import due_at
from workers.celery_app import DUE, PRUNE, RECONCILE, SYNC, WORK

log = logging.getLogger(__name__)
P = ParamSpec("P")
_DUE_EXPIRES = 60.0  # seconds; a source that is still due then is found again


def bind(celery: Celery, get_app: Callable[[], App]) -> None:
    """Register the tasks with the Celery app.

    Args:
        celery: from `make_celery`.
        get_app: gives the assistant of this process when the first task runs.
    """
    tasks = Tasks(celery, get_app)
    for name, run in ((SYNC, tasks.sync_source), (WORK, tasks.work_run)):
        celery.task(name=name)(_logged(run))
    for name, look in ((DUE, tasks.enqueue_due), (RECONCILE, tasks.reconcile), (PRUNE, tasks.prune)):
        celery.task(name=name)(_logged(look))


class Tasks:
    """What the tasks do."""

    def __init__(self, celery: Celery, get_app: Callable[[], App]) -> None:
        self._celery = celery
        self._get_app = get_app

    def sync_source(
        self, source: str, trigger: str, full: bool = False, due: bool = False, last_sync_at: float | None = None
    ) -> None:
        """List the source, record its jobs, and ask workers to do them.

        Args:
            source: its name.
            trigger: who asked.
            full: fetch everything, whatever the source says of changes.
            due: it was found due when its last sync was `last_sync_at`: where another has begun since, nothing is done,
                so that messages that come twice, of two beats or late, do no harm.
            last_sync_at: see `due`.
        """
        app = self._get_app()
        try:
            run_id = app.ingestor.begin(source, trigger, full=full, due=DueSince(last_sync_at) if due else None)
        except SourceBusyError as error:
            log.info("not started: %s", error)
            return
        except NotFoundError:
            log.info("source %s was removed before its sync began", source)
            return
        self._enqueue_work(app, run_id)

    def work_run(self, run_id: str) -> None:
        """Do the run's jobs until none is left."""
        self._get_app().ingestor.work(run_id)

    def enqueue_due(self) -> None:
        """Ask for a sync of every active source whose schedule says so; one never synced before is due at once."""
        app = self._get_app()
        now = time.time()
        for source in app.catalog.sources.all():
            try:
                moment = due_at(source, now)
            except ConfigurationError as error:  # of one source; the others' schedules hold
                log.error("source %s: %s", source.name, error)
                continue
            if moment is not None and moment <= now:
                found = {"due": True, "last_sync_at": source.last_sync_at}
                self._celery.send_task(SYNC, args=[source.name, "schedule"], kwargs=found, expires=_DUE_EXPIRES)

    def reconcile(self) -> None:
        """Take up what is recorded and not finished: after a crash, a lost message, or to try it again."""
        app = self._get_app()
        app.ingestor.runs.release_dead()
        waiting = set(app.catalog.jobs.runs_with_free_jobs())
        for run in app.catalog.runs.open():
            if run.id in waiting:
                self._enqueue_work(app, run.id)
            elif run.lister is not None and not may_be_alive(run.lister):
                app.catalog.runs.finish(run.id, "interrupted", "its process ended while it listed the source")
                self._celery.send_task(SYNC, args=[run.source, "reconciler"])
            else:
                app.catalog.runs.finish_if_complete(run.id)
        for run_id in app.ingestor.runs.retry_due():
            self._enqueue_work(app, run_id)

    def prune(self) -> None:
        """Forget the records of runs that are older than they are to be kept."""
        app = self._get_app()
        count = app.catalog.runs.prune(time.time() - app.settings.runs_keep_days * 86400)
        if count:
            log.info("%d records of old runs were removed", count)

    def _enqueue_work(self, app: App, run_id: str) -> None:
        pending = app.catalog.runs.get(run_id).pending
        workers = min(app.settings.worker_threads, math.ceil(pending / app.settings.sync_batch))
        for _ in range(workers):
            self._celery.send_task(WORK, args=[run_id])


def _logged(run: Callable[P, None]) -> Callable[P, None]:
    """Log a known failure as a line; its state is in the catalog, and the reconciler takes the rest up."""

    @wraps(run)
    def task(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            run(*args, **kwargs)
        except AssistantError as error:
            log.error("%s: %s", run.__name__, error)

    return task
