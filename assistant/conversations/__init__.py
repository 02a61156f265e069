"""Conversations: stored, owned by one person, and read again only as far as that person's rights go now."""

from assistant.conversations.desk import ConversationDesk
from assistant.conversations.export import markdown
from assistant.conversations.live import Live
from assistant.conversations.parts import Answering, Conversation, Parts
from assistant.conversations.printed import pdf
from assistant.conversations.sharing import SharedConversation, ShareDesk
from assistant.conversations.shown import WITHDRAWN, ShownCitation, ShownTurn

__all__ = [
    "Answering",
    "Conversation",
    "ConversationDesk",
    "Live",
    "Parts",
    "ShareDesk",
    "SharedConversation",
    "ShownCitation",
    "ShownTurn",
    "WITHDRAWN",
    "markdown",
    "pdf",
]
