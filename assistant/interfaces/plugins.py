"""How a plugin offers what it brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pydantic import BaseModel

from assistant.interfaces.packs import Pack
from assistant.interfaces.parsing import Parser
from assistant.interfaces.sources import DataSource
from assistant.interfaces.tools import PostProcessor, Tool


class Registry(Protocol):
    """What a plugin's `register(registry)` is given: built-ins and a stranger's plugin enter by the same calls."""

    def add_parser(self, parser: Parser) -> None:
        """Offer a parser; the first that accepts a document takes it, a later plugin's before an earlier one's."""
        ...

    def add_source(
        self,
        kind: str,
        config: type[BaseModel],
        factory: Callable[[Any], DataSource],
        *,
        for_operators: bool = False,
    ) -> None:
        """Offer a kind of data source: `factory` gets a validated instance of the pydantic model `config`.

        `for_operators`: only the machine's operator may configure it, as its configuration names code to run there.
        """
        ...

    def add_tool(self, tool: Tool) -> None:
        """Offer a tool for a model to call."""
        ...

    def add_tool_kind(
        self,
        kind: str,
        config: type[BaseModel],
        factory: Callable[[str, Any], Tool | Sequence[Tool]],
        *,
        for_operators: bool = False,
    ) -> None:
        """Offer a kind of tools that admins configure, and say for whom; who may use them is none of its business.

        Only built-in plugins can, so far.

        Args:
            kind: its name.
            config: the model of its configuration; the first line of its docstring is shown with its form.
            factory: gets a name and an instance of `config`, and makes a tool of that name, or several whose names
                begin with it and `_`. It may ask servers; who calls it does so once and keeps what it made.
            for_operators: whether only the machine's operator may configure it, as it runs programs there.
        """
        ...

    def add_post_processor(self, processor: PostProcessor) -> None:
        """Offer a post-processor of answers."""
        ...

    def add_pack(self, pack: Pack) -> None:
        """Offer what a department adds; a plugin has one at most, of its own name.

        Only built-in plugins can, so far.
        """
        ...


class Plugin(Protocol):
    """The entry point (`assistant.plugins`) of a plugin.

    Beside it, in its module, may stand `MANIFEST` (a `types.Manifest`), `health()`, which returns a line or raises, and
    `migrate(kind, config, from_version)`, which returns a configuration of an older version as this one understands it.
    """

    def __call__(self, registry: Registry) -> None:
        """Register everything the plugin offers."""
        ...
