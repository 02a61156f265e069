"""Makes the Celery app from the settings; all state of a job is in the catalog, none in the broker."""

from __future__ import annotations

from celery import Celery

from assistant.settings import Settings
from workers.carrying import CarryingCelery
from workers.steady import Every

SYNC = "assistant.sync_source"
PARSE = "assistant.parse"
EMBED = "assistant.embed"
DELETE = "assistant.delete"
PRUNE = "assistant.prune"
KEEP_LEVEL = "assistant.keep_level"
DUE = "assistant.enqueue_due"
RECONCILE = "assistant.reconcile"
TELL = "assistant.tell_webhooks"

WATCH = "watch"  # the trigger of a sync that a change in a watched folder asked for

# A queue for each kind of work, so that workers can be given to it: slow parsing starves nothing else.
QUEUES = {
    SYNC: "sync",
    PARSE: "parse",
    EMBED: "embed",
    DELETE: "delete",
    DUE: "maintenance",
    RECONCILE: "maintenance",
    PRUNE: "maintenance",
    KEEP_LEVEL: "maintenance",
    TELL: "maintenance",
}

DUE_SECONDS = 5.0
TELL_SECONDS = 5.0
PRUNE_SECONDS = 3600.0
KEEP_LEVEL_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 30.0  # more than a worker's wait for a message


def make_celery(settings: Settings) -> Celery:
    """Return a Celery app on the configured broker; the tasks are bound to it by `workers.tasks.bind`."""
    celery = CarryingCelery("assistant", broker=settings.broker_url, set_as_current=False)
    celery.conf.update(
        task_ignore_result=True,
        # No results, so nothing to clean up: Celery's entry for it in beat's schedule goes by the host's clock, and
        # where that is set back, what is sorted behind it would wait.
        result_expires=None,
        task_serializer="json",
        accept_content=["json"],
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES.values()},
        task_routes={task: {"queue": queue} for task, queue in QUEUES.items()},
        task_default_queue="maintenance",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # Celery would raise it again from a thread of the pool, which waits for an answer that the main thread reads:
        # after RabbitMQ was away, the worker would hang and not end.
        worker_enable_prefetch_count_reduction=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # a worker waits for its broker as long as it takes
        broker_transport_options=_transport(settings.broker_url),
        # Fixed entries: schedules live in the catalog and are compared with the clock there, so that a change holds
        # from the next look on, a missed run is caught up once, and two beats do no harm.
        beat_schedule={
            "due": {"task": DUE, "schedule": Every(DUE_SECONDS), "options": {"expires": DUE_SECONDS}},
            "tell": {"task": TELL, "schedule": Every(TELL_SECONDS), "options": {"expires": TELL_SECONDS}},
            "reconcile": {
                "task": RECONCILE,
                "schedule": Every(settings.reconcile_seconds),
                "options": {"expires": settings.reconcile_seconds},
            },
            "prune": {"task": PRUNE, "schedule": Every(PRUNE_SECONDS), "options": {"expires": PRUNE_SECONDS}},
            "keep_level": {
                "task": KEEP_LEVEL,
                "schedule": Every(KEEP_LEVEL_SECONDS),
                "options": {"expires": KEEP_LEVEL_SECONDS},
            },
        },
        beat_scheduler="workers.beat:ElectedScheduler",  # also of `worker --beat`
        beat_max_loop_interval=1,
        timezone="UTC",
    )
    return celery


def _transport(url: str) -> dict[str, object]:
    """Return the transport's options: nobody waits for ever for a broker that does not answer."""
    options: dict[str, object] = {"polling_interval": 0.2}
    if url.startswith(("redis:", "rediss:")):
        options |= {
            "socket_connect_timeout": _CONNECT_SECONDS,
            "socket_timeout": _ANSWER_SECONDS,
            "socket_keepalive": True,
            # Messages are not given back to the broker: one that is lost is found again from the catalog, and a worker
            # of Celery 5.7 that loses its broker with messages to give back ends ("Unrecoverable error").
            "ack_emulation": False,
        }
    return options
