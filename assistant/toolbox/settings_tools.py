"""The tools that stand in the settings file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.catalog import ToolRecord
from assistant.errors import ConfigurationError
from assistant.registry import TOOL_NAME, PluginRegistry


def records_of_settings(registry: PluginRegistry, tables: Mapping[str, Mapping[str, Any]]) -> list[ToolRecord]:
    """Return the configured tools of the settings, checked but not made: their servers are not asked at the start.

    Args:
        registry: knows the kinds.
        tables: of each name the `kind`, the `groups` and the fields of that kind's configuration.

    Raises:
        ConfigurationError: a table is wrong; the message names the field, and holds no value, which may be a secret.
    """
    records = []
    for name, table in tables.items():
        what = f"tool {name!r}"
        if not TOOL_NAME.fullmatch(name):
            raise ConfigurationError(f"{what}: its name is not of a-z, 0-9 and _", "rename it")
        try:
            kind = registry.tool_kind(str(table.get("kind", "")))
        except ConfigurationError as error:
            raise ConfigurationError(f"{what}: {error.message}", error.hint) from None
        config = {field: value for field, value in table.items() if field not in {"kind", "groups"}}
        groups = table.get("groups")
        if not isinstance(groups, list) or not groups or not all(isinstance(one, str) and one for one in groups):
            raise ConfigurationError(f"{what}: groups: a list of names is missing", 'e.g. groups = ["everyone"]')
        values = kind.validate(config, what)
        records.append(ToolRecord(name, kind.kind, values, tuple(groups), enabled=True, described=()))
    return records
