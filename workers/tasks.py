"""The tasks: each asks the assistant to do something that is safe to do twice."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from celery import Celery

from assistant.app import App, Reindexing
from assistant.app.announcing import make_courier
from assistant.app.keeping import personal_desk
from assistant.catalog import SYSTEM, Act, Origin
from assistant.catalog.records import Stage
from assistant.errors import (
    AssistantError,
    AuditUnavailableError,
    ConfigurationError,
    IndexUnavailableError,
    NotFoundError,
    SourceBusyError,
)
from assistant.ingest.ingestor import DueSince
from assistant.ingest.schedules import due_at
from assistant.ingest.uploads import TRIGGER
from assistant.webhooks import Courier
from workers.carrying import received
from workers.celery_app import DELETE, DUE, EMBED, KEEP_LEVEL, PARSE, PRUNE, QUEUES, RECONCILE, SYNC, TELL, WATCH
from workers.places import ListingPlaces, expiry_at_hand
from workers.retention import prune

log = logging.getLogger(__name__)
P = ParamSpec("P")
_AGAIN = 1.0  # seconds until a sync that found another at work is tried again
_EXPIRES = 60.0  # seconds; what still waits then is found again
_TASKS: dict[Stage, str] = {"parse": PARSE, "embed": EMBED, "delete": DELETE}
_URGENT = 1  # the least priority of what a person waits for


def bind(celery: Celery, get_app: Callable[[], App], listing_places: ListingPlaces) -> None:
    """Register the tasks with the Celery app.

    Args:
        celery: from `make_celery`.
        get_app: gives the assistant of this process when the first task runs.
        listing_places: of this process.
    """
    tasks = Tasks(celery, get_app, listing_places)
    celery.task(name=SYNC, shared=False, bind=True)(_task(SYNC, tasks.sync_source))
    for name, run in (
        (PARSE, tasks.parse),
        (EMBED, tasks.embed),
        (DELETE, tasks.delete),
        (DUE, tasks.enqueue_due),
        (RECONCILE, tasks.reconcile),
        (PRUNE, tasks.prune),
        (KEEP_LEVEL, tasks.keep_level),
        (TELL, tasks.tell_webhooks),
    ):
        celery.task(name=name, shared=False, bind=True)(_task(name, run))


class Tasks:
    """What the tasks do.

    Those of the stages say no more than that something waits; what that is, and who takes it first, is in the catalog.
    """

    def __init__(self, celery: Celery, get_app: Callable[[], App], listing_places: ListingPlaces | None = None) -> None:
        self._celery = celery
        self._get_app = get_app
        self._listing_places = listing_places or ListingPlaces()
        self._places: threading.BoundedSemaphore | None = None
        self._reindexing: Reindexing | None = None
        self._courier: Courier | None = None
        self._making, self._levelling = threading.Lock(), threading.Lock()
        self._asked_for: dict[str, tuple[float | None, float]] = {}  # when a due source was asked for last

    def sync_source(
        self,
        source: str,
        trigger: str,
        full: bool = False,
        due: bool = False,
        last_sync_at: float | None = None,
        asked: bool = False,
    ) -> None:
        """List the source, record its jobs, and ask workers to do them.

        Args:
            source: its name.
            trigger: who asked.
            full: fetch everything, whatever the source says of changes.
            due: it was found due when its last sync was `last_sync_at`: where another has begun since, nothing is done,
                so that messages that come twice, of two beats or late, do no harm.
            last_sync_at: see `due`.
            asked: a person wants it, and that is recorded: where it was fulfilled since, nothing is done.
        """
        try:
            ingestor = self._assistant().ingestor
        except IndexUnavailableError as error:
            log.warning("the sync of %s has to wait: %s", source, error)
            if not due and not asked:  # those are found again; of another nothing but this message knows
                self._celery.send_task(SYNC, args=[source, trigger, full], countdown=_AGAIN, expires=_EXPIRES)
            return
        try:
            if asked and self._get_app().catalog.sources.get(source).asked is None:
                return
            with self._listing_places.taken(waited_for=trigger == TRIGGER) as may_list:
                if not may_list:
                    ingestor.runs.check_at_rest(source, trigger)  # else it would be listed twice
                    self._hold_back(source, trigger, full=full, due=due, last_sync_at=last_sync_at, asked=asked)
                    return
                ingestor.begin(source, trigger, full=full, due=DueSince(last_sync_at) if due else None)
            self._record(Act("source synced", SYSTEM, details={"source": source, "trigger": trigger, "full": full}))
        except SourceBusyError as error:
            log.info("not started: %s", error)
            if trigger in {TRIGGER, WATCH}:  # what was uploaded, or changed, while the sync before was at work
                again = {"asked": True} if asked else {}
                self._celery.send_task(
                    SYNC, args=[source, trigger, full], kwargs=again, countdown=_AGAIN, expires=_EXPIRES
                )
        except NotFoundError:
            log.info("source %s was removed before its sync began", source)
        self.wake(all_at_once=True)

    def _hold_back(
        self, source: str, trigger: str, *, full: bool, due: bool, last_sync_at: float | None, asked: bool
    ) -> None:
        """Ask for a sync again in a while: the last thread is kept for what a person waits for.

        A worker holds the message until then and may end with it, so it must not be all that knows of the sync.
        """
        if not due and not asked:
            self._get_app().catalog.sources.ask(source, full=full)
        named = {"due": True, "last_sync_at": last_sync_at} if due else {"asked": True}
        self._celery.send_task(
            SYNC,
            args=[source, trigger, full],
            kwargs=named,
            countdown=self._listing_places.next_try(),
            expires=expiry_at_hand(),
        )

    def parse(self) -> None:
        """Take a turn at parsing; while all places are taken, at what a person waits for."""
        app = self._assistant()
        places = self._parse_places(app)
        has_place = places.acquire(blocking=False)
        try:
            self._turn("parse", lambda: app.ingestor.stages.parse(0 if has_place else _URGENT))
        finally:
            if has_place:
                places.release()
        self.wake("parse")

    def embed(self) -> None:
        """Take a turn at embedding."""
        self._turn("embed", self._assistant().ingestor.stages.embed)
        self.wake("embed")

    def delete(self) -> None:
        """Take a turn at deleting."""
        self._turn("delete", self._assistant().ingestor.stages.delete)
        self._get_app().ingestor.removals.go_on()
        self.wake("delete")

    def wake(self, after: Stage | None = None, *, all_at_once: bool = False) -> None:
        """Ask for turns at the stages at which something waits.

        Args:
            after: the stage at which a turn has ended: one more is asked for. At others, one where nobody is at work.
            all_at_once: ask for as many turns as there is work for.
        """
        app = self._get_app()  # its caller has followed the index
        settings = app.settings
        most = settings.worker_threads if settings.broker_url.startswith("memory:") else settings.tasks_at_once
        for stage, wanted in app.ingestor.stages.wanted(most).items():
            turns = wanted.workers if all_at_once else min(1, wanted.workers) * (wanted.is_idle or stage == after)
            for _ in range(turns):
                self._celery.send_task(_TASKS[stage], expires=_EXPIRES)

    def enqueue_due(self) -> None:
        """Ask for a sync of every active source whose schedule says so; one never synced before is due at once."""
        app = self._assistant()
        now = time.time()
        for source in app.catalog.sources.all():
            try:
                moment = due_at(source, now)
            except ConfigurationError as error:  # of one source; the others' schedules hold
                log.error("source %s: %s", source.name, error)
                continue
            if moment is not None and moment <= now and self._may_ask_for(source.name, source.last_sync_at):
                found = {"due": True, "last_sync_at": source.last_sync_at}
                self._celery.send_task(SYNC, args=[source.name, "schedule"], kwargs=found, expires=_EXPIRES)
        self.wake()  # sources that allow so many documents a minute have room again

    def _may_ask_for(self, source: str, last_sync_at: float | None) -> bool:
        """Whether no message of the same due sync is under way: they pile up where every worker is at a listing."""
        asked = self._asked_for.get(source)
        if asked is not None and asked[0] == last_sync_at and time.monotonic() - asked[1] < _EXPIRES:
            return False
        self._asked_for[source] = last_sync_at, time.monotonic()
        return True

    def reconcile(self) -> None:
        """Take up what is recorded and not finished: after a crash, a lost message, or to try it again."""
        app = self._assistant()
        app.ingestor.runs.release_dead()
        app.catalog.jobs.shorten_leases(app.settings.lease_seconds)
        waiting = set(app.catalog.jobs.runs_with_free_jobs())
        for run in app.catalog.runs.open():
            if run.id not in waiting and run.lister is not None and not app.ingestor.runs.is_listing(run):
                # asked for first: should the broker not take it, the run is still open, and found again
                self._celery.send_task(SYNC, args=[run.source, "reconciler"])
                app.catalog.runs.finish(run.id, "interrupted", "its process ended while it listed the source")
            else:
                app.catalog.runs.finish_if_complete(run.id)
        app.ingestor.removals.go_on()
        erased = personal_desk(app).go_on()
        if erased:
            log.info("%d people were erased", erased)
        app.ingestor.runs.retry_due()
        for record in app.catalog.sources.all():
            if record.asked is not None and record.state != "removing":
                wish = {"full": record.asked_full, "asked": True}
                self._celery.send_task(SYNC, args=[record.name, "api"], kwargs=wish, expires=_EXPIRES)
        for source in app.catalog.uploads.behind():
            self._celery.send_task(SYNC, args=[source, TRIGGER], expires=_EXPIRES)
        self.wake(all_at_once=True)

    def prune(self) -> None:
        """Forget the records of old runs, what was deleted long ago, and what the settings say is too old to keep."""
        prune(self._get_app())

    def keep_level(self) -> None:
        """Bring the index to today's layout, and others beside it to what the catalog says."""
        if not self._levelling.acquire(blocking=False):
            return  # another thread of this process is at it, and beat asks again
        try:
            app = self._assistant()
            app.ingestor.renew()
            if self._reindexing is None:
                self._reindexing = Reindexing(app)
            for report in self._reindexing.keep_level():
                log.info("another index: %d documents embedded, %d deleted", report.built, report.deleted)
        finally:
            self._levelling.release()

    def tell_webhooks(self) -> None:
        """Send what waits for webhooks; while another thread of this process is at it, that one does."""
        app = self._get_app()  # needs no index
        with self._making:
            if self._courier is None:
                self._courier = make_courier(app)
        self._courier.turn()

    def _record(self, act: Act) -> None:
        """Record what no person is at work at; where that cannot be, the log says so and the work is done already."""
        try:
            self._get_app().audit.record(replace(act, origin=Origin("worker")))
        except AuditUnavailableError as error:
            log.error("not recorded: %s %s: %s", act.action, act.details, error)

    def _assistant(self) -> App:
        """Return the assistant, on the index that is current now."""
        app = self._get_app()
        app.follow()
        return app

    def _turn(self, stage: Stage, take: Callable[[], int]) -> None:
        """Take a turn. What ends it is no fault of one document: it is shown with all the runs that it holds up."""
        runs = self._get_app().catalog.runs
        try:
            done = take()
        except Exception as error:
            cause = str(error) if isinstance(error, AssistantError) else f"{type(error).__name__}: {error}"
            with suppress(AssistantError):  # the catalog may be what cannot be written
                runs.held_up(stage, cause)
            raise
        if done:
            runs.held_up(stage, None)

    def _parse_places(self, app: App) -> threading.BoundedSemaphore:
        with self._making:
            if self._places is None:
                self._places = threading.BoundedSemaphore(app.settings.worker_threads)
            return self._places


def _task(name: str, run: Callable[P, None]) -> Callable[Concatenate[Any, P], None]:
    """Log a known failure as a line; its state is in the catalog, and the reconciler takes the rest up."""
    queue = QUEUES[name]

    @wraps(run)
    def task(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with received(self, queue) as current:
            try:
                run(*args, **kwargs)
            except AssistantError as error:
                current.failed(error.code)
                log.log(logging.WARNING if error.retryable else logging.ERROR, "%s: %s", run.__name__, error)

    return task
