"""What a Qdrant server is asked as a collection grows: its configuration, and the parameters of searches."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from assistant.adapters import qdrant_queries as queries
from assistant.adapters import search_plan
from assistant.adapters.index_qdrant import QdrantIndex
from assistant.errors import VectorIndexError
from assistant.types import LOCAL_OPERATOR
from tests.adapters.test_index_qdrant import local_client
from tests.contracts.index_contract import DIMENSION, QUERY, put, ref

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]


class Recording:
    """Passes calls on to a client, and notes them with what they were given; by place as `given`."""

    def __init__(self, client, counted: int | None = None) -> None:
        self._client, self._counted = client, counted
        self.calls: list[tuple[str, dict]] = []

    def __getattr__(self, name):
        called = getattr(self._client, name)

        def call(*given, **named):
            self.calls.append((name, {"given": given, **named}))
            if name == "count" and self._counted is not None and named.get("exact") is False:
                return SimpleNamespace(count=self._counted)
            return called(*given, **named)

        return call if callable(called) else called

    def of(self, name: str) -> list[dict]:
        return [named for called, named in self.calls if called == name]


def test_a_new_collection_has_no_graph():
    client = Recording(local_client())
    QdrantIndex(client, "test", "test", DIMENSION).close()
    (made,) = client.of("create_collection")
    assert made["hnsw_config"].m == 0
    assert made["vectors_config"]["dense"].quantization_config.scalar.type == "int8"


def test_a_collection_that_has_grown_large_gets_one_once():
    client = Recording(local_client(), counted=search_plan.GRAPH_FROM - 1)
    index = QdrantIndex(client, "test", "test", DIMENSION)
    assert index.upkeep() is False
    client._counted = search_plan.GRAPH_FROM
    assert index.upkeep() is True
    (change,) = client.of("update_collection")
    assert list(change["vectors_config"]) == ["dense"], "pictures get no graph"
    graph = change["vectors_config"]["dense"].hnsw_config
    assert (graph.m, graph.ef_construct) == (search_plan.GRAPH_LINKS, search_plan.GRAPH_CANDIDATES)
    assert index.upkeep() is False
    index.close()


def test_a_collection_with_a_graph_is_known_by_its_configuration():
    client = local_client()
    QdrantIndex(Recording(client), "test", "test", DIMENSION)
    stored = client.get_collection("test")
    stored.config.params.vectors["dense"].hnsw_config = queries.graph(wanted=True)
    recording = Recording(client, counted=search_plan.GRAPH_FROM)
    recording.get_collection = lambda *_, **__: stored
    index = QdrantIndex(recording, "test", "test", DIMENSION)
    assert index.upkeep() is False
    index.close()


@pytest.mark.parametrize(
    ("has_graph", "matching", "exact", "breadth"),
    [
        (False, 10_000_000, False, None),
        (True, search_plan.EXACT_MOST, True, None),
        (True, search_plan.EXACT_MOST + 1, False, search_plan.LEAST_BREADTH),
    ],
)
def test_the_method_is_sent_with_the_search(has_graph, matching, exact, breadth):
    client = Recording(local_client())
    index = QdrantIndex(client, "test", "test", DIMENSION)
    put(index, ref("a.txt"), "text")
    index._has_graph, client._counted = has_graph, matching
    client.calls.clear()
    assert len(index.search(QUERY, "text", LOCAL_OPERATOR, 3)) == 1
    near = client.of("query_batch_points")[0]["given"][1][0]
    assert near.using == "dense"
    params = near.params
    assert (bool(params.exact), params.hnsw_ef) == (exact, breadth)
    assert (params.quantization is None) == exact
    assert len(client.of("count")) == has_graph, "nothing is counted where nothing depends on it"
    index.close()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_server_is_asked_by_several_threads_at_once(at_once):
    """The client's local mode is asked by one at a time."""
    met = threading.Barrier(2)

    class Meeting(Recording):
        def query_batch_points(self, _, requests):
            met.wait(60 if at_once else 2)  # who asks alone meets nobody, however long it waits
            return [SimpleNamespace(points=[]) for _ in requests]

    index = QdrantIndex(Meeting(local_client()), "test", "test", DIMENSION, reads_at_once=at_once)
    failures: list[BaseException] = []

    def search():
        try:
            index.search(np.eye(1, DIMENSION, dtype=np.float32)[0], "text", LOCAL_OPERATOR, 3)
        except Exception as error:  # noqa: BLE001 (what the thread met)
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures == []) is at_once
    index.close()


@pytest.mark.parametrize("stands", [True, False], ids=["another process has made it", "it cannot be made"])
def test_processes_that_start_at_once_may_all_make_the_collection(stands: bool) -> None:
    """Each has asked whether it is there, and heard no; a server then refuses all but one with 409."""
    from httpx import Headers
    from qdrant_client.http.exceptions import UnexpectedResponse

    client = local_client()

    class Late:
        """A process that asked before the collection was made, and comes second with making it."""

        asked = 0

        def __getattr__(self, name):
            return getattr(client, name)

        def collection_exists(self, name):
            self.asked += 1
            return self.asked > 1 and client.collection_exists(name)

        def create_collection(self, name, **told):
            if stands:
                client.create_collection(name, **told)
            raise UnexpectedResponse(409, "Conflict", b"Collection `test` already exists!", Headers())

    late = Late()
    if stands:
        index = QdrantIndex(late, "test", "test", DIMENSION)
        assert index.counts().chunks == 0
        index.close()
        return
    with pytest.raises(VectorIndexError, match="409"):
        QdrantIndex(late, "test", "test", DIMENSION)
    client.close()
