"""The entry for worker and beat processes: `celery -A workers.main worker` and `celery -A workers.main beat`."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from celery.signals import beat_init, celeryd_after_setup, setup_logging, task_prerun, worker_process_shutdown

from assistant.app import App, build
from assistant.app.logs import start_logging
from assistant.app.traces import start_tracing
from assistant.settings import load_settings
from workers.alive import SignOfLife
from workers.celery_app import make_celery
from workers.embedded import CeleryQueue, watcher
from workers.places import ListingPlaces
from workers.tasks import bind

if TYPE_CHECKING:
    from celery.apps.worker import Worker
    from celery.beat import Service

    from assistant.telemetry.tracing import Traces

app = make_celery(load_settings())
_building = threading.Lock()
_listing_places = ListingPlaces()


@cache
def _build() -> App:
    _tracing()
    return build(load_settings(), asks_owner=True)


@cache
def _tracing() -> Traces | None:
    return start_tracing(load_settings(), "worker")


def _assistant() -> App:
    """Build this process's assistant with its first task, after the pool has forked; once for all its threads."""
    with _building:
        return _build()


bind(app, _assistant, _listing_places)
app.steps["worker"].add(SignOfLife)


def _note_threads(instance: Worker, **_: object) -> None:
    """Note how many threads the worker was given, before it works or its pool forks."""
    _listing_places.threads = instance.concurrency


def _watch_folders(sender: Service, **_: object) -> None:
    """Watch folders where the beat leads: there is one of it."""
    scheduler = sender.scheduler
    # one that an operator names instead of ours stands for no election
    watcher(_assistant, CeleryQueue(app), lambda: getattr(scheduler, "leads", True)).start()


def _start_logging(**_: object) -> None:
    """Log as the settings say, without personal data, instead of as Celery would."""
    start_logging(load_settings())


def _start_tracing(**_: object) -> None:
    """Trace a process of the pool from its first task on, which belongs to a trace before it builds the assistant."""
    with _building:
        _tracing()


def _end_tracing(**_: object) -> None:
    """Send what a process of the pool has left: it ends without Python's own end."""
    traces = _tracing()
    if traces is not None:
        traces.close()


celeryd_after_setup.connect(_note_threads, weak=False)
task_prerun.connect(_start_tracing, weak=False)
worker_process_shutdown.connect(_end_tracing, weak=False)
beat_init.connect(_watch_folders, weak=False)
setup_logging.connect(_start_logging, weak=False)
