"""Embeds a long list of texts a batch at a time, and notes after each that the work gets on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from assistant.interfaces import Vectors

_FIRST = 16  # texts, which show how quick the embedder is
_SECONDS = 10.0  # that a batch takes, about


def embed_in_batches(
    embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str], most: int, advanced: Callable[[], None]
) -> Vectors:
    """Return what `embed` returns for all the texts together, one row a text in order.

    Batches are small where the embedder is slow: nobody is then to take its worker for one that hangs.

    Args:
        embed: an embedder's `embed_passages`.
        texts: any number.
        most: texts of a batch.
        advanced: called after every batch.
    """
    rows: list[Vectors] = []
    done, size = 0, min(most, _FIRST)
    while done < len(texts) or not rows:
        batch = texts[done : done + size]
        began = time.monotonic()
        rows.append(embed(batch))
        advanced()
        done += len(batch)
        per_second = len(batch) / max(time.monotonic() - began, 1e-9)
        size = max(1, min(most, int(_SECONDS * per_second)))
    return np.concatenate(rows)
