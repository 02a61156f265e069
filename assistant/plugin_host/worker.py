"""A plugin's process: does one request after another from its standard input and answers on its standard output.

Started by the host as `python -P -m assistant.plugin_host.worker PARENT PLACE MEMORY_BYTES NETWORK`. The first frame
describes the plugin, or says why it cannot be loaded; the end of the input ends the process.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any, BinaryIO

from assistant.errors import AssistantError, PluginError
from assistant.interfaces import DataSource
from assistant.parsing.process.limits import confine
from assistant.plugin_host.messages import (
    HEADER,
    frame,
    pack_change,
    pack_error,
    pack_manifest,
    pack_raw,
    pack_values,
    split,
)
from assistant.registry import Place, PluginRegistry, load_at, reaches_out
from assistant.types import Access, DocumentRef, Manifest, ToolResult, User

_BATCH = 200  # changes
_BATCH_SECONDS = 0.2
_SOURCES = 8  # that are kept for the next request

Reply = tuple[dict[str, Any], bytes]


def main() -> None:
    """Serve requests until the input ends."""
    parent, place, memory_bytes, network = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1"
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # a plugin that reads or prints, or a program that it starts, must not break the protocol
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    confine(memory_bytes, parent, network=network)
    served = _Served(Place.of(place), memory_bytes)
    _send(answers, *served.guarded(served.begin))
    while (request := _read(requests)) is not None:
        if request[0].get("do") == "changes":
            served.stream(request[0], requests, answers)
        else:
            _send(answers, *served.guarded(partial(served.answer, request[0])))


def _send(stream: BinaryIO, message: Mapping[str, Any], blob: bytes = b"") -> None:
    try:
        content = frame(message, blob)
    except (TypeError, ValueError) as error:
        content = frame(pack_error(PluginError(f"the plugin returned what JSON cannot say: {error}")))
    stream.write(content)
    stream.flush()


def _read(stream: BinaryIO) -> Reply | None:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return split(header + stream.read(sum(HEADER.unpack(header))))


class _Served:
    """The one plugin of this process."""

    def __init__(self, place: Place, memory_bytes: int) -> None:
        self._place = place
        self._memory_bytes = memory_bytes
        self._registry = PluginRegistry()
        self._module: ModuleType | None = None
        self._sources: OrderedDict[str, DataSource] = OrderedDict()

    def guarded(self, do: Callable[[], Reply]) -> Reply:
        """Return what it returns; every failure of the plugin becomes a message."""
        try:
            return do()
        except AssistantError as error:
            return pack_error(error), b""
        except MemoryError:
            limit = self._memory_bytes // (1024 * 1024)
            text = f"the plugin {self._place.name!r} needed more than its limit of {limit:,} MB"
            return {**pack_error(PluginError(text, "raise ASSISTANT_PLUGIN_MEMORY_MB")), "full": True}, b""
        except (Exception, SystemExit) as error:  # noqa: BLE001 (a plugin may raise anything)
            cause = f"{type(error).__name__}: {error}".splitlines()[0][:500]
            text = f"the plugin {self._place.name!r} failed: {cause}"
            return {**pack_error(PluginError(text, "report it to the plugin's author")), "unknown": True}, b""

    def begin(self) -> Reply:
        """Load the plugin and describe it."""
        self._module = load_at(self._registry, self._place)
        manifest = self._registry.manifests[self._place.name]
        kinds = {name: kind.schema() for name, kind in self._registry.sources.items()}
        for kind, schema in kinds.items():
            _check_secrets(manifest, kind, schema)
        for kind_of_tools in self._registry.tool_kinds:
            raise PluginError(
                f"the plugin {self._place.name!r} offers the tool kind {kind_of_tools!r}: only built-in ones can",
                "offer the tool itself, with add_tool",
            )
        if self._registry.packs.all:
            raise PluginError(f"the plugin {self._place.name!r} offers a pack: only built-in ones can")
        tools = [
            {
                "name": t.name,
                "description": t.description,
                "parameters": dict(t.parameters),
                "writes": bool(t.writes),
                "reaches_out": reaches_out(t),
            }
            for t in self._registry.tools.values()
        ]
        described = {
            "manifest": pack_manifest(manifest),
            "sources": kinds,
            "parsers": [[parser.name, parser.version] for parser in self._registry.parsers],
            "tools": tools,
            "post_processors": [processor.name for processor in self._registry.post_processors],
            "migrates": hasattr(self._module, "migrate"),
        }
        return described, b""

    def answer(self, message: Mapping[str, Any]) -> Reply:
        """Do one request that has one answer."""
        do = {
            "validate": self._validate,
            "make": self._make,
            "fetch": self._fetch,
            "unmoved": self._unmoved,
            "accepts": self._accepts,
            "tool": self._tool,
            "process": self._process,
            "health": self._health,
            "migrate": self._migrate,
        }.get(str(message.get("do")))
        if do is None:
            raise PluginError(f"a plugin's process cannot do {message.get('do')!r}")
        return do(message)

    def _validate(self, message: Mapping[str, Any]) -> Reply:
        return {"values": pack_values(self._registry.validate(message["kind"], message["config"]))}, b""

    def _make(self, message: Mapping[str, Any]) -> Reply:
        return {"unmoved": hasattr(self._source(message), "unmoved")}, b""

    def _fetch(self, message: Mapping[str, Any]) -> Reply:
        return pack_raw(self._source(message).fetch(message["key"]), message["key"])

    def _unmoved(self, message: Mapping[str, Any]) -> Reply:
        source: Any = self._source(message)
        return {"unmoved": str(source.unmoved(message["version"]))}, b""

    def _accepts(self, message: Mapping[str, Any]) -> Reply:
        key = message["key"]
        ref = DocumentRef("", key, "", key, "", message["media_type"], Access(frozenset()))
        parser = next(one for one in self._registry.parsers if one.name == message["parser"])
        return {"accepts": bool(parser.accepts(ref))}, b""

    def _tool(self, message: Mapping[str, Any]) -> Reply:
        result = self._registry.tool(message["tool"]).run(message["arguments"], _user(message["user"]))
        return _pack_result(result), b""

    def _process(self, message: Mapping[str, Any]) -> Reply:
        found = next(one for one in self._registry.post_processors if one.name == message["processor"])
        return {"text": found.process(message["question"], message["text"], _user(message["user"]))}, b""

    def _health(self, _: Mapping[str, Any]) -> Reply:
        health = getattr(self._module, "health", None)
        return {"health": str(health() or "") if health else ""}, b""

    def _migrate(self, message: Mapping[str, Any]) -> Reply:
        migrate: Any = getattr(self._module, "migrate", None)
        return {"config": migrate(message["kind"], message["config"], message["from"])}, b""

    def stream(self, message: Mapping[str, Any], requests: BinaryIO, answers: BinaryIO) -> None:
        """Send what a source lists, a batch for each `next`, until its end, its failure or a `stop`."""
        listing: Iterator[Any] = iter(())

        def begin() -> Reply:
            nonlocal listing
            listing = iter(self._source(message).changes(message["cursor"]))
            return {}, b""

        reply = self.guarded(begin)
        if reply[0]:
            _send(answers, *reply)
            return
        most = 1  # at first, for whoever only tries whether the source can be read
        while True:
            reply = self.guarded(partial(_batch, listing, most))
            most = _BATCH
            _send(answers, *reply)
            if "changes" not in reply[0] or reply[0].get("end"):
                return
            asked = _read(requests)
            if asked is None or asked[0].get("do") != "next":
                _send(answers, *self.guarded(partial(_close, listing)))
                return

    def _source(self, message: Mapping[str, Any]) -> DataSource:
        kind, config = message["kind"], message["config"]
        key = hashlib.sha256(json.dumps([kind, config], sort_keys=True).encode()).hexdigest()
        if key not in self._sources:
            self._sources[key] = self._registry.make_source(kind, config)
            while len(self._sources) > _SOURCES:
                self._sources.popitem(last=False)
        self._sources.move_to_end(key)
        return self._sources[key]


def _close(listing: Any) -> Reply:
    if hasattr(listing, "close"):
        listing.close()
    return {"stopped": True}, b""


def _batch(listing: Iterator[Any], most: int) -> Reply:
    """Return the next changes. A failure after some of them is raised at once: they are listed again next time."""
    ends = time.monotonic() + _BATCH_SECONDS
    found: list[Any] = []
    for change in listing:
        found.append(pack_change(change))
        if len(found) >= most or time.monotonic() > ends:
            return {"changes": found}, b""
    return {"changes": found, "end": True}, b""


def _pack_result(result: Any) -> dict[str, Any]:
    if not isinstance(result, ToolResult) or not isinstance(result.text, str):
        raise PluginError(f"the tool returned a {type(result).__name__} and no ToolResult")
    if result.passages:
        raise PluginError("the tool returned passages, and only the assistant's own tools can: leave them out")
    return {"text": result.text, "data": dict(result.data)}


def _user(packed: Mapping[str, Any]) -> User:
    return User(packed["id"], frozenset(packed["groups"]), packed["role"])


def _check_secrets(manifest: Manifest, kind: str, schema: Mapping[str, Any]) -> None:
    """Raise PluginError where a kind has a secret field that the manifest does not name."""
    allowed = manifest.permissions.secrets
    if "*" in allowed:
        return
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, field in part.get("properties", {}).items():
            if '"password"' in json.dumps(field) and name not in allowed:
                raise PluginError(
                    f"the source kind {kind!r} asks for the secret {name!r}, which the manifest of {manifest.name!r}"
                    " does not name",
                    "name it among the secrets of its permissions",
                )


if __name__ == "__main__":
    main()
