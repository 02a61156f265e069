"""Keeps sources for the next use, so that what they hold (a commit, a feed, a connection) is not asked for again."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass

from assistant.catalog import SourceRecord, revealed
from assistant.interfaces import DataSource
from assistant.registry import PluginRegistry, SourceKind

_IDLE_SECONDS = 3600.0  # a long listing counts as one use
_MOST = 16


@dataclass(slots=True)
class _Kept:
    config: str
    kind: SourceKind
    source: DataSource
    used_at: float


class SharedSources:
    """The sources of this process: one for a listing and all documents after it. Safe to use from several threads.

    Args:
        registry: makes them; where it has another kind of the name now, or none, what was made before is not used.
    """

    def __init__(self, registry: PluginRegistry) -> None:
        self._registry = registry
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def of(self, record: SourceRecord) -> DataSource:
        """Return the source as it is configured now; raises as `PluginRegistry.make_source`."""
        values = json.dumps(revealed(record.config), sort_keys=True, default=str)
        config = hashlib.sha256(values.encode()).hexdigest()
        kind = self._registry.sources.get(record.kind)
        with self._lock:
            self._drop_idle()
            kept = self._kept.get(record.name)
            if kept is not None and (kept.config, kept.kind) == (config, kind):
                kept.used_at = time.monotonic()
                return kept.source
        source = self._registry.make_source(record.kind, dict(record.config))
        if kind is not None:
            with self._lock:
                self._kept[record.name] = _Kept(config, kind, source, time.monotonic())
        return source

    def let_go(self, name: str) -> None:
        """Keep the source of that name no longer: it is gone, and what it held of its documents is to go as well."""
        with self._lock:
            self._kept.pop(name, None)

    def _drop_idle(self) -> None:
        oldest = time.monotonic() - _IDLE_SECONDS
        by_use = sorted(self._kept, key=lambda name: self._kept[name].used_at)
        for at, name in enumerate(by_use):
            if self._kept[name].used_at < oldest or at < len(by_use) - _MOST:
                del self._kept[name]
