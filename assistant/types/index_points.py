"""A point of the vector index as it is stored, free of any engine: what a backup of the index is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Terms = tuple[tuple[int, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """One chunk or picture with its vectors.

    Args:
        id: the point's UUID, in lower case with hyphens.
        payload: its fields, all of them JSON.
        vectors: by name, each as little-endian float32.
        terms: ids and weights of the words that it is found by; both empty for a picture.
        learned: those of a learned sparse model; None in an index without one, and for a picture.
    """

    id: str
    payload: Mapping[str, Any]
    vectors: Mapping[str, bytes]
    terms: Terms = field(default=((), ()))
    learned: Terms | None = None
