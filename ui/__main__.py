"""Runs the web UI by itself, where the API runs elsewhere: `python -m ui`."""

from __future__ import annotations

import os

from assistant.settings import load_settings
from ui.run import streamlit_command, streamlit_environment

if __name__ == "__main__":
    settings = load_settings()
    command = streamlit_command(settings)
    # in this process's place, so that signals and the exit code are Streamlit's
    os.execve(command[0], command, {**os.environ, **streamlit_environment(settings)})  # noqa: S606 - our own command
