"""What a plugin in another process offers, as its owner's process sees it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from assistant.catalog import revealed
from assistant.errors import (
    ConfigurationError,
    DocumentUnreadableError,
    PluginError,
    SourceError,
    ToolError,
)
from assistant.interfaces import DataSource
from assistant.plugin_host.host import PluginHost
from assistant.plugin_host.messages import unpack_change, unpack_raw, unpack_values
from assistant.registry import DiscreetSource, hiding, long_texts, schema_texts
from assistant.types import Change, Document, DocumentRef, RawDocument, ToolResult, User


class GuestSource:
    """A data source in another process."""

    unmoved: Callable[[str], str]

    def __init__(self, host: PluginHost, kind: str, config: Mapping[str, Any], hidden: Sequence[str]) -> None:
        self._host = host
        self._about = {"kind": kind, "config": config}
        self._hidden = hidden
        made, _ = host.ask({"do": "make", **self._about}, hidden=hidden)
        if made.get("unmoved") is True:
            self.unmoved = self._unmoved

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        request = {"do": "changes", "cursor": cursor, **self._about}
        for answer in self._host.stream(request, hidden=self._hidden, failure=SourceError):
            try:
                found = [unpack_change(packed) for packed in answer["changes"]]
            except (KeyError, TypeError, ValueError) as error:
                raise self._rubbish(SourceError, "listed", error) from error
            yield from found

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        request = {"do": "fetch", "key": key, **self._about}
        answer, data = self._host.ask(request, hidden=self._hidden, failure=DocumentUnreadableError)
        try:
            return unpack_raw(answer, data, key)
        except ValueError as error:
            raise self._rubbish(DocumentUnreadableError, f"returned for {key}", error) from error

    def _unmoved(self, version: str) -> str:
        request = {"do": "unmoved", "version": version, **self._about}
        return str(self._host.ask(request, hidden=self._hidden, failure=SourceError)[0].get("unmoved"))

    def _rubbish(self, kind: type[SourceError | DocumentUnreadableError], did: str, error: Exception) -> Exception:
        return kind(f"the plugin {self._host.name!r} {did} {error}", "report it to the plugin's author")


@dataclass(frozen=True, slots=True)
class GuestKind:
    """A source kind whose plugin runs in another process; `described` is its configuration's JSON schema."""

    host: PluginHost
    kind: str
    described: Mapping[str, Any]
    for_operators: bool = False  # its code runs in a process of its own, with what its manifest asks for

    def schema(self) -> dict[str, Any]:
        """See `registry.SourceKind`."""
        return dict(self.described)

    def validate(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """See `registry.SourceKind`."""
        plain = revealed(config)
        hidden = tuple(schema_texts(self.described, self.described.get("$defs", {}), plain))
        answer, _ = self.host.ask({"do": "validate", "kind": self.kind, "config": plain}, hidden=hidden)
        try:
            values = unpack_values(answer.get("values"))
        except ValueError as error:
            raise PluginError(f"the plugin {self.host.name!r} returned {error}", "report it to its author") from error
        if not isinstance(values, dict):
            raise PluginError(f"the plugin {self.host.name!r} returned a configuration that is no object")
        return values

    def make(self, config: Mapping[str, Any]) -> DataSource:
        """See `registry.SourceKind`."""
        values = self.validate(config)
        hidden = tuple(long_texts(values))
        with hiding(hidden):
            source = GuestSource(self.host, self.kind, revealed(values), hidden)
        return DiscreetSource(source, hidden) if hidden else source


@dataclass(frozen=True, slots=True)
class StoppedKind:
    """A source kind whose plugin is not used now, though its sources may be there still; `why` says so."""

    kind: str
    described: Mapping[str, Any]
    why: str
    hint: str
    for_operators: bool = False

    def schema(self) -> dict[str, Any]:
        """See `registry.SourceKind`."""
        return dict(self.described)

    def validate(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Raise ConfigurationError, always."""
        del config
        self._refuse()

    def make(self, config: Mapping[str, Any]) -> DataSource:
        """Raise ConfigurationError, always."""
        del config
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ConfigurationError(self.why, self.hint)


@dataclass(frozen=True, slots=True)
class GuestParser:
    """A parser of a plugin that runs elsewhere: it is asked there what it accepts, and parses in parser processes."""

    host: PluginHost
    name: str
    version: str

    def accepts(self, ref: DocumentRef) -> bool:
        """See `interfaces.Parser`."""
        return _accepts(self.host, self.name, ref.key, ref.media_type)

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Raise PluginError: only parser processes parse."""
        del data
        raise PluginError(f"{ref.key}: the parser {self.name!r} runs in parser processes only")


@functools.lru_cache(maxsize=16_384)
def _accepts(host: PluginHost, parser: str, key: str, media_type: str) -> bool:
    answer, _ = host.ask({"do": "accepts", "parser": parser, "key": key, "media_type": media_type})
    return answer.get("accepts") is True


@dataclass(frozen=True, slots=True)
class GuestTool:
    """A tool in another process."""

    host: PluginHost
    name: str
    description: str
    parameters: Mapping[str, Any]
    writes: bool = field(default=False)

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        request = {"do": "tool", "tool": self.name, "arguments": dict(arguments), "user": _packed(user)}
        answer, _ = self.host.ask(request, failure=ToolError)
        match answer:
            case {"text": str() as text, "data": dict() as data}:
                return ToolResult(text, data)
        raise ToolError(f"the tool {self.name!r} returned rubbish", "report it to its plugin's author")


@dataclass(frozen=True, slots=True)
class GuestPostProcessor:
    """A post-processor in another process."""

    host: PluginHost
    name: str

    def process(self, question: str, text: str, user: User) -> str:
        """See `interfaces.PostProcessor`."""
        request = {"do": "process", "processor": self.name, "question": question, "text": text, "user": _packed(user)}
        answer, _ = self.host.ask(request)
        if not isinstance(answer.get("text"), str):
            raise PluginError(f"the post-processor {self.name!r} returned no text", "report it to its plugin's author")
        return str(answer["text"])


def _packed(user: User) -> dict[str, Any]:
    return {"id": user.id, "groups": sorted(user.groups), "role": user.role}
