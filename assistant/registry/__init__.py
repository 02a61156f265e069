"""Finds plugins and keeps what they offer."""

from __future__ import annotations

from assistant.registry.hiding import DiscreetSource, hiding
from assistant.registry.kinds import ConfiguredTools, Guests, LocalKind, SourceKind
from assistant.registry.loading import GROUP, Place, is_own, load_at, load_from, load_plugin, load_registry
from assistant.registry.marking import long_texts, schema_texts
from assistant.registry.packs import Packs
from assistant.registry.private import Places
from assistant.registry.registry import PluginRegistry
from assistant.registry.tool_kinds import ToolKind
from assistant.registry.tools import TOOL_NAME, allowed, check_tool

__all__ = [
    "allowed",
    "ConfiguredTools",
    "DiscreetSource",
    "GROUP",
    "Guests",
    "LocalKind",
    "Packs",
    "Place",
    "Places",
    "PluginRegistry",
    "SourceKind",
    "TOOL_NAME",
    "ToolKind",
    "check_tool",
    "hiding",
    "is_own",
    "load_at",
    "load_from",
    "load_plugin",
    "load_registry",
    "long_texts",
    "schema_texts",
]
