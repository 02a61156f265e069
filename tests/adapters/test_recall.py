"""Recall of a search that may lose results, by what the reader may read."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.adapters import recall
from assistant.types import LOCAL_OPERATOR, User
from assistant.types.recall import Recall, Share

VECTORS = np.eye(4, dtype=np.float32)
EVERYBODY = [(1.0, LOCAL_OPERATOR)]


def test_what_a_search_loses_is_counted():
    def scores(_, user, exact):
        return [0.9, 0.8, 0.7, 0.6] if exact or user.reads_everything else [0.9, 0.8, 0.5]

    found = recall.measure(VECTORS, [*EVERYBODY, (0.1, User("a"))], scores)
    assert found == Recall(recall.BEST, 4, (Share(1.0, 1.0), Share(0.1, 0.5)))
    assert found.worst == 0.5


def test_other_vectors_that_are_as_near_are_no_loss():
    found = recall.measure(VECTORS, EVERYBODY, lambda *given: [0.9, 0.7] if given[2] else [0.9, 0.70001])
    assert found.worst == 1.0


def test_a_reader_who_finds_nothing_loses_nothing():
    assert recall.measure(VECTORS, EVERYBODY, lambda *_: []).worst == 1.0


def test_queries_are_near_the_stored_vectors_and_not_the_same():
    asked = []
    recall.measure(VECTORS, EVERYBODY, lambda query, *_: asked.append(query) or [])
    cosines = np.sum(np.array(asked) * VECTORS, axis=1)
    assert np.linalg.norm(asked, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert (cosines < 0.999).all()


def test_readers_are_those_whose_shares_are_near_the_wanted_ones():
    counts = {"group:all": 1000, "group:most": 600, "group:few": 90, "user:eve": 8, "group:none": 0}
    picked = recall.pick_readers(counts, 1000)
    assert [share for share, _ in picked] == [1.0, 0.6, 0.09, 0.008]
    assert [user.principals & set(counts) for _, user in picked[1:]] == [{"group:most"}, {"group:few"}, {"user:eve"}]
    assert recall.pick_readers({"group:all": 10}, 10) == [(1.0, LOCAL_OPERATOR)]
