"""A kind of data source: its configuration's schema, how that is checked, and what makes a source of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from assistant.errors import AssistantError, PluginError
from assistant.interfaces import DataSource, Parser, PostProcessor, Tool
from assistant.registry.configured import marked, validated
from assistant.registry.hiding import DiscreetSource, hiding
from assistant.registry.marking import long_texts


class SourceKind(Protocol):
    """A kind of data source, wherever its plugin runs."""

    @property
    def kind(self) -> str:
        """Its name."""
        ...

    @property
    def for_operators(self) -> bool:
        """Whether only the machine's operator may configure it."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of its configuration."""
        ...

    def validate(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """See `PluginRegistry.validate`."""
        ...

    def make(self, config: Mapping[str, Any]) -> DataSource:
        """See `PluginRegistry.make_source`."""
        ...


class Guests(Protocol):
    """What plugins offer that run in processes of their own; asked again at each use, as admins enable and disable."""

    def sources(self) -> Mapping[str, SourceKind]:
        """Return their source kinds by name."""
        ...

    def parsers(self) -> Sequence[Parser]:
        """Return their parsers, the one asked first in front."""
        ...

    def tools(self) -> Mapping[str, Tool]:
        """Return their tools by name."""
        ...

    def post_processors(self) -> Sequence[PostProcessor]:
        """Return their post-processors, in the order in which they are to be asked."""
        ...

    def off(self) -> frozenset[str]:
        """Return the names of the plugins in this process that an admin disabled."""
        ...


class ConfiguredTools(Protocol):
    """The tools that admins configured; asked again at each use, as they are changed."""

    def tools(self) -> Mapping[str, Tool]:
        """Return those that are switched on, by name."""
        ...


class NoConfiguredTools:
    """There are none."""

    def tools(self) -> Mapping[str, Tool]:
        """See `ConfiguredTools`."""
        return {}


class NoGuests:
    """There are none."""

    def sources(self) -> Mapping[str, SourceKind]:
        """See `Guests`."""
        return {}

    def parsers(self) -> Sequence[Parser]:
        """See `Guests`."""
        return ()

    def tools(self) -> Mapping[str, Tool]:
        """See `Guests`."""
        return {}

    def post_processors(self) -> Sequence[PostProcessor]:
        """See `Guests`."""
        return ()

    def off(self) -> frozenset[str]:
        """See `Guests`."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class LocalKind:
    """A kind whose plugin runs in this process.

    Attributes:
        kind: its name.
        config: the pydantic model of its configuration.
        factory: makes a source from an instance of `config`.
        for_operators: whether only the machine's operator may configure it.
    """

    kind: str
    config: type[BaseModel]
    factory: Callable[[Any], DataSource]
    for_operators: bool = False

    def schema(self) -> dict[str, Any]:
        """See `SourceKind`."""
        return self.config.model_json_schema()

    def validate(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """See `SourceKind`."""
        return marked(self._validated(config))

    def make(self, config: Mapping[str, Any]) -> DataSource:
        """See `SourceKind`."""
        model = self._validated(config)
        hidden = tuple(long_texts(marked(model)))
        with hiding(hidden):
            try:
                source = self.factory(model)
            except AssistantError:
                raise
            except Exception as error:
                raise PluginError(
                    f"the plugin for {self.kind!r} cannot make its source: {type(error).__name__}: {error}",
                    "report it to the plugin's author",
                ) from error
        return DiscreetSource(source, hidden) if hidden else source

    def _validated(self, config: Mapping[str, Any]) -> BaseModel:
        return validated(self.config, config, f"{self.kind} source", self.kind)
