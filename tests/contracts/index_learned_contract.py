"""What an `Index` with a learned sparse model must do; subclass `IndexLearnedContract` and give its fixtures.

`weighed` and `other` are empty, of dimension 8 and with `model`, a `FakeSparseEmbedder`, `plain` is one without.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import VectorIndexError
from assistant.interfaces import Index
from assistant.types import LOCAL_OPERATOR, Metadata, Ranking, User
from tests.contracts.index_contract import ALICE, QUERY, chunks, found, put, ref, vectors
from tests.fakes.sparse_embedder import FakeSparseEmbedder

_ASKED = "vacation"  # stands in no text, but passages about a holiday are about it; see `FakeSparseEmbedder`


def fill(index: Index) -> None:
    """Eight documents of equally distant vectors, one of which is about what is asked for."""
    for number in range(7):
        put(index, ref(f"{number}.txt", allow={"group:hr"}), f"text number {number}", axis=1)
    put(index, ref("free.txt", allow={"group:sales"}), "every holiday counts", axis=1)


def best(index: Index, user: User = LOCAL_OPERATOR, text: str = _ASKED, **how: object) -> str:
    return index.search(QUERY, text, user, 1, how=Ranking(**how))[0].document_id  # type: ignore[arg-type]


class IndexLearnedContract:
    """The suite."""

    @pytest.fixture
    def model(self) -> FakeSparseEmbedder:
        return FakeSparseEmbedder()

    @pytest.fixture
    def weighed(self, model: FakeSparseEmbedder) -> Index:
        raise NotImplementedError

    @pytest.mark.parametrize("method", ["scores", "ranks"])
    def test_what_only_the_model_knows_is_found(self, weighed: Index, plain: Index, method: str) -> None:
        fill(weighed)
        fill(plain)
        assert best(weighed, method=method) == ref("free.txt").id
        scores = [hit.score for hit in plain.search(QUERY, _ASKED, LOCAL_OPERATOR, 8, how=Ranking("scores"))]
        assert len(set(scores)) == 1, "without it nothing tells them apart"

    def test_all_three_searches_count(self, weighed: Index) -> None:
        fill(weighed)
        put(weighed, ref("near.txt"), "far from any word", axis=0)
        put(weighed, ref("said.txt"), "zymurgy", axis=1)
        expected = {ref(key).id for key in ("free.txt", "near.txt", "said.txt")}
        assert {hit.document_id for hit in weighed.search(QUERY, f"{_ASKED} zymurgy", LOCAL_OPERATOR, 3)} == expected

    def test_rights_hold_for_the_third_search(self, weighed: Index) -> None:
        fill(weighed)
        assert ref("free.txt").id not in found(weighed, ALICE, _ASKED)
        assert ref("free.txt").id in found(weighed, User("carl", frozenset({"sales"})), _ASKED)
        assert found(weighed, User("nobody"), _ASKED) == set()

    def test_single_searches_and_empty_questions_do_not_ask_the_model(
        self, weighed: Index, model: FakeSparseEmbedder
    ) -> None:
        fill(weighed)
        for how in (Ranking("meaning"), Ranking("words")):
            weighed.search(QUERY, _ASKED, LOCAL_OPERATOR, 3, how=how)
        assert len(weighed.search(QUERY, " ", LOCAL_OPERATOR, 3)) == 3
        assert model.asked == []

    def test_titles_and_headings_are_weighed_too(self, weighed: Index) -> None:
        fill(weighed)
        titled = ref("titled.txt", title="Car policy")
        weighed.write(titled, chunks(titled, "text"), vectors(1))
        assert best(weighed, text="automobile") == titled.id

    def test_points_keep_their_weights(self, weighed: Index, other: Index) -> None:
        fill(weighed)
        stored = weighed.read_points([ref("free.txt").id, ref("1.txt").id])
        assert all(point.learned is not None and point.learned[0] for point in stored)
        other.write_points(stored)
        again = other.read_points([ref("free.txt").id, ref("1.txt").id])
        assert [_weights(point.learned) for point in again] == [_weights(point.learned) for point in stored]
        assert best(other) == ref("free.txt").id

    def test_points_that_do_not_fit_are_refused(self, weighed: Index, plain: Index) -> None:
        fill(weighed)
        (point,) = weighed.read_points([ref("free.txt").id])
        with pytest.raises(VectorIndexError, match="has the weights"):
            plain.write_points([point])
        with pytest.raises(VectorIndexError, match="lacks the weights"):
            weighed.write_points([replace(point, learned=None)])
        with pytest.raises(VectorIndexError, match="not finite"):
            weighed.write_points([replace(point, learned=((1,), (float("nan"),)))])

    def test_new_words_leave_the_weights(self, weighed: Index) -> None:
        fill(weighed)
        (before,) = weighed.read_points([ref("free.txt").id])
        weighed.renew(ref("free.txt", allow={"group:sales"}), Metadata(language="de"))
        (after,) = weighed.read_points([ref("free.txt").id])
        assert _weights(after.learned) == _weights(before.learned)
        assert best(weighed) == ref("free.txt").id


def _weights(learned: object) -> dict[int, float]:
    indices, values = learned  # type: ignore[misc]
    return dict(zip(indices, values, strict=True))
