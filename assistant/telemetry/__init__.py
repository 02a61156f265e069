"""What the processes tell of themselves: log lines without personal data, and metrics."""

from __future__ import annotations

from assistant.telemetry.logs import JsonFormatter, RedactingFormatter, configure_logging, redact_handlers, request_id
from assistant.telemetry.metrics import Metrics
from assistant.telemetry.redaction import MASK, redact, without_secrets

__all__ = [
    "MASK",
    "JsonFormatter",
    "Metrics",
    "RedactingFormatter",
    "configure_logging",
    "redact",
    "redact_handlers",
    "request_id",
    "without_secrets",
]
