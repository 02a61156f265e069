"""Pictures found by their looks: ranked on their own, and confirmed by the catalog like texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest

from assistant.errors import ConfigurationError, DamagedDocumentError
from assistant.retrieval import Retriever
from assistant.types import LOCAL_OPERATOR, Access, Chunk, DocumentInfo, DocumentRef, Passage, User, in_sources
from tests.contracts.picture_embedder_contract import picture
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.index import FakeIndex
from tests.fakes.picture_embedder import FakePictureEmbedder

STAFF = User("eve", frozenset({"everyone"}))
COLORS = FakePictureEmbedder()
WORDS = FakeEmbedder()


class FakeCatalog:
    """Confirms the documents that the test put in."""

    def __init__(self) -> None:
        self.current: dict[str, DocumentRef] = {}

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        found = [self.current[key] for key in document_ids if key in self.current]
        return {
            ref.id: DocumentInfo(ref, 0, 1, 1, 1)
            for ref in found
            if user.reads_everything or ref.access.allow & user.principals
        }


class Shelf:
    """An index, a catalog and the retriever over both."""

    def __init__(self) -> None:
        self.index = FakeIndex(WORDS.dimension, (COLORS.name, COLORS.dimension))
        self.catalog = FakeCatalog()
        self.retriever = Retriever(self.index, WORDS, self.catalog, COLORS)

    def put(
        self, key: str, texts: Sequence[str], shown: Sequence[tuple[int, str]] = (), group: str = "everyone"
    ) -> DocumentRef:
        """Store a document with a chunk for each text and pictures: each by the chunk that shows it and its colour."""
        ref = DocumentRef("s", key, "1", key, "", "text/plain", Access(frozenset({f"group:{group}"})))
        chunks = [
            Chunk(
                ref.id,
                at,
                100 * at,
                100 * at + len(text),
                text,
                pictures=tuple(number for number, (place, _) in enumerate(shown, 1) if place == at),
            )
            for at, text in enumerate(texts)
        ]
        points = [
            Chunk(
                ref.id,
                len(texts) + number,
                chunks[place].start,
                chunks[place].end,
                chunks[place].text,
                pictures=(number,),
                captions=f"caption {number}",
            )
            for number, (place, _) in enumerate(shown, 1)
        ]
        self.index.write(ref, chunks, WORDS.embed_passages(texts))
        self.index.write_pictures(ref, points, COLORS.embed_pictures([picture(color) for _, color in shown]))
        self.catalog.current[ref.id] = ref
        return ref


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def named(passages: Sequence[Passage]) -> list[tuple[str, tuple[int, ...]]]:
    return [(passage.ref.key, passage.pictures) for passage in passages]


def test_words_find_pictures_that_no_text_speaks_of(shelf: Shelf) -> None:
    shelf.put("walls", ["zymurgy"], [(0, "red")])
    shelf.put("cellar", ["quokka", "numbat"], [(1, "blue")])
    found = shelf.retriever.search_pictures("blue", STAFF, 5)
    assert named(found) == [("cellar", (1,)), ("walls", (1,))]
    assert (found[0].text, found[0].captions) == ("numbat", "caption 1")
    assert shelf.retriever.search_pictures("blue", STAFF, 1) == found[:1]
    assert shelf.retriever.search_pictures(" ", STAFF, 5) == []


def test_pictures_leave_the_texts_ranking_alone(shelf: Shelf) -> None:
    shelf.put("walls", ["a blue wall"], [(0, "red")])
    shelf.put("cellar", ["the cellar wall"], [(0, "blue")])
    plain = Retriever(shelf.index, WORDS, shelf.catalog).search("blue wall", STAFF, 9)
    assert shelf.retriever.search("blue wall", STAFF, 9) == plain != []


def test_a_picture_finds_pictures_by_cosine(shelf: Shelf) -> None:
    shelf.put("walls", ["one", "two"], [(0, "red"), (1, "blue")])
    found = shelf.retriever.search_by_picture(picture("blue"), STAFF, 5)
    assert named(found) == [("walls", (2,)), ("walls", (1,))]
    assert (found[0].text, found[0].captions) == ("two", "caption 2")
    assert found[0].score == pytest.approx(1, abs=1e-5)
    assert shelf.retriever.search_by_picture(picture("blue"), STAFF, 1) == found[:1]
    assert shelf.retriever.search_by_picture(picture("blue"), STAFF, 0) == []
    assert shelf.retriever.search_by_picture(picture("blue"), STAFF, 5, in_sources(["other"])) == []
    assert len(shelf.retriever.search_by_picture(picture("blue"), STAFF, 5, in_sources(["s"]))) == 2


def test_pictures_are_for_readers_only(shelf: Shelf) -> None:
    shelf.put("hr", ["faces"], [(0, "blue")], group="hr")
    hanna = User("hanna", frozenset({"hr"}))
    for user, seen in ((STAFF, []), (hanna, [("hr", (1,))]), (LOCAL_OPERATOR, [("hr", (1,))])):
        assert named(shelf.retriever.search_by_picture(picture("blue"), user, 5)) == seen
        assert named(shelf.retriever.search_pictures("blue", user, 5)) == seen


def test_the_catalog_has_the_last_word_on_pictures(shelf: Shelf) -> None:
    """The index lags behind: it still shows what was withdrawn, and what was there before a new version."""
    refs = [shelf.put(f"{number:02}", ["wall"], [(0, "blue")]) for number in range(30)]
    for ref in refs[:12]:
        del shelf.catalog.current[ref.id]
    for ref in refs[12:24]:
        shelf.catalog.current[ref.id] = DocumentRef("s", ref.key, "2", ref.key, "", "text/plain")
    for ref in refs[24:26]:
        shelf.catalog.current[ref.id] = DocumentRef("s", ref.key, "1", "", "", "", Access(frozenset({"group:hr"})))
    expected = ["26", "27", "28", "29"]
    assert sorted(p.ref.key for p in shelf.retriever.search_by_picture(picture("blue"), STAFF, 4)) == expected
    assert sorted(p.ref.key for p in shelf.retriever.search_pictures("blue wall", STAFF, 4)) == expected


def test_without_a_model_text_is_searched_as_ever_and_pictures_not(shelf: Shelf) -> None:
    shelf.put("walls", ["a wall"], [(0, "blue")])
    plain = Retriever(FakeIndex(WORDS.dimension), WORDS, shelf.catalog)
    assert plain.search("wall", STAFF, 3) == []
    with pytest.raises(ConfigurationError) as caught:
        plain.search_by_picture(picture("blue"), STAFF, 3)
    assert caught.value.hint == "set ASSISTANT_PICTURE_EMBEDDER"
    with pytest.raises(ConfigurationError):
        plain.search_pictures("wall", STAFF, 3)


def test_what_is_no_picture_is_an_error(shelf: Shelf) -> None:
    with pytest.raises(DamagedDocumentError):
        shelf.retriever.search_by_picture(b"no picture", STAFF, 3)
