"""Checks what an admin configured of a tool, and says what is wrong without a value of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.errors import ConfigurationError


def validated(config: type[BaseModel], values: Mapping[str, Any], what: str) -> BaseModel:
    """Return an instance of the model.

    Args:
        config: the model.
        values: its fields.
        what: whose configuration it is, for the error.

    Raises:
        ConfigurationError: a field is wrong; the message names it, and holds no value, which may be a secret.
    """
    try:
        return config.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "configuration"
    raise ConfigurationError(f"{what}: {field}: {first['msg']}", "correct that field")
