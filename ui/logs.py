"""Keeps personal data and secrets out of what the UI's process logs."""

from __future__ import annotations

from functools import cache

from assistant.settings import load_settings
from assistant.telemetry import configure_logging, redact_handlers


def redact() -> None:
    """Redact the log of this process, Streamlit's own lines too; cheap, as it is called with every page.

    Raises:
        SettingsError: a setting is wrong.
    """
    _configure()
    redact_handlers("streamlit")  # a logger that is made later gets its handler then


@cache
def _configure() -> None:
    settings = load_settings()
    configure_logging("WARNING" if settings.log_level == "INFO" else settings.log_level, settings.log_format)
