"""Parts a test set in two by its questions' ids, so that what is tuned on one half can be measured on the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

Split = Literal["dev", "heldout", "all"]


def split_of(query_id: str) -> Literal["dev", "heldout"]:
    """Return the half of a question: `dev` where the first byte of its id's SHA-256 is even, else `heldout`.

    The half depends on nothing but the id: it stays the same when questions are added, in any order, on any machine.
    """
    return "dev" if hashlib.sha256(query_id.encode("utf-8", "surrogatepass")).digest()[0] % 2 == 0 else "heldout"


def chosen(query_ids: Iterable[str], split: Split = "all", limit: int | None = None) -> list[str]:
    """Return the ids of a half, in their order, at most `limit` of them."""
    return [query for query in query_ids if split in {"all", split_of(query)}][:limit]
