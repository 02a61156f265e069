"""Puts together what plugins offer: the built-in ones in this process, others in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.app.opening import plugins_folder
from assistant.catalog import Catalog, PackRecord
from assistant.interfaces import BlobStore
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import Places, PluginRegistry, load_registry
from assistant.settings import Settings
from assistant.toolbox import ToolDesk
from assistant.types import Document, DocumentInfo, Filters, Passage, User
from assistant.types.globs import glob_pattern

if TYPE_CHECKING:
    from assistant.access import Library
    from assistant.retrieval import Retriever


def make_plugins(
    settings: Settings,
    catalog: Callable[[], Catalog],
    blobs: Callable[[], BlobStore],
    retriever: Callable[[], Retriever],
    library: Callable[[], Library],
) -> tuple[PluginRegistry, PluginDesk, ToolDesk]:
    """Return the registry of all plugins, uploads and the assistant's own tools, and the desks for plugins and tools.

    Args:
        settings: say where plugins are and what they may take.
        catalog, blobs, retriever, library: called when they are needed, and not before.
    """
    from assistant.agent import register_own_tools
    from assistant.ingest.uploads import register_uploads
    from assistant.parsing.media_types import next_step

    registry = load_registry(advise=next_step)
    register_uploads(registry, catalog, blobs)
    register_own_tools(registry, retriever, library)
    limits = HostLimits(settings.plugin_seconds, settings.plugin_memory_mb * 1024 * 1024, settings.max_document_bytes)
    desk = PluginDesk(catalog, registry, plugins_folder(settings), limits)
    registry.attach(desk)

    def records() -> Mapping[str, PackRecord]:
        return catalog().packs.all()

    registry.packs.open(records, PackDocuments(retriever, library), _takes)
    tools = ToolDesk(catalog, registry, settings.tools, Places(settings.home, settings.admin_folders))
    registry.attach_tools(tools)
    return registry, desk, tools


class PackDocuments:
    """The documents, for the tools of packs; see `interfaces.DocumentReader`."""

    def __init__(self, retriever: Callable[[], Retriever], library: Callable[[], Library]) -> None:
        self._retriever, self._library = retriever, library

    def page(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> Sequence[DocumentInfo]:
        """See `interfaces.DocumentReader`."""
        return self._library().documents(user, sources, limit, offset)

    def read(self, source: str, key: str, user: User) -> Document:
        """See `interfaces.DocumentReader`."""
        return self._library().read(source, key, user)

    def search(self, query: str, user: User, limit: int, filters: Filters) -> Sequence[Passage]:
        """See `interfaces.DocumentReader`."""
        return self._retriever().search(query, user, limit, filters)


def _takes(glob: str, key: str) -> bool:
    return glob_pattern(glob).fullmatch(key) is not None
