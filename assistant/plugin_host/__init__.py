"""Plugins that are not built in: found, enabled by an admin, and run in processes of their own."""

from __future__ import annotations

from assistant.plugin_host.desk import PluginDesk, PluginInfo
from assistant.plugin_host.host import HostLimits, PluginHost
from assistant.plugin_host.packs import PackUse

__all__ = ["HostLimits", "PackUse", "PluginDesk", "PluginHost", "PluginInfo"]
