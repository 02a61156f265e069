"""What crosses to the owner of the index comes out as it went in, and nonsense comes out as an error."""

from __future__ import annotations

import json
import stat

import numpy as np
import pytest

from assistant import errors
from assistant.adapters import owner_wire as wire
from assistant.adapters.disk import Disk, write_durably
from assistant.errors import AssistantError, HomeInUseError, StorageFullError, VectorIndexError
from assistant.types import Access, Chunk, DocumentRef, Hit, User


def through_json(value):
    return json.loads(json.dumps(value))


def test_values():
    access = Access(frozenset({"group:a", "user:ü"}), frozenset({"user:x"}))
    ref = DocumentRef("s", "k/ä.txt", "1", "Title", "file:///k", "text/plain", access)
    chunk = Chunk(ref.id, 3, 10, 14, "日本 \x00", 2, ("A", "B"), "Name | Age", (2, 7), "A chart.\nA map.", ((11, 13),))
    hit = Hit(ref.id, "1", chunk, 0.1)
    user = User("alice", frozenset({"a", "b"}), "operator")
    assert wire.ref_in(through_json(wire.ref_out(ref))) == ref
    assert wire.chunk_in(through_json(wire.chunk_out(chunk))) == chunk
    assert wire.hit_in(through_json(wire.hit_out(hit))) == hit
    assert wire.user_in(through_json(wire.user_out(user))) == user


@pytest.mark.parametrize("shape", [(0,), (4,), (0, 4), (3, 4)])
def test_vectors(shape):
    vectors = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    arrived = wire.vectors_in(through_json(wire.vectors_out(vectors)))
    assert arrived.shape == shape
    assert arrived.dtype == np.float32
    assert arrived.tobytes() == vectors.tobytes()


@pytest.mark.parametrize("damaged", [None, {}, {"shape": [2], "data": "AAAA"}, {"shape": [1], "data": "AAAAAA=!"}])
def test_damaged_vectors(damaged):
    with pytest.raises(VectorIndexError, match="damaged"):
        wire.vectors_in(damaged)


def test_every_error_comes_back_as_itself():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AssistantError)]
    assert HomeInUseError in kinds
    for kind in kinds:
        arrived = wire.error_in(through_json(wire.error_out(kind("what", "next"))))
        assert (type(arrived), arrived.message, arrived.hint) == (kind, "what", "next")


@pytest.mark.parametrize("stored", [None, [], "x", {}, {"error": "SystemExit"}, {"error": "annotations"}, {"error": 3}])
def test_an_unknown_error_is_an_index_error(stored):
    assert type(wire.error_in(stored)) is VectorIndexError


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "owner.json"
    write_durably(path, b"old")

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["owner.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_holes_count_as_needed_room(tmp_path, monkeypatch):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(64 << 20)
    disk = Disk(tmp_path)
    assert disk.used() < 1 << 20
    monkeypatch.setattr(disk, "_free", lambda: 32 << 20)
    disk.require(16 << 20)
    with pytest.raises(StorageFullError, match="32 MB free, 80 MB needed"):
        disk.require(16 << 20, holes=True)
