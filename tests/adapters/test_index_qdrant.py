"""The Qdrant adapter passes the contract in qdrant_client's local mode, and on the server that `QDRANT_URL` names."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager

import numpy as np
import pytest

from assistant.adapters.index_edge import open_edge_index
from assistant.adapters.index_qdrant import QdrantIndex, open_qdrant_index
from assistant.errors import EmbedderMismatchError, IndexUnavailableError
from assistant.types import LOCAL_OPERATOR, Metadata, Ranking
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import DIMENSION, PICTURES, QUERY, IndexContract, chunks, ref
from tests.contracts.index_pictures_contract import LIKE, put_picture

URL = os.environ.get("QDRANT_URL", "")
KEY = os.environ.get("QDRANT_API_KEY", "")

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
    pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection"),
]


def local_client(path=None):
    from qdrant_client import QdrantClient

    return QdrantClient(path=str(path)) if path else QdrantClient(":memory:")


class TestLocalMode(IndexContract):
    @pytest.fixture
    def index(self):
        index = QdrantIndex(local_client(), "test", "test", DIMENSION, PICTURES)
        yield index
        index.close()

    @pytest.fixture
    def without_pictures(self):
        index = QdrantIndex(local_client(), "test", "test", DIMENSION)
        yield index
        index.close()


@contextmanager
def server_index(pictures=None):
    from qdrant_client import QdrantClient

    collection = f"test-{uuid.uuid4()}"
    index = open_qdrant_index(URL, KEY, collection, "test", DIMENSION, pictures)
    yield index
    QdrantClient(url=URL, api_key=KEY or None).delete_collection(collection)
    index.close()


@pytest.mark.skipif(not URL, reason="QDRANT_URL names no server")
class TestServer(IndexContract):
    @pytest.fixture
    def index(self):
        with server_index(PICTURES) as index:
            yield index

    @pytest.fixture
    def without_pictures(self):
        with server_index() as index:
            yield index


def test_it_is_there_after_reopening(tmp_path):
    index = QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION)
    document = ref("a.txt")
    index.write(document, chunks(document, "text"), np.eye(1, DIMENSION, dtype=np.float32))
    index.close()
    index = QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION)
    assert index.counts().chunks == 1
    index.close()


@pytest.mark.parametrize(("name", "dimension"), [("other", DIMENSION), ("test", DIMENSION + 1)])
def test_another_embedder_is_refused(tmp_path, name, dimension):
    QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION).close()
    with pytest.raises(EmbedderMismatchError, match="embedded anew"):
        QdrantIndex(local_client(tmp_path), "test", name, dimension)


@pytest.mark.parametrize(("built", "asked"), [(PICTURES, None), (None, PICTURES), (PICTURES, ("looks", 7))])
def test_another_picture_embedder_is_refused(tmp_path, built, asked):
    QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION, built).close()
    with pytest.raises(EmbedderMismatchError, match="embedded anew"):
        QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION, asked)
    QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION, built).close()


def test_pictures_are_there_after_reopening(tmp_path):
    index = QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION, PICTURES)
    put_picture(index, ref("a.txt"), 0.5)
    index.close()
    index = QdrantIndex(local_client(tmp_path), "test", "test", DIMENSION, PICTURES)
    (hit,) = index.search_pictures(LIKE, LOCAL_OPERATOR, 5)
    assert (hit.chunk.pictures, hit.score) == ((1,), pytest.approx(0.5))
    index.close()


def test_only_chunks_are_quantized():
    client = local_client()
    asked = []
    create = client.create_collection
    client.create_collection = lambda *given, **named: (asked.append(named), create(*given, **named))
    index = QdrantIndex(client, "test", "test", DIMENSION, PICTURES)
    (named,) = asked
    assert named["vectors_config"]["dense"].quantization_config.scalar.type == "int8"
    assert named["vectors_config"]["image"].quantization_config is None
    assert named.get("quantization_config") is None
    index.close()


def test_a_server_that_does_not_answer():
    with pytest.raises(IndexUnavailableError, match="does not answer"):
        open_qdrant_index("http://127.0.0.1:9", "", "test", "test", DIMENSION)


def test_both_engines_rank_alike():
    """Same terms, same weights, same fusion: the server's model and the real engine return the same order."""
    random = np.random.default_rng(8)  # with this seed no two texts score alike: the engines break ties as they like
    vocabulary = [f"{stem}{ending}" for stem in ("train", "holiday", "invoice", "paint") for ending in ("", "s", "ed")]
    texts = [" ".join(random.choice(vocabulary, size=5 + n)) for n in range(60)]
    vectors = random.standard_normal((60, DIMENSION)).astype(np.float32)
    document = ref("a.txt", title="Trains and invoices")
    made = chunks(document, *texts)
    with fast_folder() as folder:
        edge = open_edge_index(folder / "index", "test", DIMENSION)
        server = QdrantIndex(local_client(), "test", "test", DIMENSION)
        for index in (edge, server):
            index.write(document, made, vectors)
        german = ref("b.txt", title="Urlaub")
        for index in (edge, server):
            made = chunks(german, "Die Häuser am See, Formular SF-182")
            index.write(german, made, np.eye(1, DIMENSION, dtype=np.float32), Metadata(language="de"))
            assert index.search(-QUERY, "ein Haus", LOCAL_OPERATOR, 1, how=Ranking("words"))[0].document_id == german.id
            assert index.search(-QUERY, "sf182", LOCAL_OPERATOR, 1, how=Ranking("words"))[0].document_id == german.id
        for text in ("training the painter", "holidays", "Haus", ""):
            one, two = (index.search(QUERY, text, LOCAL_OPERATOR, 20) for index in (edge, server))
            assert [(hit.document_id, hit.chunk.ordinal) for hit in one] == [
                (hit.document_id, hit.chunk.ordinal) for hit in two
            ]
            assert [hit.score for hit in one] == pytest.approx([hit.score for hit in two])
        edge.close()
        server.close()
