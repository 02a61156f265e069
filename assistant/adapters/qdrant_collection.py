"""The collection of an index on a Qdrant server: makes it, and checks whose vectors it holds.

Its metadata names the embedder and, if there are any, those of pictures and of learned words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.adapters import learned, points
from assistant.adapters import qdrant_queries as queries
from assistant.interfaces import SparseEmbedder


def create(
    client: Any, name: str, embedder: points.Model, pictures: points.Model | None, sparse: SparseEmbedder | None
) -> None:
    """Make an empty collection; one that another process has just made is taken as it is, and `check` looks at it.

    Args:
        client: a `QdrantClient`.
        name: of the collection.
        embedder, pictures: whose vectors it is to hold, and how long they are; None for no pictures.
        sparse: the learned sparse model that weighs its chunks' words; None for none.
    """
    from qdrant_client import models
    from qdrant_client.http.exceptions import UnexpectedResponse

    int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    cosine = models.Distance.COSINE
    vectors = {
        points.DENSE: models.VectorParams(
            size=embedder[1], distance=cosine, quantization_config=models.ScalarQuantization(scalar=int8)
        )
    }
    of_words = {points.SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)}
    described: dict[str, Any] = {"embedder": embedder[0], "dimension": embedder[1]}
    if pictures:
        vectors[points.IMAGE] = models.VectorParams(size=pictures[1], distance=cosine)
        described.update(picture_embedder=pictures[0], picture_dimension=pictures[1])
    if sparse:
        of_words[learned.LEARNED] = models.SparseVectorParams()  # the model has weighed how rare a word is
        described.update(sparse_embedder=sparse.name)
    try:
        client.create_collection(
            name,
            vectors_config=vectors,
            sparse_vectors_config=of_words,
            hnsw_config=queries.graph(wanted=False),
            metadata=described,
        )
    except (UnexpectedResponse, ValueError):  # 409 of a server, or a 400 in older ones; ValueError of the local mode
        if not client.collection_exists(name):  # several pods start at once: each has seen that there was none
            raise
    index_fields(client, name)


def index_fields(client: Any, name: str) -> None:
    """Index the fields that are filtered by; one that is indexed already stays as it is."""
    from qdrant_client import models

    for field in points.KEYWORD_FIELDS:
        client.create_payload_index(name, field, models.PayloadSchemaType.KEYWORD, wait=True)
    for field in points.NUMBER_FIELDS:
        client.create_payload_index(name, field, models.PayloadSchemaType.FLOAT, wait=True)


def check(
    stored: Mapping[str, Any],
    name: str,
    embedder: points.Model,
    pictures: points.Model | None,
    sparse: SparseEmbedder | None,
) -> None:
    """Refuse a collection whose metadata names other models than the ones that ask.

    Raises:
        EmbedderMismatchError: they differ.
    """
    where = f"the collection {name!r}"
    points.check_embedder(where, (str(stored.get("embedder")), int(stored.get("dimension", 0))), embedder)
    looks = stored.get("picture_embedder")
    there = None if looks is None else (str(looks), int(stored.get("picture_dimension", 0)))
    points.check_picture_embedder(where, there, pictures)
    learned.check_model(where, stored.get("sparse_embedder"), sparse)
