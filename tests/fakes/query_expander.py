"""A query expander without a model: it looks wordings up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.errors import AssistantError


class FakeQueryExpander:
    """See `interfaces.QueryExpander`.

    Args:
        wordings: by question.
    """

    name = "fake"

    def __init__(self, wordings: Mapping[str, Sequence[str]]) -> None:
        self.wordings = wordings
        self.fails: AssistantError | None = None
        self.asked: list[str] = []

    def expand(self, query: str) -> list[str]:
        self.asked.append(query)
        if self.fails is not None:
            raise self.fails
        return list(self.wordings.get(query, ()))
