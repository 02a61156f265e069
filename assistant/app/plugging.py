"""Puts together what plugins offer: the built-in ones in this process, others in processes of their own."""

from __future__ import annotations

from collections.abc import Callable

from assistant.catalog import Catalog
from assistant.interfaces import BlobStore
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import PluginRegistry, load_registry
from assistant.settings import Settings


def make_plugins(
    settings: Settings, catalog: Callable[[], Catalog], blobs: Callable[[], BlobStore]
) -> tuple[PluginRegistry, PluginDesk]:
    """Return the registry of all plugins, with what people upload, and the desk that looks after plugins.

    Args:
        settings: say where plugins are and what they may take.
        catalog, blobs: called when they are needed, and not before.
    """
    from assistant.ingest.uploads import register_uploads
    from assistant.parsing.media_types import next_step

    registry = load_registry(advise=next_step)
    register_uploads(registry, catalog, blobs)
    limits = HostLimits(settings.plugin_seconds, settings.plugin_memory_mb * 1024 * 1024, settings.max_document_bytes)
    desk = PluginDesk(catalog, registry, settings.plugins_folder or settings.home / "plugins", limits)
    registry.attach(desk)
    return registry, desk
