"""Finds plugins by entry point and keeps what they offer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.errors import AssistantError, ConfigurationError, PluginError, UnsupportedFormatError
from assistant.interfaces import DataSource, Parser, Plugin
from assistant.types import DocumentRef

GROUP = "assistant.plugins"


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of data source: the model of its configuration, and what makes one from it."""

    kind: str
    config: type[BaseModel]
    factory: Callable[[Any], DataSource]


class PluginRegistry:
    """What all loaded plugins offer; implements `interfaces.Registry`."""

    def __init__(self) -> None:
        self._parsers: list[Parser] = []
        self._sources: dict[str, SourceKind] = {}

    def add_parser(self, parser: Parser) -> None:
        """See `interfaces.Registry`. Raises PluginError if the name is taken."""
        if any(parser.name == other.name for other in self._parsers):
            raise PluginError(f"two parsers are called {parser.name!r}", "rename or uninstall one of the plugins")
        self._parsers.insert(0, parser)

    def add_source(self, kind: str, config: type[BaseModel], factory: Callable[[Any], DataSource]) -> None:
        """See `interfaces.Registry`. Raises PluginError if the kind is taken."""
        if kind in self._sources:
            raise PluginError(f"two plugins offer the source kind {kind!r}", "uninstall one of them")
        self._sources[kind] = SourceKind(kind, config, factory)

    @property
    def parsers(self) -> tuple[Parser, ...]:
        """All parsers, the one asked first in front."""
        return tuple(self._parsers)

    @property
    def sources(self) -> dict[str, SourceKind]:
        """All source kinds by name."""
        return dict(self._sources)

    def parser_for(self, ref: DocumentRef) -> Parser:
        """Return the parser that takes this document.

        Raises:
            UnsupportedFormatError: no parser accepts its type.
        """
        for parser in self._parsers:
            if parser.accepts(ref):
                return parser
        raise UnsupportedFormatError(f"no parser reads {ref.media_type} ({ref.key})", "see `assistant plugins list`")

    def make_source(self, kind: str, config: dict[str, Any]) -> DataSource:
        """Return a source of this kind.

        Raises:
            ConfigurationError: unknown kind, or a field is wrong; the message names it.
            PluginError: the plugin fails on a configuration that its own model accepts.
        """
        validated = self._validated(kind, config)
        try:
            return self._kind(kind).factory(validated)
        except AssistantError:
            raise
        except Exception as error:
            raise PluginError(
                f"the plugin for {kind!r} cannot make its source: {type(error).__name__}: {error}",
                "report it to the plugin's author",
            ) from error

    def try_source(self, kind: str, config: dict[str, Any]) -> None:
        """Take the first step of the source's listing, to see that it can be read as it is configured.

        Raises:
            ConfigurationError: as `validate`.
            SourceError: it cannot be read; the message says why.
        """
        next(iter(self.make_source(kind, config).changes(None)), None)

    def validate(self, kind: str, config: dict[str, Any]) -> dict[str, Any]:
        """Return the configuration as the kind's own model understands it, e.g. with its paths made absolute.

        Raises:
            ConfigurationError: unknown kind, or a field is wrong; the message names it.
        """
        return self._validated(kind, config).model_dump(mode="json")

    def _kind(self, kind: str) -> SourceKind:
        known = self._sources.get(kind)
        if known is None:
            raise ConfigurationError(
                f"there is no source kind {kind!r}", f"choose one of: {', '.join(sorted(self._sources)) or 'none'}"
            )
        return known

    def _validated(self, kind: str, config: dict[str, Any]) -> BaseModel:
        try:
            return self._kind(kind).config.model_validate(config)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "configuration"
            raise ConfigurationError(f"{kind} source: {field}: {first['msg']}", "correct that field") from error


def load_registry(points: Iterable[EntryPoint] | None = None) -> PluginRegistry:
    """Load every installed plugin.

    Args:
        points: entry points to load instead of the installed ones.

    Raises:
        PluginError: a plugin cannot be imported or fails while it registers; the message names it.
    """
    registry = PluginRegistry()
    found = entry_points(group=GROUP) if points is None else points
    for point in sorted(found, key=lambda p: (p.dist is not None and p.dist.name != "assistant", p.name)):
        with _named(point):
            plugin: Plugin = point.load()
            plugin(registry)
    return registry


@contextlib.contextmanager
def _named(point: EntryPoint) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if isinstance(error, PluginError):
            raise
        raise PluginError(
            f"plugin {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}",
            "upgrade or uninstall its package",
        ) from error
