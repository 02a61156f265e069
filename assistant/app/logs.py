"""Sets up the log by the settings; addresses of configured servers stay readable in it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from assistant.settings import Settings
from assistant.telemetry import configure_logging


def start_logging(settings: Settings, *, level: str = "") -> None:
    """Send the log to stderr in the form of the settings, with `level` as the least severe level if one is given."""
    configure_logging(level or settings.log_level, settings.log_format, frozenset(own_addresses(settings)))


def own_addresses(settings: Settings) -> Iterator[str]:
    """Yield the IP addresses that the settings name: those of servers, which tell of nobody and are needed to mend."""
    urls = [settings.catalog_url, settings.qdrant_url, settings.model_url, settings.broker_url, settings.api_url]
    urls.append(settings.otlp_url)
    urls += [model.url for model in settings.models.values()]
    for host in [settings.host, *(_host(url) for url in urls)]:
        try:
            yield str(ipaddress.ip_address(host))
        except ValueError:  # a name
            continue


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # whoever uses the URL says what is wrong with it
        return ""
