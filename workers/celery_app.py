"""Makes the Celery app from the settings; all state of a job is in the catalog, none in the broker."""

from __future__ import annotations

from celery import Celery

from assistant.settings import Settings

SYNC = "assistant.sync_source"
PARSE = "assistant.parse"
EMBED = "assistant.embed"
DELETE = "assistant.delete"
PRUNE = "assistant.prune"
DUE = "assistant.enqueue_due"
RECONCILE = "assistant.reconcile"

# A queue for each kind of work, so that workers can be given to it: slow parsing starves nothing else.
QUEUES = {
    SYNC: "sync",
    PARSE: "parse",
    EMBED: "embed",
    DELETE: "delete",
    DUE: "maintenance",
    RECONCILE: "maintenance",
    PRUNE: "maintenance",
}

DUE_SECONDS = 5.0
PRUNE_SECONDS = 3600.0


def make_celery(settings: Settings) -> Celery:
    """Return a Celery app on the configured broker; the tasks are bound to it by `workers.tasks.bind`."""
    celery = Celery("assistant", broker=settings.broker_url, set_as_current=False)
    celery.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES.values()},
        task_routes={task: {"queue": queue} for task, queue in QUEUES.items()},
        task_default_queue="maintenance",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.2},
        # Fixed entries: schedules live in the catalog and are compared with the clock there, so that a change holds
        # from the next look on, a missed run is caught up once, and two beats do no harm.
        beat_schedule={
            "due": {"task": DUE, "schedule": DUE_SECONDS, "options": {"expires": DUE_SECONDS}},
            "reconcile": {
                "task": RECONCILE,
                "schedule": settings.reconcile_seconds,
                "options": {"expires": settings.reconcile_seconds},
            },
            "prune": {"task": PRUNE, "schedule": PRUNE_SECONDS, "options": {"expires": PRUNE_SECONDS}},
        },
        beat_max_loop_interval=1,
        timezone="UTC",
    )
    return celery
