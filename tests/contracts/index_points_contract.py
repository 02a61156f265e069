"""What every `Index` must do with points as a backup reads and writes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from assistant.errors import IndexUnavailableError, VectorIndexError
from assistant.interfaces import Index
from assistant.types import LOCAL_OPERATOR, Access, Chunk, DocumentRef, User
from assistant.types.index_points import IndexPoint

_QUERY = np.eye(1, 8, 0, dtype=np.float32)[0]
_LIKE = np.eye(1, 6, 0, dtype=np.float32)[0]


def _ref(key: str, version: str = "1", access: Access | None = None) -> DocumentRef:
    return DocumentRef("folder", key, version, "Zymurgy", f"file:///{key}", "text/plain", access or Access())


def _chunk(of: DocumentRef, ordinal: int, text: str = "text") -> Chunk:
    return Chunk(of.id, ordinal, 0, len(text), text, 3, ("Part",), "a | b", (1,), "A chart.")


def _vectors(count: int, length: int = 8, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).uniform(0.1, 1, (count, length)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _filled(index: Index) -> None:
    """Three chunks and a picture of `a` in two versions, one chunk of `b`."""
    for version in ("1", "2"):
        of = _ref("a", version, Access(frozenset({"group:hr"}), frozenset({"user:bob"})))
        texts = [f"words {version} number {n} {'quokka ' * (n + 3 * int(version))}" for n in range(3)]  # no two alike
        index.write(of, [_chunk(of, n, text) for n, text in enumerate(texts)], _vectors(3, seed=int(version)))
        index.write_pictures(of, [_chunk(of, 3)], _vectors(1, 6, seed=int(version)))
    index.write(_ref("b"), [_chunk(_ref("b"), 0, "the of and")], _vectors(1, seed=3))


def _pages(index: Index, ids: list[str], limit: int) -> Iterator[list[IndexPoint]]:
    after = None
    while page := index.read_points(ids, after, limit):
        yield page
        after = page[-1].id


class IndexPointsContract:
    """The suite; its fixtures are those of `IndexContract`."""

    def test_points_are_read_in_pages_by_id(self, index):
        _filled(index)
        whole = index.read_points([_ref("a").id])
        assert [point.id for point in whole] == sorted({point.id for point in whole})
        assert all(str(uuid.UUID(point.id)) == point.id for point in whole)
        assert len(whole) == 8
        for limit in (1, 3, 8):
            pages = list(_pages(index, [_ref("a").id], limit))
            assert [point for page in pages for point in page] == whole
            assert all(len(page) == limit for page in pages[:-1])
        assert len(index.read_points([_ref("a").id, _ref("b").id])) == 9
        assert index.read_points([_ref("none").id]) == index.read_points([]) == []
        assert index.read_points([_ref("a").id], limit=0) == []

    def test_a_page_goes_on_where_its_last_point_was_deleted(self, index):
        _filled(index)
        ids = [_ref("a").id, _ref("b").id]
        whole = index.read_points(ids)
        index.delete(_ref("a").id, keep_version="2")
        left = [point for point in whole if point.payload["version"] == "2" or point.payload["document_id"] == ids[1]]
        for point in whole:
            assert index.read_points(ids, point.id) == [other for other in left if other.id > point.id]

    def test_a_point_holds_its_vectors_terms_and_payload(self, index):
        _filled(index)
        points = {point.payload["ordinal"]: point for point in index.read_points([_ref("a").id]) if _is(point, "2")}
        first = points[0]
        assert np.frombuffer(first.vectors["dense"], "<f4") == pytest.approx(_vectors(3, seed=2)[0], abs=1e-6)
        assert len(first.terms[0]) == len(first.terms[1]) > 3
        assert (first.payload["allow"], first.payload["deny"]) == (["group:hr"], ["user:bob"])
        assert first.payload["text"] == "words 2 number 0 " + 6 * "quokka "
        assert set(points[3].vectors) == {"image"}
        assert points[3].terms == ((), ())

    def test_written_back_they_are_what_they_were(self, index):
        _filled(index)
        ids = [_ref("a").id, _ref("b").id]
        stored = index.read_points(ids)
        user = User("alice", frozenset({"hr", "everyone"}))

        def looks() -> list[object]:
            searches = [index.search(_QUERY, text, user, 9) for text in ("quokka", "number", "zymurgy chart")]
            scores = [[(hit.document_id, hit.version, hit.chunk) for hit in hits] for hits in searches]
            pictures = index.search_pictures(_LIKE, LOCAL_OPERATOR, 9)
            return [scores, [hit.chunk for hit in pictures], index.counts(), index.versions()]

        before = looks()
        for document in ids:
            index.delete(document)
        assert index.counts().chunks == 0
        for _ in range(2):
            index.write_points(stored)
            assert looks() == before
        assert [(p.id, p.payload, p.terms) for p in index.read_points(ids)] == [
            (p.id, p.payload, p.terms) for p in stored
        ]
        index.write_points([])

    def test_readers_that_a_written_point_carries_are_in_force(self, index):
        _filled(index)
        stored = index.read_points([_ref("a").id])
        index.write_points([replace(p, payload={**p.payload, "allow": ["group:sales"], "deny": []}) for p in stored])
        assert index.search(_QUERY, "quokka", User("alice", frozenset({"hr"})), 9) == []
        assert len(index.search(_QUERY, "quokka", User("bob", frozenset({"sales"})), 9)) == 6

    def test_many_points_in_one_write(self, index):
        of = _ref("many")
        index.write(of, [_chunk(of, n, f"w{n}") for n in range(600)], _vectors(600))
        stored = [point for page in _pages(index, [of.id], 250) for point in page]
        index.delete(of.id)
        index.write_points(stored)
        assert index.counts().chunks == 600

    def test_points_that_do_not_fit_are_refused(self, index):
        _filled(index)
        chunk = next(point for point in index.read_points([_ref("a").id]) if "dense" in point.vectors)
        other = np.ones(9, dtype="<f4").tobytes()
        for wrong in (
            replace(chunk, vectors={"dense": other}),
            replace(chunk, vectors={"other": chunk.vectors["dense"]}),
            replace(chunk, vectors={}),
            replace(chunk, vectors={"dense": np.full(8, np.nan, dtype="<f4").tobytes()}),
        ):
            with pytest.raises(VectorIndexError, match=wrong.id):
                index.write_points([chunk, wrong])

    def test_pictures_do_not_fit_an_index_without_them(self, without_pictures):
        of = _ref("a")
        without_pictures.write(of, [_chunk(of, 0)], _vectors(1))
        (chunk,) = without_pictures.read_points([of.id])
        picture = replace(chunk, vectors={"image": np.ones(6, dtype="<f4").tobytes()}, terms=((), ()))
        with pytest.raises(VectorIndexError, match=picture.id):
            without_pictures.write_points([picture])
        without_pictures.write_points([chunk])
        assert without_pictures.counts().chunks == 1

    def test_points_of_a_closed_index(self, index):
        _filled(index)
        stored = index.read_points([_ref("b").id])
        index.close()
        for call in (lambda: index.read_points([_ref("b").id]), lambda: index.write_points(stored)):
            with pytest.raises(IndexUnavailableError):
                call()


def _is(point: IndexPoint, version: str) -> bool:
    return point.payload["version"] == version
