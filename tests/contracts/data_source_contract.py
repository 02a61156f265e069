"""What every data source must do: subclass, give the fixture, and pass."""

from __future__ import annotations

from typing import Protocol

import pytest

from assistant.errors import NotFoundError
from assistant.interfaces import DataSource
from assistant.types import Changed, Checkpoint, RawDocument


class Scene(Protocol):
    """A source together with the means to change what is behind it."""

    source: DataSource

    def put(self, key: str, data: bytes) -> None: ...

    def remove(self, key: str) -> None: ...


class DataSourceContract:
    """Give the fixture `scene`: a `Scene` with nothing in it."""

    @staticmethod
    def listed(scene: Scene) -> dict[str, str | None]:
        return {change.key: change.version for change in scene.source.changes(None) if isinstance(change, Changed)}

    def test_is_a_data_source(self, scene: Scene) -> None:
        assert isinstance(scene.source, DataSource)

    def test_empty_source_lists_nothing_and_completes(self, scene: Scene) -> None:
        changes = list(scene.source.changes(None))
        assert [change for change in changes if isinstance(change, Changed)] == []
        assert isinstance(changes[-1], Checkpoint)
        assert changes[-1].complete

    def test_lists_every_key_once(self, scene: Scene) -> None:
        for key in ("a.txt", "deep/er/b.txt", "ü/naïve ☃.txt"):
            scene.put(key, b"text")
        keys = [change.key for change in scene.source.changes(None) if isinstance(change, Changed)]
        assert sorted(keys) == ["a.txt", "deep/er/b.txt", "ü/naïve ☃.txt"]

    def test_fetch_gives_the_bytes_as_they_are_now(self, scene: Scene) -> None:
        scene.put("a.bin", bytes(range(256)))
        raw = scene.source.fetch("a.bin")
        assert isinstance(raw, RawDocument)
        assert (raw.key, raw.data) == ("a.bin", bytes(range(256)))
        assert raw.title
        assert raw.uri
        scene.put("a.bin", b"new")
        assert scene.source.fetch("a.bin").data == b"new"

    def test_version_changes_with_the_content_and_only_then(self, scene: Scene) -> None:
        scene.put("a.txt", b"one")
        first = self.listed(scene)
        assert self.listed(scene) == first
        scene.put("a.txt", b"two")
        assert self.listed(scene)["a.txt"] != first["a.txt"]

    def test_removed_key_is_not_listed_and_not_found(self, scene: Scene) -> None:
        scene.put("a.txt", b"one")
        scene.put("b.txt", b"two")
        scene.remove("a.txt")
        assert list(self.listed(scene)) == ["b.txt"]
        with pytest.raises(NotFoundError):
            scene.source.fetch("a.txt")

    def test_empty_document_is_handed_out(self, scene: Scene) -> None:
        scene.put("empty.txt", b"")
        assert scene.source.fetch("empty.txt").data == b""

    @pytest.mark.parametrize("key", ["../outside.txt", "a/../../outside.txt", "/etc/hostname", "a//b", ""])
    def test_keys_do_not_lead_out(self, scene: Scene, key: str) -> None:
        with pytest.raises(NotFoundError):
            scene.source.fetch(key)
