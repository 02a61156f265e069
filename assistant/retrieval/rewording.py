"""Searches a question in other words as well, and joins what was found."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from assistant.errors import AssistantError
from assistant.interfaces import QueryExpander
from assistant.types import Hit

log = logging.getLogger(__name__)

WORDINGS = 3  # at most, beside the question's own: each is a search more
_REST_SECONDS = 60.0  # that a model is not asked after it failed: a search must not wait for it again and again
_K = 10  # of reciprocal rank fusion (Cormack et al., 2009)
_WEIGHT = 0.5  # of a wording beside the question's own, which nobody had to guess


class Rewordings:
    """Asks the expander, and does without where it fails. Safe to use from several threads.

    Args:
        expander: the model.
    """

    def __init__(self, expander: QueryExpander) -> None:
        self._expander = expander
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def of(self, query: str) -> tuple[list[str], str]:
        """Return other wordings of the question, and why there are none, empty where all went well."""
        with self._lock:
            rest = self._rests_until - time.monotonic()
        if rest > 0:
            return (
                [],
                f"the question was not reworded: {self._expander.name} failed, and is asked again in {rest:.0f} s",
            )
        try:
            wordings = self._expander.expand(query)
        except AssistantError as error:
            with self._lock:
                self._rests_until = time.monotonic() + _REST_SECONDS
            log.warning("questions are not reworded: %s", error)
            return [], f"the question was not reworded: {error.message}"
        return [wording for wording in wordings if wording.strip()][:WORDINGS], ""


def joined(found: Sequence[Sequence[Hit]], limit: int) -> list[Hit]:
    """Return the hits of all wordings as one list, best first, at most `limit`.

    Args:
        found: for each wording its hits, best first; the first wording is the question's own and counts most. Alone it
            stays as it is, scores included.
        limit: as above.
    """
    if len(found) == 1:
        return list(found[0])
    hits: dict[tuple[str, str, int], Hit] = {}
    scores: dict[tuple[str, str, int], float] = {}
    for number, ranking in enumerate(found):
        for rank, hit in enumerate(ranking):
            key = (hit.document_id, hit.version, hit.chunk.ordinal)
            hits.setdefault(key, hit)
            scores[key] = scores.get(key, 0.0) + (_WEIGHT if number else 1.0) / (_K + rank)
    best = sorted(hits, key=lambda key: -scores[key])[:limit]
    return [replace(hits[key], score=scores[key]) for key in best]
