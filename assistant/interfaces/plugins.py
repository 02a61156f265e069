"""How a plugin offers what it brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from pydantic import BaseModel

from assistant.interfaces.parsing import Parser
from assistant.interfaces.sources import DataSource


class Registry(Protocol):
    """What a plugin's `register(registry)` is given: built-ins and a stranger's plugin enter by the same calls."""

    def add_parser(self, parser: Parser) -> None:
        """Offer a parser; the first that accepts a document takes it, a later plugin's before an earlier one's."""
        ...

    def add_source(self, kind: str, config: type[BaseModel], factory: Callable[[Any], DataSource]) -> None:
        """Offer a kind of data source: `factory` gets a validated instance of the pydantic model `config`."""
        ...


class Plugin(Protocol):
    """The entry point (`assistant.plugins`) of a plugin."""

    def __call__(self, registry: Registry) -> None:
        """Register everything the plugin offers."""
        ...
