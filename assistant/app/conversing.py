"""Makes the desk of conversations; what it needs of the other parts, it asks for when it needs it."""

from __future__ import annotations

from collections.abc import Callable

from assistant.access import Library
from assistant.catalog import Catalog
from assistant.conversations import Answering, ConversationDesk, Parts
from assistant.herd import Herd
from assistant.interfaces import BlobStore, Embedder
from assistant.registry import PluginRegistry
from assistant.settings import Settings


def make_conversations(
    settings: Settings,
    catalog: Catalog,
    library: Library,
    blobs: BlobStore,
    answerer: Callable[[], Answering],
    embedder: Callable[[], Embedder],
    herd: Callable[[], Herd],
    registry: Callable[[], PluginRegistry],
) -> ConversationDesk:
    """Return the desk.

    Args:
        settings: say how much history is told, and how many answers are written at once.
        catalog, library, blobs: hold conversations, say what may be read, and hold what is attached.
        answerer, embedder: others after another index took over.
        herd: the chat models.
        registry: has the tools.
    """
    from assistant.agent import check_call

    parts = Parts(
        conversations=catalog.conversations,
        library=library,
        answerer=answerer,
        count_tokens=lambda texts: embedder().count_tokens(texts),
        herd=herd,
        blobs=blobs,
        check_call=lambda user, name, arguments: check_call(registry().tools, user, name, arguments),
    )
    return ConversationDesk(parts, history_tokens=settings.history_tokens, most_answers=settings.answers_at_once)
