"""The settings in force as admins see them: values without secrets, where each comes from, and what it means."""

from __future__ import annotations

import contextlib
import re
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from assistant.catalog import MASK
from assistant.settings import PREFIX, Settings

Origin = Literal["default", "file", "environment"]

# The first setting of each group; those that follow in the schema, up to the next first one, belong to it.
_FIRST = {
    "home": "folders",
    "catalog_url": "catalog",
    "embedder": "embedding",
    "model_url": "models",
    "chunk_tokens": "documents",
    "agent_steps": "tools",
    "context_budget": "answers",
    "history_tokens": "conversations",
    "fusion": "search",
    "host": "addresses",
    "broker_url": "work",
    "audit_days": "audit",
    "sign_in": "sign_in",
    "admin_folders": "rights",
    "log_level": "logs",
}
_PASSWORD = re.compile(r"(?<=://)([^/@\s]*):([^/@\s]*)@")
_SECRET_NAME = re.compile(r"key|secret|password|token$|authorization|cookie", re.IGNORECASE)


class SettingJson(BaseModel):
    """One setting as it is in force."""

    name: str
    variable: str
    group: str
    value: str = ""
    is_set: bool
    secret: bool
    default: str
    origin: Origin
    description: str
    choices: list[str]


def shown_settings(settings: Settings) -> list[SettingJson]:
    """Return every setting in the order of the schema. Of what is secret, only whether there is one is told."""
    from_file, group, shown = _from_file(settings), "folders", []
    for name, field in Settings.model_fields.items():
        group = _FIRST.get(name, group)
        value = getattr(settings, name)
        shown.append(
            SettingJson(
                name=name,
                variable=f"{PREFIX}{name.upper()}",
                group=group,
                value=_text(value),
                is_set=value not in (None, "", (), {}) and not _is_empty_secret(value),
                secret=isinstance(value, SecretStr),
                default=_text(field.get_default(call_default_factory=True)),
                origin=_origin(name, field, value, settings, from_file),
                description=field.description or "",
                choices=[str(one) for one in typing.get_args(field.annotation)]
                if typing.get_origin(field.annotation) is Literal
                else [],
            )
        )
    return shown


def settings_file(settings: Settings) -> Path:
    """Return the file that settings are read from, or may be written to."""
    return settings.config or settings.home / "assistant.toml"


def _from_file(settings: Settings) -> Mapping[str, Any]:
    """Return what the settings file holds now; nothing where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        return tomllib.loads(settings_file(settings).read_text(encoding="utf-8"))
    return {}


def _origin(name: str, field: FieldInfo, value: Any, settings: Settings, from_file: Mapping[str, Any]) -> Origin:
    """Return where a value comes from; what the file has otherwise was set by a variable or on the command line."""
    if name not in settings.model_fields_set:
        return "default"
    if name in from_file:
        try:
            if TypeAdapter[Any](field.annotation or Any).validate_python(from_file[name]) == value:
                return "file"
        except ValidationError:  # it was changed since, and is wrong now
            return "environment"
    return "environment"


def _text(value: Any) -> str:
    """Return a value for people, with a mask for what is secret in it."""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {_table(one)}" for name, one in value.items())
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(map(_text, value))
    return _PASSWORD.sub(rf"\1:{MASK}@", str(value))


def _table(value: Any) -> str:
    """Return the keys of a table that are set; of what may be a secret, only that it is there."""
    rows = value.model_dump(exclude_defaults=True) if isinstance(value, BaseModel) else dict(value)
    return ", ".join(f"{name}={MASK if _SECRET_NAME.search(name) else _nested(one)}" for name, one in rows.items())


def _nested(value: Any) -> str:
    return "{\u2026}" if isinstance(value, Mapping) else _text(value)


def _is_empty_secret(value: Any) -> bool:
    return isinstance(value, SecretStr) and not value.get_secret_value()
