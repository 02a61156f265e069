"""What crosses between the assistant's process and a plugin's."""

from __future__ import annotations

from assistant.plugin_host.messages import pack_manifest, unpack_manifest
from assistant.types import Manifest, Permissions


def test_a_manifest_crosses_whole() -> None:
    wanted = Permissions(("wiki.example",), ("/srv",), ("token",), writes=True)
    manifest = Manifest("wiki", "2", 1, "A wiki.", wanted, declared=False, experimental=True)
    assert unpack_manifest(pack_manifest(manifest)) == manifest


def test_one_that_was_stored_before_there_were_experimental_ones_is_none() -> None:
    packed = pack_manifest(Manifest("wiki", "2"))
    del packed["experimental"]
    assert unpack_manifest(packed) == Manifest("wiki", "2")
