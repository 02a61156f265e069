"""Log lines with request ids, and without personal data or secrets."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections.abc import Collection
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal

from assistant.spans import trace_id
from assistant.telemetry.redaction import redact

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RedactingFormatter(logging.Formatter):
    """Another formatter's lines, redacted: message, traceback and all.

    Args:
        form: what makes the line.
        keep: IP addresses that stay; see `redact`.
    """

    def __init__(self, form: logging.Formatter, keep: Collection[str] = ()) -> None:
        super().__init__()
        self._form = form
        self._keep = keep

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        return redact(self._form.format(record), self._keep)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for machines, redacted.

    Args:
        keep: IP addresses that stay; see `redact`.
    """

    def __init__(self, keep: Collection[str] = ()) -> None:
        super().__init__()
        self._keep = keep

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            # before it is made JSON of: the escapes there would stand against what is to be found
            **_trace(),
            "message": redact(record.getMessage(), self._keep),
        }
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info), self._keep)
        return json.dumps(line, ensure_ascii=False)


def _trace() -> dict[str, str]:
    """Return the trace that a line belongs to, where something is traced."""
    identifier = trace_id()
    return {"trace": identifier} if identifier else {}


class _TextFormatter(logging.Formatter):
    """Lines for people; the request that they belong to stands in brackets."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Return the line without its traceback."""
        request = request_id.get()
        record.asked = "" if request == "-" else f" [{request}]"
        return super().formatMessage(record)


class _Handler(logging.StreamHandler[Any]):
    """Writes lines; one that cannot be made is reported without its arguments, which nothing would have redacted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say which line is missing, and why."""
        kind = getattr(sys.exc_info()[0], "__name__", "an error")
        sys.stderr.write(f"a line of the log could not be written ({record.name}, line {record.lineno}): {kind}\n")


def configure_logging(level: str, form: Literal["text", "json"], keep: Collection[str] = ()) -> None:
    """Send the log of the whole process to stderr, once, redacted; a second call replaces the first.

    What ends a thread or the process goes there too, instead of past it.

    Args:
        level: the least severe level.
        form: lines for people, or for machines.
        keep: IP addresses that are not masked, such as `Settings.own_addresses`.
    """
    handler = _Handler(sys.stderr)
    text = _TextFormatter("%(asctime)s %(levelname)-7s %(name)s%(asked)s: %(message)s", datefmt="%H:%M:%S")
    handler.setFormatter(JsonFormatter(keep) if form == "json" else RedactingFormatter(text, keep))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    sys.excepthook = _log_end_of_process
    threading.excepthook = _log_end_of_thread
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)  # the in-memory broker has no host, and says so
    for noisy in (
        "httpx",
        "httpx2",
        "alembic",
        "celery.bootsteps",
        "celery.worker.strategy",
        "celery.app.trace",
        "uvicorn.access",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact_handlers(prefix: str) -> None:
    """Redact what the loggers whose names begin with `prefix` write by handlers of their own, made so far."""
    names = [name for name in logging.root.manager.loggerDict if name == prefix or name.startswith(prefix + ".")]
    for name in names:
        for handler in logging.getLogger(name).handlers:
            if not isinstance(handler.formatter, RedactingFormatter):
                handler.setFormatter(RedactingFormatter(handler.formatter or logging.Formatter()))


def _log_end_of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger(__name__).critical("the process ends", exc_info=(kind, error, trace))


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is None or issubclass(ended.exc_type, SystemExit):
        return
    name = ended.thread.name if ended.thread is not None else "?"
    trace = (ended.exc_type, ended.exc_value, ended.exc_traceback)
    logging.getLogger(__name__).error("the thread %s ended", name, exc_info=trace)
