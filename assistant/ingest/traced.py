"""What a trace says of work on documents: which job of which run, and what came of it; never a key or a title."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.catalog import JobRecord
from assistant.catalog.jobs import JobOutcome
from assistant.spans import Span, Value


def named(job: JobRecord) -> dict[str, Value]:
    """Return the attributes that tell a job from others; the catalog knows which document it is on."""
    return {
        "assistant.run.id": job.run_id,
        "assistant.job.id": job.id,
        "assistant.job.action": job.action,
        "assistant.job.attempts": job.attempts,
    }


def tell_outcomes(current: Span, outcomes: Sequence[JobOutcome]) -> None:
    """Say what became of the jobs that end together."""
    current.set("assistant.documents", len(outcomes))
    current.set("assistant.chunks", sum(outcome.chunks for outcome in outcomes))
    for outcome in outcomes:
        told: dict[str, Value] = {**named(outcome.job), "assistant.document.outcome": outcome.outcome}
        told["assistant.document.chunks"] = outcome.chunks
        if outcome.failure is not None:
            told["error.type"] = outcome.failure.code
        current.event("document", told)
