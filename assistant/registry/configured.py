"""Checks what an admin configured of a source or a tool, and says what is wrong without a value of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.catalog import revealed
from assistant.errors import AssistantError, ConfigurationError, PluginError
from assistant.registry.hiding import hiding
from assistant.registry.marking import password_texts, refuse_masks, with_secrets


def validated(model: type[BaseModel], config: Mapping[str, Any], what: str, kind: str) -> BaseModel:
    """Return an instance of the model.

    Args:
        model: of the configuration.
        config: its fields; may hold `Secret`s.
        what: whose configuration it is, for the error.
        kind: whose plugin fails where its model does.

    Raises:
        ConfigurationError: a field is wrong; the message names it, and holds no value, which may be a secret. Or a
            secret cannot be decrypted.
        PluginError: the plugin's model fails.
    """
    plain = revealed(config)
    with hiding(tuple(password_texts(model, plain))):
        try:
            made = model.model_validate(plain)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            field, cause = ".".join(str(part) for part in first["loc"]) or "configuration", first["msg"]
        except AssistantError:
            raise
        except Exception as error:
            raise PluginError(
                f"the plugin for {kind!r} cannot check its configuration: {type(error).__name__}: {error}",
                "report it to the plugin's author",
            ) from error
        else:
            refuse_masks(what, marked(made))
            return made
        # raised here and not from that error, whose text holds what was given
        raise ConfigurationError(f"{what}: {field}: {cause}", "correct that field")


def marked(made: BaseModel) -> dict[str, Any]:
    """Return the JSON of a configuration with a `Secret` for everything that its model keeps secret."""
    values: dict[str, Any] = with_secrets(made, made.model_dump(mode="json"))
    return values
