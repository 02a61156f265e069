"""Keeps what plugins offer, those of this process and those of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from assistant.errors import ConfigurationError, NotFoundError, PluginError, UnsupportedFormatError
from assistant.interfaces import DataSource, Parser, PostProcessor, Tool
from assistant.registry.configured import validated
from assistant.registry.kinds import Guests, LocalKind, NoGuests, SourceKind
from assistant.registry.marking import overlaid, schema_marked
from assistant.types import DocumentRef, Manifest

_TOOL_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class PluginRegistry:
    """What all loaded plugins offer; implements `interfaces.Registry`.

    Args:
        advise: says what to do about a file of a media type that no parser reads.
    """

    def __init__(self, advise: Callable[[str], str] = lambda _: "see `assistant plugins list`") -> None:
        self._advise = advise
        self._parsers: list[Parser] = []
        self._sources: dict[str, SourceKind] = {}
        self._tools: dict[str, Tool] = {}
        self._tool_kinds: dict[str, tuple[type[BaseModel], Callable[[str, Any], Tool]]] = {}
        self._processors: dict[str, PostProcessor] = {}
        self._guests: Guests = NoGuests()
        self._owners: dict[tuple[str, str], str] = {}
        self._loading = ""
        self.manifests: dict[str, Manifest] = {}

    def begin(self, manifest: Manifest) -> None:
        """Note that what is added from now on is of the plugin with this manifest.

        Raises:
            PluginError: there is one of its name already.
        """
        if manifest.name in self.manifests:
            raise PluginError(f"two plugins are called {manifest.name!r}", "uninstall one of them")
        self.manifests[manifest.name] = manifest
        self._loading = manifest.name

    def end(self) -> None:
        """Note that what is added from now on is of no plugin, and no admin disables it."""
        self._loading = ""

    def attach(self, guests: Guests) -> None:
        """Offer from now on also what these plugins offer, which run in other processes."""
        self._guests = guests

    def add_parser(self, parser: Parser) -> None:
        """See `interfaces.Registry`. Raises PluginError if the name is taken."""
        if any(parser.name == other.name for other in self._parsers):
            raise PluginError(f"two parsers are called {parser.name!r}", "rename or uninstall one of the plugins")
        self._parsers.insert(0, parser)
        self._owners["parser", parser.name] = self._loading

    def add_source(self, kind: str, config: type[BaseModel], factory: Callable[[Any], DataSource]) -> None:
        """See `interfaces.Registry`. Raises PluginError if the kind is taken."""
        if kind in self._sources:
            raise PluginError(f"two plugins offer the source kind {kind!r}", "uninstall one of them")
        self._sources[kind] = LocalKind(kind, config, factory)
        self._owners["source", kind] = self._loading

    def add_tool(self, tool: Tool) -> None:
        """See `interfaces.Registry`. Raises PluginError if the name is taken or the tool is not what it has to be."""
        if tool.name in self._tools:
            raise PluginError(f"two tools are called {tool.name!r}", "rename or uninstall one of the plugins")
        check_tool(tool)
        manifest = self.manifests.get(self._loading)
        if tool.writes and manifest is not None and not manifest.permissions.writes:
            raise PluginError(
                f"the tool {tool.name!r} writes, and the manifest of {manifest.name!r} does not ask to",
                "say `writes=True` in its permissions",
            )
        self._tools[tool.name] = tool
        self._owners["tool", tool.name] = self._loading

    def add_tool_kind(self, kind: str, config: type[BaseModel], factory: Callable[[str, Any], Tool]) -> None:
        """See `interfaces.Registry`. Raises PluginError if the kind is taken."""
        if kind in self._tool_kinds:
            raise PluginError(f"two plugins offer the tool kind {kind!r}", "uninstall one of them")
        self._tool_kinds[kind] = config, factory
        self._owners["tool kind", kind] = self._loading

    def configure_tool(self, name: str, values: Mapping[str, Any]) -> None:
        """Make a tool of one of the kinds, and offer it as its kind's plugin does.

        Args:
            name: the tool's.
            values: its `kind`, and the fields of that kind's configuration.

        Raises:
            ConfigurationError: unknown kind, or a field is wrong; the message names it.
            PluginError: as `add_tool`.
        """
        kind = str(values.get("kind", ""))
        if kind not in self._tool_kinds:
            choice = ", ".join(sorted(self._tool_kinds)) or "none"
            raise ConfigurationError(f"tool {name!r}: there is no tool kind {kind!r}", f"choose one of: {choice}")
        config, factory = self._tool_kinds[kind]
        model = validated(
            config, {field: value for field, value in values.items() if field != "kind"}, f"tool {name!r}"
        )
        self._loading = self._owners["tool kind", kind]
        try:
            self.add_tool(factory(name, model))
        finally:
            self.end()

    @property
    def tool_kinds(self) -> tuple[str, ...]:
        """The kinds of tools that can be configured."""
        return tuple(sorted(self._tool_kinds))

    def tool_schema(self, kind: str) -> dict[str, Any]:
        """Return the JSON schema of the configuration of one of `tool_kinds`."""
        return self._tool_kinds[kind][0].model_json_schema()

    def add_post_processor(self, processor: PostProcessor) -> None:
        """See `interfaces.Registry`. Raises PluginError if the name is taken."""
        if processor.name in self._processors:
            raise PluginError(f"two post-processors are called {processor.name!r}", "uninstall one of the plugins")
        self._processors[processor.name] = processor
        self._owners["post-processor", processor.name] = self._loading

    def offers(self, plugin: str) -> list[tuple[str, str]]:
        """Return what the plugin of this process offers: pairs of what it is and its name; without a name, the rest."""
        return [offer for offer, owner in self._owners.items() if owner == plugin]

    @property
    def parsers(self) -> tuple[Parser, ...]:
        """All parsers, the one asked first in front."""
        return (*self._guests.parsers(), *self._parsers)

    @property
    def sources(self) -> dict[str, SourceKind]:
        """All source kinds by name."""
        return {**self._guests.sources(), **self._enabled("source", self._sources)}

    @property
    def tools(self) -> dict[str, Tool]:
        """All tools by name."""
        return {**self._guests.tools(), **self._enabled("tool", self._tools)}

    @property
    def post_processors(self) -> tuple[PostProcessor, ...]:
        """All post-processors, in the order in which they are to be asked."""
        return (*self._enabled("post-processor", self._processors).values(), *self._guests.post_processors())

    def tool(self, name: str) -> Tool:
        """Return the tool. Raises NotFoundError."""
        tools = self.tools
        if name not in tools:
            raise NotFoundError(f"there is no tool {name!r}", f"there are: {', '.join(sorted(tools)) or 'none'}")
        return tools[name]

    def parser_for(self, ref: DocumentRef) -> Parser:
        """Return the parser that takes this document.

        Raises:
            UnsupportedFormatError: no parser accepts its type.
        """
        for parser in self.parsers:
            if parser.accepts(ref):
                return parser
        raise UnsupportedFormatError(f"no parser reads {ref.media_type} ({ref.key})", self._advise(ref.media_type))

    def make_source(self, kind: str, config: dict[str, Any]) -> DataSource:
        """Return a source of this kind; none of its errors holds a secret of the configuration.

        Args:
            kind: one of `sources`.
            config: as `validate` returned it, or as the catalog has it.

        Raises:
            ConfigurationError: unknown kind; a field is wrong, the message names it; or a secret cannot be decrypted.
            PluginError: the plugin fails on a configuration that its own model accepts.
        """
        return self._kind(kind).make(config)

    def try_source(self, kind: str, config: dict[str, Any]) -> str:
        """See that a source can be read as it is configured: by its `probe`, else by the first step of its listing.

        Returns:
            what the probe says, a line; "" where there is none.

        Raises:
            ConfigurationError: as `validate`.
            SourceError: it cannot be read; the message says why.
        """
        source = self.make_source(kind, config)
        probe = getattr(source, "probe", None)
        if probe is not None:
            return str(probe())
        next(iter(source.changes(None)), None)
        return ""

    def validate(self, kind: str, config: dict[str, Any]) -> dict[str, Any]:
        """Return the configuration as the kind's own model understands it, e.g. with its paths made absolute.

        What is a `SecretStr` (or another secret type of pydantic) in the model, at any depth, is a `Secret` in what is
        returned; the rest is JSON.

        Raises:
            ConfigurationError: unknown kind, or a field is wrong; the message names it.
        """
        return self._kind(kind).validate(config)

    def mark_secrets(self, kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a stored configuration with a `Secret` in place of every secret that an older version left in plain.

        Nothing else is changed. One that is no longer valid, or whose plugin is gone, is returned as it is. Of a plugin
        that runs elsewhere the schema decides that is known of it: its process is not asked.
        """
        local = self._sources.get(kind)
        if local is None:
            guest = self._guests.sources().get(kind)
            if guest is None:
                return config
            schema = guest.schema()
            found: Mapping[str, Any] = schema_marked(schema, schema.get("$defs", {}), config)
            return found
        try:
            marked = local.validate(dict(config))
        except (ConfigurationError, PluginError):
            return config
        result: Mapping[str, Any] = overlaid(config, marked)
        return result

    def _kind(self, kind: str) -> SourceKind:
        sources = self.sources
        known = sources.get(kind)
        if known is None:
            choice = ", ".join(sorted(sources)) or "none"
            raise ConfigurationError(
                f"there is no source kind {kind!r}",
                f"choose one of: {choice}; `assistant plugins list` shows what is not enabled",
            )
        return known

    def _enabled(self, what: str, offers: Mapping[str, Any]) -> dict[str, Any]:
        off = self._guests.off()
        return {name: offer for name, offer in offers.items() if self._owners.get((what, name)) not in off}


def check_tool(tool: Tool) -> None:
    """Raise PluginError where a tool's name, description or schema is not what a model can be given."""
    wrong = ""
    parameters = tool.parameters
    if not _TOOL_NAME.fullmatch(tool.name):
        wrong = "its name is not of a-z, 0-9 and _"
    elif not tool.description.strip():
        wrong = "it has no description"
    elif not isinstance(parameters, Mapping) or parameters.get("type") != "object":
        wrong = "its parameters are no JSON schema of an object"
    elif not isinstance(parameters.get("properties", {}), Mapping):
        wrong = "its parameters' properties are no object"
    elif unknown := set(parameters.get("required", ())) - set(parameters.get("properties", {})):
        wrong = f"it requires what its properties do not have: {', '.join(sorted(unknown))}"
    if wrong:
        raise PluginError(f"the tool {tool.name!r} cannot be offered: {wrong}", "report it to the plugin's author")
