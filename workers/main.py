"""The entry for worker and beat processes: `celery -A workers.main worker` and `celery -A workers.main beat`."""

from __future__ import annotations

import threading
from functools import cache

from celery.signals import beat_init, setup_logging

from assistant.app import App, build
from assistant.app.logs import start_logging
from assistant.settings import load_settings
from workers.alive import SignOfLife
from workers.celery_app import make_celery
from workers.embedded import CeleryQueue, watcher
from workers.tasks import bind

app = make_celery(load_settings())
_building = threading.Lock()


@cache
def _build() -> App:
    return build(load_settings(), asks_owner=True)


def _assistant() -> App:
    """Build this process's assistant with its first task, after the pool has forked; once for all its threads."""
    with _building:
        return _build()


bind(app, _assistant)
app.steps["worker"].add(SignOfLife)


def _watch_folders(**_: object) -> None:
    """Watch folders where the beat runs: there is one of it."""
    watcher(_assistant, CeleryQueue(app)).start()


def _start_logging(**_: object) -> None:
    """Log as the settings say, without personal data, instead of as Celery would."""
    start_logging(load_settings())


beat_init.connect(_watch_folders, weak=False)
setup_logging.connect(_start_logging, weak=False)
