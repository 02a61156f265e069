"""What every `Index` must do with pictures: `IndexContract` inherits it, so subclass that one."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.errors import IndexUnavailableError, VectorIndexError
from assistant.interfaces import Index, Vectors
from assistant.types import EVERYTHING, LOCAL_OPERATOR, Access, Chunk, DocumentRef, Hit, User, in_sources

PICTURES = ("looks", 6)
LIKE = np.eye(1, PICTURES[1], 0, dtype=np.float32)[0]
ALICE = User("alice", frozenset({"hr"}))
BOB = User("bob", frozenset({"sales"}))


def document(key: str, version: str = "1", source: str = "folder", **access: set[str]) -> DocumentRef:
    rights = Access(**{name: frozenset(value) for name, value in access.items()}) if access else Access()
    return DocumentRef(source, key, version, "", f"file:///{key}", "text/plain", rights)


def shown(of: DocumentRef, *numbers: int, after: int = 1) -> list[Chunk]:
    return [
        Chunk(of.id, after + at, 0, 4, "text", 3, ("Part",), "", (number,), f"caption {number}")
        for at, number in enumerate(numbers)
    ]


def near(*closeness: float) -> Vectors:
    """Return vectors whose cosines with `LIKE` are these."""
    rows = np.zeros((len(closeness), PICTURES[1]), dtype=np.float32)
    rows[:, 0] = closeness
    rows[:, 1] = np.sqrt(1 - rows[:, 0] ** 2)
    return rows


def put_picture(index: Index, of: DocumentRef, closeness: float = 1.0, text: str = "text") -> None:
    """Write a document of one chunk that shows one picture."""
    dense = np.zeros((1, 8), dtype=np.float32)
    dense[0, 0] = 1
    index.write(of, [Chunk(of.id, 0, 0, len(text), text, pictures=(1,))], dense)
    index.write_pictures(of, shown(of, 1), near(closeness))


def pictured(index: Index, user: User = LOCAL_OPERATOR, limit: int = 10, **more: object) -> list[str]:
    return [hit.document_id for hit in index.search_pictures(LIKE, user, limit, **more)]


def by_text(index: Index, text: str, user: User = LOCAL_OPERATOR) -> list[Hit]:
    return index.search(np.eye(1, 8, 0, dtype=np.float32)[0], text, user, 50)


class IndexPicturesContract:
    """The suite. Beside `index`, give `without_pictures`: an index opened without a picture embedder."""

    @pytest.fixture
    def without_pictures(self) -> Index:
        raise NotImplementedError

    def test_a_picture_gives_back_its_chunk_scored_by_cosine(self, index):
        of = document("a.txt", "v7")
        made = shown(of, 1, 2, 3)
        index.write_pictures(of, made, 5 * near(0.5, 1.0, -0.25))
        hits = index.search_pictures(3 * LIKE, LOCAL_OPERATOR, 9)
        assert [hit.chunk for hit in hits] == [made[1], made[0], made[2]]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5, -0.25], abs=1e-5)
        assert {(hit.document_id, hit.version) for hit in hits} == {(of.id, "v7")}

    def test_a_chunk_gives_back_what_it_shows_and_is_found_by_captions(self, index):
        for number in range(4):
            put_picture(index, document(f"{number}.txt"))
        of = document("c.txt")
        made = [Chunk(of.id, 0, 0, 4, "text", pictures=(2, 3), captions="A bar chart.\nA photograph of a quokka.")]
        index.write(of, made, np.eye(8, dtype=np.float32)[[0]])
        assert by_text(index, "quokka")[0].chunk == made[0]

    def test_a_notice_is_given_back_and_not_found_by_its_words(self, index):
        for number in range(4):
            put_picture(index, document(f"{number}.txt"))
        scan, story = document("scan.pdf"), document("story.txt")
        noticed = Chunk(scan.id, 0, 7, 29, "wombat [quokka quokka]", notices=((14, 29),))
        told = Chunk(story.id, 0, 0, 6, "quokka")
        for of, chunk in ((scan, noticed), (story, told)):
            index.write(of, [chunk], np.eye(8, dtype=np.float32)[[0]])
        scores = {hit.chunk.text: hit.score for hit in by_text(index, "quokka")}
        assert scores[noticed.text] < 0.75 * scores[told.text]
        assert by_text(index, "wombat")[0].chunk == noticed

    def test_text_does_not_find_pictures_nor_pictures_text(self, index):
        of = document("a.txt")
        put_picture(index, of)
        only = document("only.txt")
        index.write_pictures(only, shown(only, 1, after=0), near(0.5))
        assert [(hit.document_id, hit.chunk.ordinal) for hit in by_text(index, "text caption 1 Part")] == [(of.id, 0)]
        found = index.search_pictures(LIKE, LOCAL_OPERATOR, 9)
        assert [(hit.document_id, hit.chunk.ordinal) for hit in found] == [(of.id, 1), (only.id, 0)]

    def test_pictures_leave_the_scores_of_text_as_they_are(self, index):
        texts = ["common", "common zymurgy", "zymurgy zymurgy", "common words that are longer"]
        for number, text in enumerate(texts):  # no two alike: the engines break ties as they like
            of = document(f"{number}.txt")
            dense = np.eye(1, 8, 1, dtype=np.float32) + np.eye(1, 8, 0, dtype=np.float32) * (number + 1)
            index.write(of, [Chunk(of.id, 0, 0, len(text), text)], dense)
        before = [(hit.document_id, hit.score) for hit in by_text(index, "common zymurgy")]
        for number in range(40):
            of = document(f"more{number}.txt")
            index.write_pictures(of, shown(of, 1), near(0.1))
        assert [(hit.document_id, hit.score) for hit in by_text(index, "common zymurgy")] == before

    def test_pictures_are_not_counted_but_their_versions_are(self, index):
        put_picture(index, document("a.txt", "1"))
        put_picture(index, document("a.txt", "2"))
        assert (index.counts().documents, index.counts().chunks) == (1, 2)
        only = document("only.txt", "3")
        index.write_pictures(only, shown(only, 1), near(1))
        assert index.versions() == {document("a.txt").id: {"1", "2"}, only.id: {"3"}}
        assert index.counts().chunks == 2

    def test_pictures_go_with_their_version(self, index):
        put_picture(index, document("a.txt", "1"), 0.5)
        put_picture(index, document("a.txt", "2"), 1)
        put_picture(index, document("b.txt", "1"), 0.25)
        index.delete(document("a.txt").id, keep_version="2")
        found = index.search_pictures(LIKE, LOCAL_OPERATOR, 9)
        assert [(hit.document_id, hit.version) for hit in found] == [
            (document("a.txt").id, "2"),
            (document("b.txt").id, "1"),
        ]
        index.delete(document("a.txt").id)
        assert pictured(index) == [document("b.txt").id]
        assert index.versions() == {document("b.txt").id: {"1"}}

    def test_writing_pictures_twice_changes_nothing(self, index):
        for _ in range(2):
            put_picture(index, document("a.txt"))
        assert pictured(index) == [document("a.txt").id]
        assert index.counts().chunks == 1

    def test_many_pictures_in_one_write_and_none(self, index):
        of = document("a.txt")
        index.write_pictures(of, [], near())
        index.write_pictures(of, shown(of, *range(1, 601)), near(*[0.001 * n for n in range(600)]))
        hits = index.search_pictures(LIKE, LOCAL_OPERATOR, 3)
        assert [hit.chunk.pictures for hit in hits] == [(600,), (599,), (598,)]
        assert pictured(index, limit=0) == []

    def test_pictures_of_sources(self, index):
        for source in ("one", "two", "three"):
            put_picture(index, document("a.txt", source=source))
        one, two = document("a.txt", source="one").id, document("a.txt", source="two").id
        assert pictured(index, filters=in_sources(["one"])) == [one]
        assert set(pictured(index, filters=in_sources(["one", "two", "none"]))) == {one, two}
        assert pictured(index, filters=in_sources([])) == []
        assert len(pictured(index, filters=EVERYTHING)) == 3

    def test_only_pictures_that_the_user_may_see(self, index):
        put_picture(index, document("all.txt", allow={"group:everyone"}))
        put_picture(index, document("hr.txt", allow={"group:hr"}))
        put_picture(index, document("alice.txt", allow={"user:alice"}))
        put_picture(index, document("none.txt", allow=set()))
        put_picture(index, document("denied.txt", allow={"group:hr", "group:sales"}, deny={"user:alice"}))
        ids = {name: document(f"{name}.txt").id for name in ("all", "hr", "alice", "none", "denied")}
        assert set(pictured(index, ALICE)) == {ids["hr"], ids["alice"]}
        assert set(pictured(index, BOB)) == {ids["denied"]}
        assert set(pictured(index, User("carol", frozenset({"everyone"})))) == {ids["all"]}
        assert pictured(index, User("hr")) == []
        assert set(pictured(index, User("alice", frozenset({"hr"}), "admin"))) == {ids["hr"], ids["alice"]}
        assert set(pictured(index, LOCAL_OPERATOR)) == set(ids.values())
        assert pictured(index, ALICE, filters=in_sources(["other"])) == []

    def test_pictures_are_filtered_before_the_limit(self, index):
        for number in range(60):
            of = document(f"{number}.txt", allow={"group:sales"})
            index.write_pictures(of, shown(of, 1, 2, 3), near(1, 1, 1))
        put_picture(index, document("hr.txt", allow={"group:hr"}), 0.1)
        assert pictured(index, ALICE, limit=1) == [document("hr.txt").id]

    def test_access_to_pictures_changes_without_writing_again(self, index):
        put_picture(index, document("a.txt", "1", allow={"group:hr"}))
        put_picture(index, document("a.txt", "2", allow={"group:hr"}))
        put_picture(index, document("b.txt", allow={"group:hr"}))
        before = index.search_pictures(LIKE, LOCAL_OPERATOR, 9)
        readers = Access(frozenset({"group:hr", "group:sales"}), frozenset({"user:alice"}))
        index.set_access(document("a.txt").id, readers)
        assert pictured(index, ALICE) == [document("b.txt").id]
        assert pictured(index, BOB) == [document("a.txt").id] * 2
        assert index.search_pictures(LIKE, LOCAL_OPERATOR, 9) == before

    def test_equally_near_pictures_come_in_a_stable_order(self, index):
        for number in range(5):
            put_picture(index, document(f"{number}.txt"))
        first = index.search_pictures(LIKE, LOCAL_OPERATOR, 5)
        assert index.search_pictures(LIKE, LOCAL_OPERATOR, 5) == first
        assert [hit.document_id for hit in first] == sorted(hit.document_id for hit in first)

    def test_pictures_that_do_not_fit_are_refused(self, index):
        of = document("a.txt")
        for wrong in (near(1, 1)[:1], np.ones((2, PICTURES[1] + 1), dtype=np.float32)):
            with pytest.raises(VectorIndexError, match=r"a\.txt"):
                index.write_pictures(of, shown(of, 1, 2), wrong)
        with pytest.raises(VectorIndexError, match="not finite"):
            index.write_pictures(of, shown(of, 1), np.full((1, PICTURES[1]), np.nan, dtype=np.float32))
        with pytest.raises(VectorIndexError, match="another document"):
            index.write_pictures(of, shown(document("b.txt"), 1), near(1))
        with pytest.raises(VectorIndexError, match="one picture"):
            index.write_pictures(of, [Chunk(of.id, 0, 0, 4, "text")], near(1))
        with pytest.raises(VectorIndexError, match="query"):
            index.search_pictures(np.ones(PICTURES[1] + 1, dtype=np.float32), LOCAL_OPERATOR, 3)
        assert index.versions() == {}

    def test_without_a_picture_embedder_pictures_are_refused(self, without_pictures):
        of = document("a.txt")
        for call in (
            lambda: without_pictures.write_pictures(of, shown(of, 1), near(1)),
            lambda: without_pictures.search_pictures(LIKE, LOCAL_OPERATOR, 3),
        ):
            with pytest.raises(VectorIndexError) as caught:
                call()
            assert "ASSISTANT_PICTURE_EMBEDDER" in caught.value.hint
        made = [Chunk(of.id, 0, 0, 4, "text", pictures=(1,), captions="A chart.")]
        without_pictures.write(of, made, np.eye(8, dtype=np.float32)[[0]])
        assert [hit.chunk for hit in by_text(without_pictures, "chart")] == made
        assert (without_pictures.counts().documents, without_pictures.counts().chunks) == (1, 1)

    def test_pictures_of_a_closed_index(self, index):
        put_picture(index, document("a.txt"))
        index.close()
        for call in (lambda: pictured(index), lambda: put_picture(index, document("b.txt"))):
            with pytest.raises(IndexUnavailableError):
                call()
