"""How to start the web UI as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from assistant.settings import Settings

SCRIPT = Path(__file__).with_name("served.py")


def streamlit_command(settings: Settings) -> list[str]:
    """Return the arguments that start the UI; flags, so that no configuration file elsewhere overrides them.

    The look is in `.streamlit/config.toml` beside the script, which Streamlit reads by itself.
    """
    public = urlsplit(settings.public_url).hostname
    hosts = sorted({"127.0.0.1", "localhost", settings.host, *([public] if public else [])})
    # Only its own names reach it (against DNS rebinding); any where it listens everywhere and was told none.
    any_name = settings.host in {"0.0.0.0", "::"} and not public  # noqa: S104 (compared, not bound)
    allowed = [] if any_name else [f"--server.allowedHosts={host}" for host in hosts]
    return [
        *(sys.executable, "-m", "streamlit", "run", str(SCRIPT)),
        f"--server.address={settings.host}",
        f"--server.port={settings.ui_port}",
        *allowed,
        *([f"--browser.serverAddress={public}"] if public else []),  # from where its pages open their connection
        "--server.headless=true",
        "--server.showEmailPrompt=false",
        "--server.fileWatcherType=none",
        "--server.enableXsrfProtection=true",
        "--server.enableCORS=true",  # no: pages from elsewhere may not read
        "--server.enableStaticServing=false",
        f"--server.maxUploadSize={_megabytes(settings)}",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
        "--client.showErrorLinks=false",
        "--client.toolbarMode=minimal",
        "--runner.magicEnabled=false",
        "--logger.level=warning",
    ]


def _megabytes(settings: Settings) -> int:
    """Return what an attached file may have, in the whole megabytes that Streamlit counts."""
    return max(1, -(-max(settings.attachment_bytes, settings.max_document_bytes) // 1_000_000))


def streamlit_environment(settings: Settings) -> dict[str, str]:
    """Return the variables to add to the UI's environment, so that it finds the API of these settings."""
    return {"ASSISTANT_API_URL": settings.api_base}
