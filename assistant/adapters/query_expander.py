"""Says questions in other words with a chat model."""

from __future__ import annotations

import re

from assistant.adapters.asking import reply
from assistant.interfaces import ChatModel
from assistant.types import ChatMessage

_SECONDS = 5.0  # a person waits for the search
_MAX_TOKENS = 120
_MAX_QUERY = 2000  # characters
_LONGEST = 300  # characters of a wording; what is longer is no question but chatter
_TASK = (
    "A person searches a company's documents for the text between the lines of dashes. Write three other wordings of it"
    " that such documents may use: synonyms, the technical term, an abbreviation written out. Keep names, numbers and"
    " codes as they are, keep the language, and do not answer it. One wording a line and nothing else."
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s*")


class ModelQueryExpander:
    """See `interfaces.QueryExpander`.

    Args:
        model: rewords.
        name: what it is called.
    """

    def __init__(self, model: ChatModel, name: str) -> None:
        self.name = name
        self._model = model

    def expand(self, query: str) -> list[str]:
        """See `interfaces.QueryExpander`."""
        message = ChatMessage.of("user", f"{_TASK}\n---\n{query[:_MAX_QUERY]}\n---")
        said = reply(self._model, message, _MAX_TOKENS, "a question", _SECONDS)
        lines = [_BULLET.sub("", line).strip().strip('"') for line in said.splitlines()]
        known = {query.strip().casefold()}
        found = []
        for line in lines:
            if line and len(line) <= _LONGEST and line.casefold() not in known:
                known.add(line.casefold())
                found.append(line)
        return found
