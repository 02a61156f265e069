"""Points as an index hands them out and takes them back for a backup: between engines, JSON and `IndexPoint`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.adapters import points
from assistant.adapters.learned import LEARNED
from assistant.errors import VectorIndexError
from assistant.types.index_points import IndexPoint, Terms

MakeSparse = Callable[[list[int], list[float]], Any]


def from_engine(identity: object, payload: Mapping[str, Any] | None, vectors: Mapping[str, Any] | None) -> IndexPoint:
    """Return the point that an engine's record stands for."""
    dense: dict[str, bytes] = {}
    sparse: dict[str, Terms] = {}
    for name, value in (vectors or {}).items():
        if name in {points.SPARSE, LEARNED}:
            sparse[name] = tuple(value.indices), tuple(value.values)
        else:
            dense[name] = np.asarray(value, dtype="<f4").tobytes()
    terms, learned = sparse.get(points.SPARSE, ((), ())), sparse.get(LEARNED)
    return IndexPoint(str(identity), dict(payload or {}), dense, terms, learned)


def to_engine(point: IndexPoint, make_sparse: MakeSparse) -> dict[str, Any]:
    """Return the vectors of a point by name as engines take them."""
    vectors: dict[str, Any] = {name: np.frombuffer(data, "<f4").tolist() for name, data in point.vectors.items()}
    if points.DENSE in vectors:  # a chunk has words, be it none; a picture has no such vector
        vectors[points.SPARSE] = make_sparse(list(point.terms[0]), list(point.terms[1]))
    if point.learned is not None:
        vectors[LEARNED] = make_sparse(list(point.learned[0]), list(point.learned[1]))
    return vectors


def page_of(found: Sequence[IndexPoint], after: str | None, limit: int) -> list[IndexPoint]:
    """Return the page of at most `limit` points behind `after`; engines begin their pages with the offset itself."""
    return [point for point in found if point.id != after][:limit]


def check_points(
    given: Sequence[IndexPoint], dimension: int, pictures: points.Model | None, *, learned: bool = False
) -> None:
    """Refuse points that do not fit the index.

    Args:
        given: the points.
        dimension, pictures: the index's.
        learned: whether a learned sparse model weighs its chunks' words.

    Raises:
        VectorIndexError: a vector of another name or length, one too few, or a number that is not finite.
    """
    lengths = {points.DENSE: dimension}
    if pictures is not None:
        lengths[points.IMAGE] = pictures[1]
    for point in given:
        sizes = {name: len(data) for name, data in point.vectors.items()}
        if len(sizes) != 1 or any(size != 4 * lengths.get(name, -1) for name, size in sizes.items()):
            raise VectorIndexError(f"the point {point.id} has vectors that the index does not take: {sorted(sizes)}")
        if (point.learned is not None) != (learned and points.DENSE in sizes):
            verb = "has" if point.learned is not None else "lacks"
            raise VectorIndexError(f"the point {point.id} {verb} the weights of a learned sparse model")
    check_numbers(given)


def check_numbers(given: Sequence[IndexPoint]) -> None:
    """Refuse points with a number that is not finite.

    Raises:
        VectorIndexError: a vector has one.
    """
    for point in given:
        rows = [np.frombuffer(data, "<f4") for data in point.vectors.values()]
        rows += [np.asarray(point.learned[1], "<f4")] if point.learned is not None else []
        if not all(np.isfinite(row).all() for row in rows):
            raise VectorIndexError(f"a vector of the point {point.id} holds a number that is not finite")


def point_out(point: IndexPoint) -> dict[str, Any]:
    """Return the JSON form."""
    stored = {
        "id": point.id,
        "payload": point.payload,
        "vectors": {name: base64.b64encode(data).decode("ascii") for name, data in point.vectors.items()},
        "terms": [list(point.terms[0]), list(point.terms[1])],
    }
    more = {} if point.learned is None else {"learned": [list(point.learned[0]), list(point.learned[1])]}
    return stored | more


def point_in(stored: Any) -> IndexPoint:
    """Return the point that `point_out` made JSON of.

    Raises:
        VectorIndexError: it is not one.
    """
    try:
        vectors = {str(name): base64.b64decode(data, validate=True) for name, data in stored["vectors"].items()}
        terms = _terms_in(stored["terms"])
        learned = _terms_in(stored["learned"]) if "learned" in stored else None
        return IndexPoint(str(stored["id"]), dict(stored["payload"]), vectors, terms, learned)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise VectorIndexError(f"a point arrived damaged: {error!r}") from error


def _terms_in(stored: Any) -> Terms:
    indices, values = stored
    return tuple(indices), tuple(values)
