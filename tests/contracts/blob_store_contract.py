"""What every blob store must do: subclass, give the fixture, and pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ConfigurationError, NotFoundError
from assistant.interfaces import BlobStore


class BlobStoreContract:
    """Give the fixture `blobs`: an empty store."""

    def test_is_a_blob_store(self, blobs: BlobStore) -> None:
        assert isinstance(blobs, BlobStore)

    def test_gives_back_what_was_put_last(self, blobs: BlobStore) -> None:
        blobs.put("a/b", b"one")
        blobs.put("a/b", b"\x00two")
        assert blobs.get("a/b") == b"\x00two"

    def test_missing_key_is_not_found(self, blobs: BlobStore) -> None:
        with pytest.raises(NotFoundError, match="a/b"):
            blobs.get("a/b")

    def test_keys_below_a_prefix(self, blobs: BlobStore) -> None:
        for key in ("a/1", "a/2/x", "b/1"):
            blobs.put(key, b"")
        assert sorted(blobs.keys("a")) == ["a/1", "a/2/x"]
        assert sorted(blobs.keys()) == ["a/1", "a/2/x", "b/1"]
        assert list(blobs.keys("c")) == []

    def test_delete_takes_a_key_or_all_below_it(self, blobs: BlobStore) -> None:
        for key in ("a/1", "a/2", "b/1", "b/2"):
            blobs.put(key, b"")
        blobs.delete("a")
        blobs.delete("b/1")
        blobs.delete("nowhere")
        assert sorted(blobs.keys()) == ["b/2"]

    def test_an_exported_file_is_what_was_stored_then(self, blobs: BlobStore, tmp_path: Path) -> None:
        blobs.put("a/b", b"one")
        blobs.put("a/c", b"three")
        path = tmp_path / "exported"
        path.write_bytes(b"before")
        for _ in range(2):
            blobs.export("a/b", path)
        blobs.put("a/b", b"two")
        assert path.read_bytes() == b"one"
        blobs.delete("a")
        assert path.read_bytes() == b"one"
        assert [found.name for found in tmp_path.iterdir() if found.is_file()] == ["exported"]

    def test_exporting_what_is_not_there_leaves_no_file(self, blobs: BlobStore, tmp_path: Path) -> None:
        blobs.put("a/b", b"one")
        for key in ("a", "a/c"):
            with pytest.raises(NotFoundError, match=key):
                blobs.export(key, tmp_path / "exported")
        assert not (tmp_path / "exported").exists()
        with pytest.raises(OSError, match="nowhere"):
            blobs.export("a/b", tmp_path / "nowhere" / "exported")

    @pytest.mark.parametrize("key", ["", "../x", "a/../x", "/x", "a//b", "a/\x00"])
    def test_keys_do_not_lead_out(self, blobs: BlobStore, key: str) -> None:
        with pytest.raises(ConfigurationError):
            blobs.put(key, b"")
