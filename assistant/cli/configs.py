"""Configurations as commands take them: JSON, or the name of a file that holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError


def read_config(text: str, example: str) -> dict[str, Any]:
    """Return the configuration that `--config` names.

    Args:
        text: JSON, or `@` and a file; secrets belong into a file, as others see a command's arguments.
        example: shown where it is no JSON object.

    Raises:
        ConfigurationError: the file cannot be read, or it is no JSON object.
    """
    origin = "--config"
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        origin = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}", "check the path") from error
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{origin} is not JSON: {error}", example) from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"{origin} is not a JSON object", example)
    return value
