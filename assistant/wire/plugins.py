"""Plugins as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel

if TYPE_CHECKING:
    from assistant.plugin_host import PluginInfo


class PermissionsJson(BaseModel):
    """What a plugin wants to use; `*` stands for anything."""

    hosts: list[str]
    paths: list[str]
    secrets: list[str]
    writes: bool


class PluginJson(BaseModel):
    """One plugin.

    `permissions` is null where it was never looked at, `declared` whether it says what it wants, `experimental` whether
    nobody has run it against the real thing yet.
    """

    name: str
    origin: str
    state: str
    version: str
    api_version: int | None
    description: str
    declared: bool
    experimental: bool
    permissions: PermissionsJson | None
    offers: list[str]
    error: str

    @classmethod
    def of(cls, info: PluginInfo) -> Self:
        """Return the plugin as JSON."""
        manifest = info.manifest
        wanted = None
        if manifest is not None:
            asked = manifest.permissions
            wanted = PermissionsJson(
                hosts=list(asked.hosts), paths=list(asked.paths), secrets=list(asked.secrets), writes=asked.writes
            )
        return cls(
            name=info.name,
            origin=info.origin,
            state=info.state,
            version=info.version,
            api_version=manifest.api_version if manifest else None,
            description=manifest.description if manifest else "",
            declared=manifest.declared if manifest else False,
            experimental=manifest.experimental if manifest else False,
            permissions=wanted,
            offers=[f"{what} {name}" for what, name in info.offers],
            error=info.error,
        )


class PluginListJson(BaseModel):
    """All plugins."""

    plugins: list[PluginJson]


class HealthJson(BaseModel):
    """A plugin that is well, and what it says of itself."""

    name: str
    health: str
