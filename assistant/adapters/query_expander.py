"""Says questions in other words with a chat model behind an OpenAI-compatible server, such as vLLM."""

from __future__ import annotations

import re
from typing import Any

from assistant.adapters.chat_endpoint import ChatEndpoint, Purpose, check_endpoint
from assistant.interfaces import QueryExpander

_SECONDS = 5.0  # a person waits for the search
_MAX_TOKENS = 120
_MAX_QUERY = 2000  # characters
_LONGEST = 300  # characters of a wording; what is longer is no question but chatter
_PURPOSE = Purpose("expander model", "a question", "expander")
_TASK = (
    "A person searches a company's documents for the text between the lines of dashes. Write three other wordings of it"
    " that such documents may use: synonyms, the technical term, an abbreviation written out. Keep names, numbers and"
    " codes as they are, keep the language, and do not answer it. One wording a line and nothing else."
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s*")


def connect_query_expander(url: str, model: str, api_key: str = "") -> QueryExpander:
    """Return the expander; the server is first asked at the first search.

    Args:
        url: the server's base URL, e.g. `http://vllm:8000/v1`.
        model: the model's name there.
        api_key: empty where the server asks for none.

    Raises:
        ConfigurationError: the model's name or the URL is missing or wrong.
    """
    check_endpoint(_PURPOSE, url, model)
    return OpenAIQueryExpander(url, model, api_key)


class OpenAIQueryExpander:
    """See `connect_query_expander` and `interfaces.QueryExpander`.

    Args:
        client: sends the requests; by default one that gives the model five seconds.
    """

    def __init__(self, url: str, model: str, api_key: str = "", client: Any = None) -> None:
        self.name = model
        self._model = ChatEndpoint(_PURPOSE, url, model, api_key, seconds=_SECONDS, client=client)

    def expand(self, query: str) -> list[str]:
        """See `interfaces.QueryExpander`."""
        said = self._model.complete(f"{_TASK}\n---\n{query[:_MAX_QUERY]}\n---", _MAX_TOKENS)
        lines = [_BULLET.sub("", line).strip().strip('"') for line in said.splitlines()]
        known = {query.strip().casefold()}
        found = []
        for line in lines:
            if line and len(line) <= _LONGEST and line.casefold() not in known:
                known.add(line.casefold())
                found.append(line)
        return found
