"""Plugins, for those who manage them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.api.context import ContextOf, must_manage
from assistant.api.signed_in import UserOf
from assistant.wire import HealthJson, PackUseJson, PluginJson, PluginListJson

router = APIRouter(prefix="/api", tags=["plugins"])


@router.get("/plugins")
def plugins(context: ContextOf, user: UserOf) -> PluginListJson:
    """Return all plugins, without running any that is not enabled."""
    must_manage(user)
    return PluginListJson(plugins=[PluginJson.of(info) for info in context.app.plugins.all()])


@router.get("/plugins/{name}")
def plugin(name: str, context: ContextOf, user: UserOf) -> PluginJson:
    """Return one plugin; one that was never enabled is loaded without the network, to see what it wants."""
    must_manage(user)
    return PluginJson.of(context.app.plugins.show(name))


@router.post("/plugins/{name}/enable")
def enable_plugin(
    name: str,
    context: ContextOf,
    user: UserOf,
    use: PackUseJson | None = None,
    mark: Annotated[str, Query(max_length=200, description="409 where the plugin's is another by now.")] = "",
) -> PluginJson:
    """Use the plugin from now on, as the version that is installed now; a pack for the groups of the body only."""
    must_manage(user)
    return PluginJson.of(context.app.plugins.enable(name, use.use if use else None, mark))


@router.post("/plugins/{name}/disable")
def disable_plugin(name: str, context: ContextOf, user: UserOf) -> PluginJson:
    """Use the plugin no more."""
    must_manage(user)
    return PluginJson.of(context.app.plugins.disable(name))


@router.post("/plugins/{name}/health")
def plugin_health(name: str, context: ContextOf, user: UserOf) -> HealthJson:
    """Ask an enabled plugin how it is."""
    must_manage(user)
    return HealthJson(name=name, health=context.app.plugins.health(name))
