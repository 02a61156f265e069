"""What every `Index` must do; subclass `IndexContract` and give its fixtures.

`index` is empty, of dimension 8 and with the picture embedder `PICTURES`; `without_pictures` the same without one.
"""

from __future__ import annotations

import threading

import numpy as np
import pytest

from assistant.errors import IndexUnavailableError, VectorIndexError
from assistant.interfaces import Index, Vectors
from assistant.types import EVERYTHING, LOCAL_OPERATOR, Access, Chunk, DocumentRef, User, in_sources
from tests.contracts.index_filters_contract import IndexFiltersContract
from tests.contracts.index_pictures_contract import ALICE, BOB, PICTURES, IndexPicturesContract
from tests.contracts.index_points_contract import IndexPointsContract

__all__ = ["ALICE", "BOB", "DIMENSION", "PICTURES", "QUERY", "IndexContract", "chunks", "found", "put", "ref"]

DIMENSION = 8
QUERY = np.eye(1, DIMENSION, 0, dtype=np.float32)[0]


def ref(key: str, version: str = "1", source: str = "folder", title: str = "", **access: set[str]) -> DocumentRef:
    rights = Access(**{name: frozenset(value) for name, value in access.items()}) if access else Access()
    return DocumentRef(source, key, version, title, f"file:///{key}", "text/plain", rights)


def chunks(document: DocumentRef, *texts: str) -> list[Chunk]:
    made, start = [], 0
    for ordinal, text in enumerate(texts):
        made.append(
            Chunk(document.id, ordinal, start, start + len(text), text, ordinal + 1, ("Part", f"No. {ordinal}"))
        )
        start += len(text) + 1
    return made


def vectors(*axes: int) -> Vectors:
    return np.eye(DIMENSION, dtype=np.float32)[list(axes)]


def put(index: Index, document: DocumentRef, *texts: str, axis: int = 0) -> None:
    index.write(document, chunks(document, *texts), vectors(*[(axis + n) % DIMENSION for n in range(len(texts))]))


def found(index: Index, user: User = LOCAL_OPERATOR, text: str = "", limit: int = 10, **more: object) -> set[str]:
    return {hit.document_id for hit in index.search(QUERY, text, user, limit, **more)}


class IndexContract(IndexFiltersContract, IndexPicturesContract, IndexPointsContract):
    @pytest.fixture
    def index(self) -> Index:
        raise NotImplementedError

    def test_it_is_an_index(self, index):
        assert isinstance(index, Index)

    def test_empty(self, index):
        assert index.search(QUERY, "word", LOCAL_OPERATOR, 5) == []
        assert (index.counts().documents, index.counts().chunks) == (0, 0)
        assert index.versions() == {}
        index.answers()
        index.delete("nothing")
        index.set_access("nothing", Access())
        index.flush()

    def test_a_hit_gives_back_the_whole_chunk(self, index):
        document = ref("a.txt", "v7")
        made = chunks(document, "Zebra crossing — naïve 日本", "Other")
        index.write(document, made, vectors(0, 1))
        hits = index.search(QUERY, "", LOCAL_OPERATOR, 2)
        assert [hit.chunk for hit in hits] == made
        assert {(hit.document_id, hit.version) for hit in hits} == {(document.id, "v7")}
        assert hits[0].score > hits[1].score >= 0

    def test_chunks_without_page_or_heading(self, index):
        document = ref("a.txt")
        made = [Chunk(document.id, 0, 0, 3, "abc")]
        index.write(document, made, vectors(0))
        assert [hit.chunk for hit in index.search(QUERY, "", LOCAL_OPERATOR, 2)] == made

    def test_dense_order(self, index):
        document = ref("a.txt")
        near = np.zeros((3, DIMENSION), dtype=np.float32)
        near[:, 0], near[:, 1] = (0.2, 1.0, 0.6), (0.9, 0.1, 0.6)
        index.write(document, chunks(document, "x", "y", "z"), near)
        assert [hit.chunk.ordinal for hit in index.search(QUERY, "", LOCAL_OPERATOR, 3)] == [1, 2, 0]

    def test_words_lift_a_chunk_that_vectors_rank_low(self, index):
        for number in range(6):
            put(index, ref(f"{number}.txt"), f"common words number {number}", axis=number)
        put(index, ref("rare.txt"), "common words and zymurgy", axis=7)
        hits = index.search(QUERY, "zymurgy", LOCAL_OPERATOR, 2)
        assert ref("rare.txt").id in {hit.document_id for hit in hits}

    def test_a_rare_word_outweighs_a_common_one(self, index):
        for number in range(8):
            put(index, ref(f"{number}.txt"), "holiday holiday", axis=1)
        put(index, ref("rare.txt"), "zymurgy", axis=0)
        by_vector = index.search(QUERY, "", LOCAL_OPERATOR, 1)[0]
        by_both = index.search(QUERY, "holiday zymurgy", LOCAL_OPERATOR, 1)[0]
        assert by_both.document_id == by_vector.document_id == ref("rare.txt").id
        assert by_both.score == pytest.approx(1.0)  # the best of both lists

    def test_title_and_headings_are_searched_by_word(self, index):
        for number in range(4):
            put(index, ref(f"{number}.txt"), "some text", axis=1)
        titled = ref("t.txt", title="Zymurgy handbook")
        put(index, titled, "some text", axis=1)
        headed = ref("h.txt")
        index.write(headed, [Chunk(headed.id, 0, 0, 4, "text", None, ("Quokka",))], vectors(1))
        assert index.search(QUERY, "zymurgy", LOCAL_OPERATOR, 1)[0].document_id == titled.id
        assert index.search(QUERY, "quokka", LOCAL_OPERATOR, 1)[0].document_id == headed.id
        assert index.search(QUERY, "quokka", LOCAL_OPERATOR, 1)[0].chunk.text == "text"

    def test_a_document_is_found_by_the_folders_that_it_lies_in(self, index):
        put(index, ref("plain.txt"), "some text")
        placed = ref("staff/zymurgy/plain.txt")
        put(index, placed, "some text")
        assert index.search(QUERY, "zymurgy", LOCAL_OPERATOR, 1)[0].document_id == placed.id

    def test_limit(self, index):
        put(index, ref("a.txt"), *"abcdef")
        assert len(index.search(QUERY, "a", LOCAL_OPERATOR, 4)) == 4
        assert index.search(QUERY, "a", LOCAL_OPERATOR, 0) == []

    @pytest.mark.parametrize("text", ["", "the of and", "\x00", "  ", "?!", "x" * 5000])
    def test_any_query_text_is_taken(self, index, text):
        put(index, ref("a.txt"), "text")
        assert found(index, text=text) == {ref("a.txt").id}

    def test_writing_twice_changes_nothing(self, index):
        for _ in range(2):
            put(index, ref("a.txt"), "one", "two")
        assert (index.counts().documents, index.counts().chunks) == (1, 2)
        assert len(index.search(QUERY, "one", LOCAL_OPERATOR, 10)) == 2

    def test_no_chunks(self, index):
        index.write(ref("a.txt"), [], vectors())
        assert index.counts().chunks == 0

    def test_many_chunks_in_one_write(self, index):
        put(index, ref("a.txt"), *[f"w{n}" for n in range(600)])
        assert index.counts().chunks == 600

    def test_versions_stand_side_by_side_until_the_old_one_is_deleted(self, index):
        put(index, ref("a.txt", "1"), "old", "older")
        put(index, ref("a.txt", "2"), "new")
        put(index, ref("b.txt", "1"), "other")
        assert index.versions() == {ref("a.txt").id: {"1", "2"}, ref("b.txt").id: {"1"}}
        assert (index.counts().documents, index.counts().chunks) == (2, 4)
        index.delete(ref("a.txt").id, keep_version="2")
        assert index.versions() == {ref("a.txt").id: {"2"}, ref("b.txt").id: {"1"}}
        assert {hit.chunk.text for hit in index.search(QUERY, "old", LOCAL_OPERATOR, 9)} == {"new", "other"}
        index.delete(ref("a.txt").id)
        assert index.versions() == {ref("b.txt").id: {"1"}}
        assert (index.counts().documents, index.counts().chunks) == (1, 1)

    def test_a_deleted_document_can_be_written_again(self, index):
        put(index, ref("a.txt"), "text")
        index.delete(ref("a.txt").id)
        put(index, ref("a.txt"), "text")
        assert found(index, text="text") == {ref("a.txt").id}
        assert index.counts().documents == 1

    def test_sources(self, index):
        put(index, ref("a.txt", source="one"), "text")
        put(index, ref("a.txt", source="two"), "text")
        put(index, ref("a.txt", source="three"), "text")
        one, two = ref("a.txt", source="one").id, ref("a.txt", source="two").id
        assert found(index, text="text", filters=in_sources(["one"])) == {one}
        assert found(index, text="text", filters=in_sources(["one", "two", "none"])) == {one, two}
        assert found(index, text="text", filters=in_sources([])) == set()
        assert len(found(index, text="text", filters=EVERYTHING)) == 3

    def test_only_what_the_user_may_read(self, index):
        put(index, ref("all.txt", allow={"group:everyone"}), "text")
        put(index, ref("hr.txt", allow={"group:hr"}), "text")
        put(index, ref("alice.txt", allow={"user:alice"}), "text")
        put(index, ref("none.txt", allow=set()), "text")
        put(index, ref("denied.txt", allow={"group:hr", "group:sales"}, deny={"user:alice"}), "text")
        ids = {name: ref(f"{name}.txt").id for name in ("all", "hr", "alice", "none", "denied")}
        assert found(index, ALICE, "text") == {ids["hr"], ids["alice"]}
        assert found(index, BOB, "text") == {ids["denied"]}
        assert found(index, User("carol", frozenset({"everyone"})), "text") == {ids["all"]}
        assert found(index, User("hr"), "text") == set()  # a user is not the group of the same name
        assert found(index, User("alice", frozenset({"hr"}), "admin"), "text") == {ids["hr"], ids["alice"]}
        assert found(index, LOCAL_OPERATOR, "text") == set(ids.values())
        assert found(index, ALICE, "text", filters=in_sources(["other"])) == set()

    def test_the_filter_works_before_the_limit(self, index):
        for number in range(150):
            put(index, ref(f"{number}.txt", allow={"group:sales"}), "text")
        put(index, ref("hr.txt", allow={"group:hr"}), "text", axis=5)
        assert found(index, ALICE, "text", limit=1) == {ref("hr.txt").id}

    def test_access_changes_without_writing_again(self, index):
        put(index, ref("a.txt", "1", allow={"group:hr"}), "text", "more")
        put(index, ref("a.txt", "2", allow={"group:hr"}), "text")
        put(index, ref("b.txt", allow={"group:hr"}), "text")
        before = index.search(QUERY, "text", LOCAL_OPERATOR, 9)
        index.set_access(ref("a.txt").id, Access(frozenset({"group:hr", "group:sales"}), frozenset({"user:alice"})))
        assert found(index, ALICE, "text") == {ref("b.txt").id}
        assert found(index, BOB, "text") == {ref("a.txt").id}
        assert index.search(QUERY, "text", LOCAL_OPERATOR, 9) == before
        index.set_access(ref("a.txt").id, Access(frozenset(), frozenset()))
        assert found(index, BOB, "text") == set()

    def test_equal_scores_come_in_a_stable_order(self, index):
        for number in range(5):
            put(index, ref(f"{number}.txt"), "same")
        first = index.search(QUERY, "same", LOCAL_OPERATOR, 5)
        assert index.search(QUERY, "same", LOCAL_OPERATOR, 5) == first

    @pytest.mark.parametrize("shape", [(1, DIMENSION), (2, DIMENSION + 1), (2, DIMENSION - 1)])
    def test_vectors_of_the_wrong_shape_are_refused(self, index, shape):
        document = ref("a.txt")
        with pytest.raises(VectorIndexError, match=r"a\.txt"):
            index.write(document, chunks(document, "a", "b"), np.ones(shape, dtype=np.float32))
        assert index.counts().chunks == 0

    def test_vectors_that_are_not_numbers_are_refused(self, index):
        document = ref("a.txt")
        with pytest.raises(VectorIndexError, match="not finite"):
            index.write(document, chunks(document, "a"), np.full((1, DIMENSION), np.nan, dtype=np.float32))
        with pytest.raises(VectorIndexError, match="query"):
            index.search(np.ones(DIMENSION + 1, dtype=np.float32), "", LOCAL_OPERATOR, 3)

    def test_a_chunk_of_another_document_is_refused(self, index):
        with pytest.raises(VectorIndexError, match="another document"):
            index.write(ref("a.txt"), chunks(ref("b.txt"), "text"), vectors(0))

    def test_threads(self, index):
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for turn in range(8):
                    put(index, ref(f"{number}-{turn}.txt"), "one", "two")
                    assert index.search(QUERY, "one", LOCAL_OPERATOR, 3)
                    index.counts()
                    index.delete(ref(f"{number}-{turn - 1}.txt").id)
            except BaseException as error:  # noqa: BLE001 (handed to the main thread)
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert (index.counts().documents, index.counts().chunks) == (4, 8)

    def test_a_small_index_finds_what_exact_search_finds(self, index):
        for number in range(8):
            document = ref(f"{number}.txt", allow={"group:hr"} if number < 4 else {"group:all", "user:eve"})
            put(index, document, "text", "more text", axis=number)
        measured = index.recall(5)
        assert measured.worst == 1.0
        assert (measured.queries, measured.shares[0].readable) == (5, 1.0)

    def test_upkeep_of_a_small_index_changes_nothing(self, index):
        put(index, ref("a.txt"), "text")
        assert index.upkeep() is False
        assert set(index.versions()) == {ref("a.txt").id}

    def test_closed(self, index):
        put(index, ref("a.txt"), "text")
        index.close()
        index.close()
        for call in (
            index.answers,
            index.counts,
            index.versions,
            index.flush,
            index.recall,
            lambda: index.search(QUERY, "text", LOCAL_OPERATOR, 3),
            lambda: put(index, ref("b.txt"), "text"),
            lambda: index.delete("x"),
            lambda: index.set_access("x", Access()),
        ):
            with pytest.raises(IndexUnavailableError):
                call()
