"""An index is removed whatever is in it, but never from under its owner."""

from __future__ import annotations

import pytest

from assistant.adapters.index_edge import open_edge_index
from assistant.adapters.index_removal import remove_edge_index
from assistant.errors import HomeInUseError
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import DIMENSION, put, ref


def test_it_is_gone_with_what_was_in_it():
    with fast_folder() as home:
        folder = home / "index"
        remove_edge_index(folder)
        index = open_edge_index(folder, "test", DIMENSION)
        put(index, ref("a.txt"), "text")
        with pytest.raises(HomeInUseError):
            remove_edge_index(folder)
        assert index.counts().chunks == 1
        index.close()
        (folder / "embedder.json").write_text("{")  # an index that could not be opened
        remove_edge_index(folder)
        assert not folder.exists()
        index = open_edge_index(folder, "another", DIMENSION + 1)
        assert index.counts().chunks == 0
        index.close()
