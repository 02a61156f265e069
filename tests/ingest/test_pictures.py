"""Pictures on their way into the index: shown by a chunk, described by a vision model, embedded as images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from assistant.errors import ConfigurationError, ModelServerError, ModelUnavailableError, NotFoundError
from assistant.ingest import Pictures
from assistant.ingest.pictures import show_pictures
from assistant.types import LOCAL_OPERATOR, Access, Chunk, Document, DocumentRef, Picture, User, document_id
from tests.fakes.album import AlbumParser, png
from tests.fakes.picture_embedder import FakePictureEmbedder
from tests.fakes.system import System

REF = DocumentRef("s", "a.album", "", "a", "", "text/plain")


@dataclass
class FakeCaptioner:
    """Says the color, or what it is told to raise."""

    name: str = "seer"
    errors: list[Exception] = field(default_factory=list)
    contexts: list[str] = field(default_factory=list)

    def caption(self, picture: bytes, context: str) -> str:
        self.contexts.append(context)
        if self.errors:
            raise self.errors.pop(0)
        red, _, blue = Image.open(BytesIO(picture)).convert("RGB").getpixel((0, 0))  # type: ignore[misc]
        return "A crimson wall." if red > blue else "An azure wall."


@pytest.fixture
def captioner() -> FakeCaptioner:
    return FakeCaptioner()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = System(tmp_path)
    made.registry.add_parser(AlbumParser())
    made.source.texts["a.album"] = "Walls of the house.\npicture red\nThe cellar.\npicture blue"
    yield made
    made.close()


def sync(system: System, captioner: FakeCaptioner | None = None) -> tuple[int, int]:
    system.ingestor = system.new_ingestor(pictures=Pictures(captioner, None))
    report = system.ingestor.sync("s", "cli")
    assert not report.failures
    return report.added + report.updated, report.unchanged


def test_pictures_and_metadata_are_stored(system: System):
    sync(system)
    document = system.library.read("s", "a.album", LOCAL_OPERATOR)
    assert [(p.data, p.media_type) for p in document.pictures] == [(b"", "image/png")] * 2
    assert system.library.picture("s", "a.album", 2, LOCAL_OPERATOR).data == png("blue")
    assert document.metadata.authors == ("Ann", "Bob")
    assert system.library.info("s", "a.album", LOCAL_OPERATOR).metadata == document.metadata
    for number in (0, 3):
        with pytest.raises(NotFoundError, match="2 pictures"):
            system.library.picture("s", "a.album", number, LOCAL_OPERATOR)


def test_only_readers_see_pictures(system: System):
    system.source.access["a.album"] = Access(frozenset({"group:hr"}))
    sync(system)
    assert system.library.picture("s", "a.album", 1, User("hanna", frozenset({"hr"}))).data
    with pytest.raises(NotFoundError):
        system.library.picture("s", "a.album", 1, User("eve", frozenset({"everyone"})))


def test_a_new_version_takes_the_old_pictures_away(system: System):
    sync(system)
    system.source.texts["a.album"] = "Walls.\npicture green"
    sync(system)
    assert len(list(system.blobs.keys("picture"))) == 1
    del system.source.texts["a.album"]
    system.ingestor.sync("s", "cli")
    assert list(system.blobs.keys("picture")) == []


def test_captions_find_pictures_and_are_no_text(system: System, captioner: FakeCaptioner):
    sync(system, captioner)
    passage = system.retriever.search("crimson", LOCAL_OPERATOR, 1)[0]
    assert passage.text == "Walls of the house."
    assert (passage.pictures, passage.captions) == ((1,), "A crimson wall.")
    document = system.library.read("s", "a.album", LOCAL_OPERATOR)
    assert "crimson" not in document.text
    assert [p.caption for p in document.pictures] == ["A crimson wall.", "An azure wall."]
    assert captioner.contexts[0].startswith("a.album: Walls of the house.")


def test_another_vision_model_describes_anew(system: System, captioner: FakeCaptioner):
    sync(system)
    assert sync(system, captioner) == (1, 0)
    assert sync(system, captioner) == (0, 1)
    assert sync(system, FakeCaptioner("other")) == (1, 0)


def test_without_its_server_the_document_is_found_and_described_later(system: System, captioner: FakeCaptioner):
    captioner.errors = [ModelUnavailableError("away")]
    assert sync(system, captioner) == (1, 0)
    assert system.retriever.search("cellar", LOCAL_OPERATOR, 1)[0].captions == ""
    assert sync(system, captioner) == (1, 0)
    assert system.retriever.search("crimson", LOCAL_OPERATOR, 1)[0].captions == "A crimson wall."
    assert sync(system, captioner) == (0, 1)


def test_a_picture_that_the_model_refuses_stays_without_words(system: System, captioner: FakeCaptioner):
    captioner.errors = [ModelServerError("indecent")]
    assert sync(system, captioner) == (1, 0)
    captions = [p.caption for p in system.library.read("s", "a.album", LOCAL_OPERATOR).pictures]
    assert captions == ["", "An azure wall."]
    assert sync(system, captioner) == (0, 1)


def test_looks_find_pictures(system: System, tmp_path: Path):
    embedder = FakePictureEmbedder()
    system.with_pictures(embedder)
    report = system.ingestor.sync("s", "cli")
    assert report.chunks == 2
    best = system.retriever.search_by_picture(png("blue"), LOCAL_OPERATOR, 1)[0]
    assert (best.pictures, best.text) == ((2,), "The cellar.")
    system.source.access["a.album"] = Access(frozenset({"group:hr"}))
    system.ingestor.sync("s", "cli")
    assert system.retriever.search_by_picture(png("blue"), User("eve", frozenset({"everyone"})), 5) == []
    del system.source.texts["a.album"]
    system.ingestor.sync("s", "cli")
    assert document_id("s", "a.album") not in system.index.versions()


def test_looks_without_a_model_are_a_clear_error(system: System):
    with pytest.raises(ConfigurationError, match="ASSISTANT_PICTURE_EMBEDDER"):
        system.retriever.search_by_picture(png("blue"), LOCAL_OPERATOR, 1)


def test_each_picture_is_shown_by_the_chunk_in_which_its_words_begin():
    spans = [(2, 10), (12, 20), (22, 30)]
    chunks = [Chunk("d", n, start, end, "x" * (end - start)) for n, (start, end) in enumerate(spans)]
    pictures = (
        Picture(0, 0, "image/png", b"1", caption="before all"),
        Picture(11, 11, "image/png", b"2"),
        Picture(12, 20, "image/png", b"3", caption="the third"),
        Picture(14, 25, "image/png", b"4", caption="the fourth"),
        Picture(30, 30, "image/png", b"5"),
    )
    document = Document(REF, " " * 30, pictures=pictures)
    shown = show_pictures(document, chunks)
    assert [chunk.pictures for chunk in shown] == [(1, 2), (3, 4), (5,)]
    assert [chunk.captions for chunk in shown] == ["before all", "the third\nthe fourth", ""]
    assert show_pictures(document, []) == []
