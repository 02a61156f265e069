"""Plugins as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from assistant.types import principals
from assistant.types.readers import Glob

if TYPE_CHECKING:
    from assistant.plugin_host import PackUse, PluginInfo


class PermissionsJson(BaseModel):
    """What a plugin wants to use; `*` stands for anything."""

    hosts: list[str]
    paths: list[str]
    secrets: list[str]
    writes: bool


class PackDocumentsJson(BaseModel):
    """Documents of a source whose keys a glob takes."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1)
    glob: Glob = "**"


class PackUseJson(BaseModel):
    """Who is to have a pack (groups; `user:ID` is one person), and in which documents it finds structure."""

    model_config = ConfigDict(extra="forbid")

    groups: list[str] = Field(min_length=1)
    documents: list[PackDocumentsJson] = []

    @property
    def use(self) -> PackUse:
        """As the desk takes it."""
        from assistant.plugin_host import PackUse

        return PackUse(principals(self.groups), tuple((one.source, one.glob) for one in self.documents))


class PluginJson(BaseModel):
    """One plugin.

    `permissions` is null where it was never looked at, `declared` whether it says what it wants, `experimental` whether
    nobody has run it against the real thing yet.

    `pack` says who has it where it is a pack that is enabled, else null.
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
    pack: PackUseJson | None = None
    mark: str = Field("", description="Changes when the plugin does: to enable it as it was looked at.")

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
            pack=_pack(info),
            mark=info.mark,
        )


class PluginListJson(BaseModel):
    """All plugins."""

    plugins: list[PluginJson]


class HealthJson(BaseModel):
    """A plugin that is well, and what it says of itself."""

    name: str
    health: str


def _pack(info: PluginInfo) -> PackUseJson | None:
    if info.pack is None:
        return None
    documents = [PackDocumentsJson(source=source, glob=glob) for source, glob in info.pack.documents]
    return PackUseJson(groups=sorted(name.removeprefix("group:") for name in info.pack.readers), documents=documents)
