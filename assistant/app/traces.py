"""Has the process's spans sent to the collector that the settings name; nothing is imported for it where none is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import assistant
from assistant.errors import SettingsError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.telemetry.tracing import Traces


_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([!-~][ -~]*)")


def start_tracing(settings: Settings, service: str) -> Traces | None:
    """Take down this process's spans from now on. Returns what is to be closed at the end; None: nothing is traced.

    Args:
        settings: name the collector.
        service: what the process is: `api` or `worker`.

    Raises:
        SettingsError: the collector's address or headers are none.
    """
    url = settings.otlp_url
    if not url:
        return None
    if not _is_address(url):  # it may hold a password: it is not said
        raise SettingsError("setting 'otlp_url' is no address of a collector", "give one like http://collector:4318")
    headers = _headers(settings.otlp_headers.get_secret_value())
    from assistant.telemetry.tracing import Collector, start

    collector = Collector(url, headers, settings.trace_sample, settings.trace_content)
    return start(f"assistant-{service}", assistant.__version__, collector)


@contextmanager
def tracing(settings: Settings, service: str) -> Iterator[None]:
    """Take down this process's spans until the block ends. Arguments as in `start_tracing`."""
    traces = start_tracing(settings, service)
    try:
        yield
    finally:
        if traces is not None:
            traces.close()


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment


def _headers(given: str) -> dict[str, str]:
    headers = {}
    for number, part in enumerate(filter(None, map(str.strip, given.split(","))), 1):
        header = _HEADER.fullmatch(part)
        if header is None:  # it may be a secret: it is not said
            raise SettingsError(
                f"setting 'otlp_headers': part {number} is no header", "write name=value, with commas between"
            )
        headers[header[1]] = header[2]
    return headers
