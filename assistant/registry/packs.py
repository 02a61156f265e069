"""Keeps packs, and says at each use who has which of them: an admin takes one away from the next request on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assistant.catalog import PackRecord
from assistant.errors import PluginError, ToolError
from assistant.interfaces import DocumentReader, Pack, Structure, Tool
from assistant.registry.tools import reaches_out
from assistant.types import Document, DocumentInfo, DocumentRef, Filters, Passage, ToolResult, User

_SECONDS = 3.0  # for which a sync uses what it knows of the catalog; requests of people ask it each time

Records = Callable[[], Mapping[str, PackRecord]]


class Packs:
    """The packs of all plugins. Safe to use from several threads."""

    def __init__(self) -> None:
        self._packs: dict[str, Pack] = {}
        self._tools: dict[str, dict[str, Tool]] = {}
        self._documents = _Documents()
        self._records: Records = dict
        self._matches: Callable[[str, str], bool] = lambda _, __: False
        self._lock = threading.Lock()
        self._known: tuple[float, Mapping[str, PackRecord]] | None = None

    def open(self, records: Records, documents: DocumentReader, matches: Callable[[str, str], bool]) -> None:
        """Say what packs work with; before, nobody has any.

        Args:
            records: who has which, as it is now.
            documents: what tools read by.
            matches: whether a glob takes a key.
        """
        self._records, self._documents.reader, self._matches = records, documents, matches

    def add(self, pack: Pack) -> tuple[Tool, ...]:
        """Keep a pack, and return its tools."""
        self._packs[pack.name] = pack
        made = tuple(_PackTool(tool, pack.name, self._is_for) for tool in pack.tools(self._documents))
        self._tools[pack.name] = {tool.name: tool for tool in made}
        return made

    @property
    def all(self) -> Mapping[str, Pack]:
        """All packs by name, whether anybody has them or not."""
        return self._packs

    def of(self, user: User) -> list[Pack]:
        """Return the packs that this user has now, by name."""
        if not self._packs:
            return []
        records = self._records()
        return [pack for name, pack in sorted(self._packs.items()) if name in records and records[name].is_for(user)]

    def tools(self) -> dict[str, Tool]:
        """Return the tools of the packs that somebody has now, by name; each says whom it `allows`."""
        records = self._records() if self._packs else {}
        return {name: tool for pack in self._packs if pack in records for name, tool in self._tools[pack].items()}

    def prompt(self, user: User) -> str:
        """Return what a model is told besides where it answers this user; alike for all who have the same packs."""
        return "\n\n".join(pack.prompt.strip() for pack in self.of(user) if pack.prompt.strip())

    def structure(self, ref: DocumentRef) -> Structure | None:
        """Return what finds headings in this document; None: nothing does. Of several packs the first by name does."""
        for name, record in sorted(self._recent().items()):
            found = self._packs[name].structure if name in self._packs else None
            if found is not None and any(
                source == ref.source and self._matches(glob, ref.key) for source, glob in record.documents
            ):
                return found
        return None

    def structures(self) -> list[Structure]:
        """Return everything that finds headings in some document."""
        recent = self._recent()
        found = (pack.structure for name, pack in sorted(self._packs.items()) if name in recent)
        return [structure for structure in found if structure is not None]

    def forget(self) -> None:
        """Ask the catalog anew: something was changed."""
        with self._lock:
            self._known = None

    def _is_for(self, pack: str, user: User) -> bool:
        record = self._records().get(pack)
        return record is not None and record.is_for(user)

    def _recent(self) -> Mapping[str, PackRecord]:
        if not self._packs:
            return {}
        with self._lock:
            if self._known is not None and time.monotonic() - self._known[0] < _SECONDS:
                return self._known[1]
        records = self._records()
        with self._lock:
            self._known = time.monotonic(), records
        return records


class _PackTool:
    """A tool that only those can call who have its pack; see `interfaces.Tool` and `interfaces.Restricted`."""

    def __init__(self, tool: Tool, pack: str, is_for: Callable[[str, User], bool]) -> None:
        self._tool, self._pack, self._is_for = tool, pack, is_for

    @property
    def name(self) -> str:
        """See `interfaces.Tool`."""
        return self._tool.name

    @property
    def description(self) -> str:
        """See `interfaces.Tool`."""
        return self._tool.description

    @property
    def parameters(self) -> Mapping[str, Any]:
        """See `interfaces.Tool`."""
        return self._tool.parameters

    @property
    def writes(self) -> bool:
        """See `interfaces.Tool`."""
        return self._tool.writes

    @property
    def reaches_out(self) -> bool:
        """See `interfaces.Outward`."""
        return reaches_out(self._tool)

    def allows(self, user: User) -> bool:
        """See `interfaces.Restricted`: whether the user has the pack at this moment."""
        return self._is_for(self._pack, user)

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`. Raises ToolError for one whom it does not allow, whatever a model was told before."""
        if not self.allows(user):
            raise ToolError(f"there is no tool {self.name!r} for this user", "answer without it")
        return self._tool.run(arguments, user)


class _Documents:
    """The documents, as soon as they are known; see `interfaces.DocumentReader`."""

    reader: DocumentReader | None = None

    def page(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> Sequence[DocumentInfo]:
        """See `interfaces.DocumentReader`."""
        return self._reader().page(user, sources, limit, offset)

    def read(self, source: str, key: str, user: User) -> Document:
        """See `interfaces.DocumentReader`."""
        return self._reader().read(source, key, user)

    def search(self, query: str, user: User, limit: int, filters: Filters) -> Sequence[Passage]:
        """See `interfaces.DocumentReader`."""
        return self._reader().search(query, user, limit, filters)

    def _reader(self) -> DocumentReader:
        if self.reader is None:
            raise PluginError("the documents cannot be read here", "call the tool in a running assistant")
        return self.reader
