"""A sparse vector: which terms a text has, and how much each of them counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (from 0, below 2**32, each once) and their weights, in the same order; empty where a text has none."""

    indices: tuple[int, ...]
    values: tuple[float, ...]
