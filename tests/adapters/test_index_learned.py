"""The third search of each index, by a learned sparse model: the same contract, and whose weights an index holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from assistant.adapters.index_edge import EdgeIndex, open_edge_index
from assistant.adapters.index_owner_client import OwnerIndex
from assistant.adapters.index_owner_server import serve_owner
from assistant.adapters.index_qdrant import QdrantIndex
from assistant.errors import EmbedderMismatchError
from assistant.interfaces import Index
from assistant.types import LOCAL_OPERATOR
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import DIMENSION, PICTURES
from tests.contracts.index_learned_contract import IndexLearnedContract, best, fill, ref
from tests.contracts.index_pictures_contract import LIKE, put_picture
from tests.fakes.sparse_embedder import FakeSparseEmbedder

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]


def edge(folder, model=None, pictures=None) -> EdgeIndex:
    return open_edge_index(folder, "test", DIMENSION, pictures, model)


@contextmanager
def temporary_edge(model=None) -> Iterator[Index]:
    with fast_folder() as home:
        index = edge(home / "index", model)
        yield index
        index.close()


@contextmanager
def temporary_qdrant(model=None) -> Iterator[Index]:
    from qdrant_client import QdrantClient

    index = QdrantIndex(QdrantClient(":memory:"), "test", "test", DIMENSION, None, model)
    yield index
    index.close()


@contextmanager
def temporary_owner(model=None) -> Iterator[Index]:
    """An index in another process's hands: that one has the model."""
    with fast_folder() as home:
        owned = edge(home / "index", model)
        server = serve_owner(owned, home)
        client = OwnerIndex(home)
        yield client
        client.close()
        server.stop()
        owned.close()


class _Indexes(IndexLearnedContract):
    opened = staticmethod(temporary_edge)

    @pytest.fixture
    def weighed(self, model):
        with self.opened(model) as index:
            yield index

    @pytest.fixture
    def other(self, model):
        with self.opened(model) as index:
            yield index

    @pytest.fixture
    def plain(self):
        with self.opened() as index:
            yield index


class TestEdge(_Indexes):
    pass


class TestQdrantLocalMode(_Indexes):
    opened = staticmethod(temporary_qdrant)


class TestOwner(_Indexes):
    opened = staticmethod(temporary_owner)


@pytest.fixture
def folder():
    with fast_folder() as home:
        yield home / "index"


@pytest.mark.parametrize(("built", "asked"), [("one", None), (None, "one"), ("one", "two")])
def test_an_index_of_another_model_is_refused(folder, built, asked):
    models = {name: FakeSparseEmbedder(name) if name else None for name in (built, asked)}
    edge(folder, models[built]).close()
    for _ in range(2):
        with pytest.raises(EmbedderMismatchError, match=r"learned sparse model|weighed by one") as caught:
            edge(folder, models[asked])
        assert "ASSISTANT_SPARSE_EMBEDDER" in caught.value.hint
        assert "reindex --sparse-embedder" in caught.value.hint
    edge(folder, models[built]).close()


@pytest.mark.parametrize(("built", "asked"), [("one", None), (None, "one"), ("one", "two")])
def test_a_collection_of_another_model_is_refused(tmp_path, built, asked):
    from qdrant_client import QdrantClient

    def opened(name):
        client = QdrantClient(path=str(tmp_path))
        return QdrantIndex(client, "test", "test", DIMENSION, None, FakeSparseEmbedder(name) if name else None)

    opened(built).close()
    with pytest.raises(EmbedderMismatchError, match="collection 'test'"):
        opened(asked)
    opened(built).close()


def test_weights_are_there_after_rewriting_and_reopening(folder):
    """With pictures beside them, and with documents that were written since."""
    index = edge(folder, FakeSparseEmbedder(), PICTURES)
    fill(index)
    put_picture(index, ref("free.txt", allow={"group:sales"}))
    assert index.compact() is True
    assert best(index) == ref("free.txt").id
    index.delete(ref("free.txt").id)
    fill(index)
    index.close()
    index = edge(folder, FakeSparseEmbedder(), PICTURES)
    assert best(index) == ref("free.txt").id
    put_picture(index, ref("free.txt", allow={"group:sales"}))
    assert [hit.document_id for hit in index.search_pictures(LIKE, LOCAL_OPERATOR, 3)] == [ref("free.txt").id]
    index.close()
