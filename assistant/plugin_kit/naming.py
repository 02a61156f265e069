"""Lets a scene speak of documents by names and bytes of its own, where its source makes up keys and contents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from assistant.interfaces import DataSource
from assistant.types import Change, Changed, Checkpoint, Deleted, RawDocument


class NamedScene:
    """A scene whose source seems to list the names that were put, and to hand out the bytes that were put.

    Args:
        scene: with the methods `key_of` and `name_of`, and maybe `data_of`; see `Scene`.
    """

    def __init__(self, scene: Any) -> None:
        self._scene = scene

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scene, name)

    def source(self) -> Any:
        """Return a new source, in the scene's names."""
        source = self._scene.source()
        return _NamedSource(self._scene, source) if isinstance(source, DataSource) else source


class _NamedSource:
    def __init__(self, scene: Any, source: Any) -> None:
        self._scene, self._source = scene, source
        if hasattr(source, "unmoved"):
            self.unmoved = source.unmoved

    def __repr__(self) -> str:
        return repr(self._source)

    def changes(self, cursor: str | None) -> Any:
        found = self._source.changes(cursor)
        return self._named(found) if iter(found) is found else found

    def fetch(self, key: str) -> Any:
        wanted = self._scene.key_of(key)
        raw = self._source.fetch(wanted)
        if not isinstance(raw, RawDocument):
            return raw
        data = self._scene.data_of(raw.data) if hasattr(self._scene, "data_of") else raw.data
        return replace(raw, key=key if raw.key == wanted else raw.key, data=data)

    def _named(self, changes: Iterator[Change]) -> Iterator[Change]:
        for change in changes:
            match change:
                case Changed() | Deleted():
                    yield replace(change, key=self._scene.name_of(change.key))
                case Checkpoint() | _:
                    yield change
