"""Makes the desk of conversations; what it needs of the other parts, it asks for when it needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assistant.access import Library
from assistant.catalog import Catalog
from assistant.conversations import Answering, ConversationDesk, Parts
from assistant.herd import Herd
from assistant.interfaces import BlobStore, Embedder, Tool
from assistant.settings import Settings
from assistant.types import User


def make_conversations(
    settings: Settings,
    catalog: Catalog,
    library: Library,
    blobs: BlobStore,
    answerer: Callable[[], Answering],
    embedder: Callable[[], Embedder],
    herd: Callable[[], Herd],
    tools: Callable[[User], Mapping[str, Tool]],
) -> ConversationDesk:
    """Return the desk.

    Args:
        settings: say how much history is told, and how many answers are written at once.
        catalog, library, blobs: hold conversations, say what may be read, and hold what is attached.
        answerer, embedder: others after another index took over.
        herd: the chat models.
        tools: those that a user may use at a moment.
    """
    from assistant.agent import check_call

    parts = Parts(
        conversations=catalog.conversations,
        library=library,
        answerer=answerer,
        count_tokens=lambda texts: embedder().count_tokens(texts),
        herd=herd,
        blobs=blobs,
        usable=lambda user: tools(user).keys(),
        check_call=lambda user, name, arguments: check_call(tools(user), name, arguments),
    )
    return ConversationDesk(parts, history_tokens=settings.history_tokens, most_answers=settings.answers_at_once)
