"""Keeps what plugins offer, those of this process and those of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from assistant.errors import ConfigurationError, NotFoundError, PluginError, UnsupportedFormatError
from assistant.interfaces import DataSource, Pack, Parser, PostProcessor, Tool
from assistant.registry.kinds import ConfiguredTools, Guests, LocalKind, NoConfiguredTools, NoGuests, SourceKind
from assistant.registry.marking import overlaid, schema_marked
from assistant.registry.packs import Packs
from assistant.registry.sampling import Trial, tried
from assistant.registry.tool_kinds import ToolFactory, ToolKind
from assistant.registry.tools import allowed, check_tool, said_outward
from assistant.types import DocumentRef, Manifest, User


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
        self._tool_kinds: dict[str, ToolKind] = {}
        self._configured: ConfiguredTools = NoConfiguredTools()
        self._processors: dict[str, PostProcessor] = {}
        self._guests: Guests = NoGuests()
        self._owners: dict[tuple[str, str], str] = {}
        self._loading = ""
        self.manifests: dict[str, Manifest] = {}
        self.packs = Packs()

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

    def add_source(
        self,
        kind: str,
        config: type[BaseModel],
        factory: Callable[[Any], DataSource],
        *,
        for_operators: bool = False,
    ) -> None:
        """See `interfaces.Registry`. Raises PluginError if the kind is taken."""
        if kind in self._sources:
            raise PluginError(f"two plugins offer the source kind {kind!r}", "uninstall one of them")
        self._sources[kind] = LocalKind(kind, config, factory, for_operators)
        self._owners["source", kind] = self._loading

    def add_tool(self, tool: Tool) -> None:
        """See `interfaces.Registry`. Raises PluginError if the name is taken or the tool is not what it has to be."""
        self._check_new_tool(tool)
        self._tools[tool.name] = said_outward(tool, self.manifests.get(self._loading))
        self._owners["tool", tool.name] = self._loading

    def add_pack(self, pack: Pack) -> None:
        """See `interfaces.Registry`. Raises PluginError if it has another name than its plugin, or a tool is wrong."""
        if (self._loading and pack.name != self._loading) or pack.name in self.packs.all:
            raise PluginError(f"the plugin {self._loading!r} offers the pack {pack.name!r}", "give it one, of its name")
        for tool in self.packs.add(pack):
            self._check_new_tool(tool)
            self._owners["tool", tool.name] = self._loading
        self._owners["pack", pack.name] = self._loading

    def _check_new_tool(self, tool: Tool) -> None:
        if ("tool", tool.name) in self._owners:
            raise PluginError(f"two tools are called {tool.name!r}", "rename or uninstall one of the plugins")
        check_tool(tool)
        manifest = self.manifests.get(self._loading)
        if tool.writes and manifest is not None and not manifest.permissions.writes:
            raise PluginError(
                f"the tool {tool.name!r} writes, and the manifest of {manifest.name!r} does not ask to",
                "say `writes=True` in its permissions",
            )

    def add_tool_kind(
        self, kind: str, config: type[BaseModel], factory: ToolFactory, *, for_operators: bool = False
    ) -> None:
        """See `interfaces.Registry`. Raises PluginError if the kind is taken."""
        if kind in self._tool_kinds:
            raise PluginError(f"two plugins offer the tool kind {kind!r}", "uninstall one of them")
        manifest = self.manifests.get(self._loading)
        may_write = manifest is None or manifest.permissions.writes
        self._tool_kinds[kind] = ToolKind(kind, config, factory, for_operators, self._loading, may_write)
        self._owners["tool kind", kind] = self._loading

    def attach_tools(self, configured: ConfiguredTools) -> None:
        """Offer from now on also the tools that admins configured."""
        self._configured = configured

    @property
    def tool_kinds(self) -> dict[str, ToolKind]:
        """The kinds of tools that can be configured, by name."""
        return self._enabled("tool kind", self._tool_kinds)

    def tool_kind(self, kind: str) -> ToolKind:
        """Return a kind of tools. Raises ConfigurationError."""
        kinds = self.tool_kinds
        if kind not in kinds:
            choice = ", ".join(sorted(kinds)) or "none"
            raise ConfigurationError(f"there is no tool kind {kind!r}", f"choose one of: {choice}")
        return kinds[kind]

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
        """All tools by name, with those that are not for everybody (`interfaces.Restricted`)."""
        built_in = {**self._guests.tools(), **self._enabled("tool", self._tools)}
        return {**self._configured.tools(), **built_in, **self.packs.tools()}

    def tools_for(self, user: User) -> dict[str, Tool]:
        """Return the tools that this user may use now, by name."""
        return allowed(self.tools, user)

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
        return self.sample_source(kind, config, 0).found

    def sample_source(self, kind: str, config: dict[str, Any], most: int) -> Trial:
        """Try a source as `try_source` does, and return up to `most` of what it lists first."""
        return tried(self.make_source(kind, config), most)

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
