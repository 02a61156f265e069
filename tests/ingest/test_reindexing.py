"""Another index from the stored text: built beside the old one, level with every change, swapped, gone back from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant.access.stored_text import text_key
from assistant.adapters.index_edge import open_edge_index
from assistant.adapters.points import IMAGE
from assistant.errors import ConfigurationError, EmbedderError, SourceBusyError, VectorIndexError
from assistant.ingest import IndexLedger, PictureCopies, Pictures, Searched, compare
from assistant.ingest.pipeline_names import with_chunker
from assistant.interfaces import Index, Vectors
from assistant.types import LOCAL_OPERATOR, Access, Chunk, User, document_id
from tests.adapters.index_folders import fast_folder
from tests.fakes.album import AlbumParser
from tests.fakes.index import FakeIndex
from tests.fakes.picture_embedder import FakePictureEmbedder
from tests.fakes.system import System
from tests.fakes.two_indexes import House, OtherEmbedder, assert_same_points, text

HR = Access(frozenset({"group:hr"}))
ANN = User("ann", frozenset({"hr"}))
EVE = User("eve", frozenset({"sales"}))
LOOKS = ("fake/colors", FakePictureEmbedder.dimension)


@pytest.fixture(params=["fake", "edge"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Eleven documents on the first index, and an empty one, over a fake and over the real engine."""
    folder = tmp_path / "home"
    folder.mkdir()
    system = System(folder, readers={"default": ["everyone"], "rules": [{"glob": "*hr*", "readers": ["hr"]}]})
    system.source.texts = {f"n{number}.txt": text(number) for number in range(10)} | {"hr.txt": text(10)}
    with fast_folder() as shard:
        embedder = OtherEmbedder()
        new: Index = FakeIndex(24)
        if request.param == "edge":
            new = open_edge_index(shard / "indexes" / "b", embedder.name, embedder.dimension)
        made = House(system, new, embedder)
        assert made.sync().added == 11
        yield made
        new.close()
    system.close()


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[House]:
    """The same, for what does not depend on the engine."""
    folder = tmp_path / "home"
    folder.mkdir()
    system = System(folder, readers={"default": ["everyone"], "rules": [{"glob": "*hr*", "readers": ["hr"]}]})
    system.source.texts = {f"n{number}.txt": text(number) for number in range(10)} | {"hr.txt": text(10)}
    made = House(system, FakeIndex(24))
    assert made.sync().added == 11
    yield made
    system.close()


def test_the_new_index_is_that_of_a_clean_ingest(house: House, tmp_path: Path) -> None:
    parsed, fetched = len(house.system.parsers.parsed), len(house.system.source.fetched)
    steps: list[tuple[int, int]] = []
    report = house.builder().build(lambda done, total: steps.append((done, total)))
    assert (report.built, report.chunks, report.lacking) == (11, 33, ())
    assert steps[-1] == (11, 11)
    assert sorted(steps) == steps
    assert (len(house.system.parsers.parsed), len(house.system.source.fetched)) == (parsed, fetched)
    record = house.system.catalog.indexes.get("b")
    assert (record.state, record.done, record.total) == ("ready", 11, 11)
    assert house.new.versions() == {k: {v} for k, v in house.system.catalog.documents.current_versions().items()}
    house.assert_equals_a_clean_ingest(tmp_path / "clean")


def test_a_second_round_has_nothing_to_do(house: House) -> None:
    house.builder().build()
    calls = house.embedder.calls
    assert house.builder().catch_up().is_level
    assert house.embedder.calls == calls


def test_it_keeps_up_with_what_changes_meanwhile(house: House, tmp_path: Path) -> None:
    def change() -> None:
        texts = house.system.source.texts
        texts["n3.txt"] = text(103, 8)  # edited, longer
        texts["n4.txt"] = text(104, 2)  # edited, shorter
        texts["new.txt"] = text(110)
        del texts["n5.txt"]
        house.system.source.access["n6.txt"] = HR
        report = house.sync()
        assert (report.added, report.updated, report.deleted) == (1, 3, 1)

    builder = house.builder()
    house.embedder.between = change
    builder.build()
    assert house.system.catalog.indexes.get("b").state == "ready"
    house.assert_equals_a_clean_ingest(tmp_path / "clean")
    change_again = house.system.source.texts
    change_again["n3.txt"] = text(203, 1)
    del change_again["n7.txt"]
    house.system.source.access["n8.txt"] = HR
    house.sync()
    report = builder.catch_up()
    assert (report.built, report.deleted, report.readers) == (1, 1, 1)
    house.assert_equals_a_clean_ingest(tmp_path / "clean2")


@pytest.mark.parametrize("at", [1, 3, 5])
def test_killed_in_the_middle_it_goes_on(house: House, tmp_path: Path, at: int) -> None:
    house.embedder.break_at = at
    with pytest.raises(EmbedderError):
        house.builder().build()
    record = house.system.catalog.indexes.get("b")
    assert (record.state, record.error) == ("building", "the model is gone")
    before = house.system.catalog.indexes.get("b").done
    report = house.builder().build()
    assert report.built == 11 - before
    assert house.system.catalog.indexes.get("b").error == ""
    house.assert_equals_a_clean_ingest(tmp_path / "clean")


def test_a_version_that_was_written_in_part_is_written_anew(house: House, tmp_path: Path) -> None:
    catalog = house.system.catalog
    document = document_id("s", "n3.txt")
    ref = catalog.documents.readable([document], LOCAL_OPERATOR)[document].ref
    chunks = [Chunk(document, number, 0, 5, "line0") for number in range(9)]  # of a chunker that cut more
    house.new.write(ref, chunks, house.embedder.embed_passages([c.text for c in chunks]))
    house.builder().build()
    house.assert_equals_a_clean_ingest(tmp_path / "clean")


def test_a_stop_leaves_what_is_done(fakes: House) -> None:
    asked = itertools.count()
    report = fakes.builder().build(should_stop=lambda: next(asked) >= 6)
    assert report.stopped
    assert report.built == 6
    assert fakes.system.catalog.indexes.get("b").state == "building"
    assert fakes.builder().build().built == 5


def test_rights_are_those_of_the_catalog(house: House) -> None:
    builder = house.builder()
    builder.build()
    assert house.found("note10", ANN) == {"hr.txt"}
    assert house.found("note10", EVE) == set()
    assert house.found("note3", User("eve", frozenset({"everyone"}))) == {"n3.txt"}
    documents = house.system.catalog.documents
    documents.set_access(document_id("s", "n3.txt"), HR)
    documents.set_access(document_id("s", "hr.txt"), Access(frozenset({"group:sales"})))
    calls = house.embedder.calls
    assert builder.catch_up().readers == 2
    assert house.embedder.calls == calls
    assert house.found("note3", User("eve", frozenset({"everyone"}))) == set()
    assert house.found("note10", EVE) == {"hr.txt"}
    assert house.found("note10", ANN) == set()
    builder.swap()
    assert house.found("note10", ANN) == set()


def test_a_document_without_stored_text_is_named_and_stops_the_swap(fakes: House) -> None:
    catalog = fakes.system.catalog
    document = document_id("s", "n3.txt")
    ref = catalog.documents.readable([document], LOCAL_OPERATOR)[document].ref
    text_before = fakes.system.blobs.get(text_key(ref))
    fakes.system.blobs.delete(text_key(ref))
    builder = fakes.builder()
    report = builder.build()
    assert [lack.key for lack in report.lacking] == ["s:n3.txt"]
    assert report.built == 10
    assert catalog.indexes.get("b").state == "building"
    catalog.indexes.ready("b")
    with pytest.raises(VectorIndexError, match=r"lacks 1 of the documents: s:n3\.txt: nothing is stored"):
        builder.swap()
    fakes.system.blobs.put(text_key(ref), b"damaged")
    assert [lack.code for lack in builder.catch_up().lacking] == ["StorageError"]
    assert [r.state for r in catalog.indexes.all()] == ["current", "ready"]
    fakes.system.blobs.put(text_key(ref), text_before)
    builder.swap()
    assert catalog.indexes.get("b").state == "current"


def test_a_document_that_is_gone_while_it_is_read_is_found_next_time(fakes: House) -> None:
    def change() -> None:
        fakes.system.source.texts = {key: f"{value}\nmore" for key, value in fakes.system.source.texts.items()}
        fakes.sync()

    fakes.embedder.between = change
    report = fakes.builder().catch_up()
    assert report.changed
    assert not report.lacking
    fakes.builder().build()
    assert fakes.found("more") == set(fakes.system.source.texts)


def test_after_the_swap_a_sync_with_the_new_models_finds_nothing_to_do(house: House) -> None:
    house.builder().build()
    house.builder().swap()
    source, parsed, calls = house.system.source, len(house.system.parsers.parsed), house.embedder.calls
    source.fetched.clear()
    report = house.sync(by_new=True)
    assert (report.unchanged, report.added, report.updated, report.deleted) == (11, 0, 0, 0)
    assert (source.fetched, len(house.system.parsers.parsed), house.embedder.calls) == ([], parsed, calls)
    info = house.system.library.info("s", "n3.txt", LOCAL_OPERATOR)
    assert info.chunks == 3


def test_the_former_index_is_kept_up_and_can_be_gone_back_to(house: House, tmp_path: Path) -> None:
    before = house.system.catalog.indexes.documents()
    house.builder().build()
    house.builder().swap()
    writes = house.system.index.writes
    old = house.old_builder()
    assert old.catch_up().is_level
    assert house.system.index.writes == writes
    texts = house.system.source.texts
    texts["n3.txt"] = text(103, 8)
    texts["new.txt"] = text(110)
    del texts["n5.txt"]
    house.sync(by_new=True)
    shown = document_id("s", "n6.txt")
    house.system.catalog.documents.set_access(shown, HR)
    report = old.catch_up()
    assert (report.built, report.deleted, report.readers) == (2, 1, 1)
    asked = house.system.embedder.embed_query("note6")
    assert shown not in {hit.document_id for hit in house.system.index.search(asked, "note6", EVE, 50)}
    house.system.catalog.documents.set_access(shown, Access())
    old.swap()
    assert {r.name: r.state for r in house.system.catalog.indexes.all()} == {"first": "current", "b": "kept"}
    parsed = len(house.system.parsers.parsed)
    assert house.sync().unchanged == 11
    assert len(house.system.parsers.parsed) == parsed
    after = house.system.catalog.indexes.documents()
    same = before.keys() & after.keys() - {document_id("s", "n3.txt")}
    assert all(before[document] == after[document] for document in same)
    assert after[document_id("s", "n3.txt")].chunks == 8
    texts["n9.txt"] = text(109)
    house.sync()
    new = house.builder()
    assert new.catch_up().built == 1
    new.swap()
    assert {r.name: r.state for r in house.system.catalog.indexes.all()} == {"first": "kept", "b": "current"}
    house.assert_equals_a_clean_ingest(tmp_path / "clean")


def test_of_the_current_index_nothing_is_deleted(fakes: House) -> None:
    """A sync writes a version there before the catalog knows of it."""
    fakes.builder().build()
    fakes.builder().swap()
    document = document_id("s", "n3.txt")
    ref = fakes.system.catalog.documents.readable([document], LOCAL_OPERATOR)[document].ref
    coming = type(ref)(ref.source, ref.key, "coming", ref.title, ref.uri, ref.media_type, ref.access)
    fakes.new.write(coming, [Chunk(document, 0, 0, 4, "soon")], fakes.embedder.embed_passages(["soon"]))
    assert fakes.builder().catch_up().is_level
    assert fakes.new.versions()[document] == {ref.version, "coming"}


def test_what_the_current_index_lost_is_written_again(fakes: House) -> None:
    fakes.builder().build()
    fakes.builder().swap()
    document = document_id("s", "n3.txt")
    fakes.new.delete(document)
    fakes.system.catalog.documents.set_access(document_id("s", "n4.txt"), HR)
    report = fakes.builder().catch_up()
    assert (report.built, report.readers) == (1, 1)
    assert fakes.found("note3") == {"n3.txt"}
    assert fakes.found("note4", EVE) == set()


def test_a_swap_waits_for_syncs_and_says_whose(fakes: House) -> None:
    fakes.builder().build()
    run = fakes.system.catalog.runs.start("s", "cli", "me")
    with pytest.raises(SourceBusyError, match="synced: s "):
        fakes.builder().swap(patience=0)
    fakes.system.catalog.runs.finish(run.id, "done")
    fakes.builder().swap(patience=0)


def test_a_swap_takes_up_what_came_last(fakes: House) -> None:
    fakes.builder().build()
    fakes.system.source.texts["last.txt"] = text(300)
    fakes.sync()
    fakes.builder().swap()
    assert fakes.found("note300") == {"last.txt"}


def test_only_a_whole_index_is_swapped(fakes: House) -> None:
    builder = fakes.builder()
    with pytest.raises(ConfigurationError, match="building, not ready"):
        builder.swap()
    fakes.system.catalog.indexes.drop("b")
    with pytest.raises(ConfigurationError, match="given up"):
        builder.catch_up()


def test_pictures_are_copied_and_lost_ones_embedded(tmp_path: Path) -> None:
    class Counting(FakePictureEmbedder):
        made = 0

        def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
            self.made += len(pictures)
            return super().embed_pictures(pictures)

    system = System(tmp_path)
    system.registry.add_parser(AlbumParser())
    system.source.texts = {"a.album": "Walls of the house.\npicture red\nThe cellar.\nThe roof.\npicture blue"}
    looks = Counting()
    system.index = FakeIndex(64, LOOKS)
    house = House(system, FakeIndex(24, LOOKS))
    house.sync(pictures=Pictures(None, looks))
    looks.made = 0
    house.builder(PictureCopies(system.blobs, looks, system.index)).build()
    assert looks.made == 0
    (red, *_) = house.new.search_pictures(looks.embed_query("red"), LOCAL_OPERATOR, 2)
    assert red.chunk.pictures == (1,)
    document = document_id("s", "a.album")
    copied = [point for point in house.new.read_points([document]) if IMAGE in point.vectors]
    (tmp_path / "clean").mkdir()
    clean = House(System(tmp_path / "clean"), FakeIndex(24, LOOKS))
    clean.system.registry.add_parser(AlbumParser())
    clean.system.source = system.source
    clean.sync(by_new=True, pictures=Pictures(None, FakePictureEmbedder()))
    assert_same_points(house.new, clean.new, [document])
    assert len(copied) == 2
    house.new = FakeIndex(24, LOOKS)  # the ledger knows what this one does not hold
    house.builder(PictureCopies(system.blobs, looks)).build()
    assert looks.made == 2
    assert_same_points(house.new, clean.new, [document])
    clean.system.close()
    system.close()


def test_indexes_are_compared_before_the_swap(house: House) -> None:
    builder = house.builder()
    former, new = Searched(house.system.index, house.system.embedder), Searched(house.new, house.embedder)
    nothing = compare(house.system.catalog, house.system.blobs, former, new)
    assert (nothing.both, len(nothing.lacking), nothing.queries, nothing.found) == (0, 11, 0, (0.0, 0.0))
    builder.build()
    found = compare(house.system.catalog, house.system.blobs, former, new)
    assert (found.both, found.lacking, found.additional, found.chunks) == (11, (), (), (55, 33))
    assert (found.queries, found.found, found.is_worse) == (11, (1.0, 1.0), False)
    assert (found.recall.worst, found.loses) == (1.0, False)
    assert compare(house.system.catalog, house.system.blobs, former, new, sample=3).queries == 3


def test_the_ledger_survives_a_new_process(fakes: House) -> None:
    fakes.builder().build()
    ledger = IndexLedger(fakes.system.blobs, "b")
    ledger.load()
    assert ledger.entries.keys() == fakes.system.catalog.documents.current_versions().keys()
    assert all(entry.chunks == 3 for entry in ledger.entries.values())
    document = document_id("s", "n3.txt")
    entry = ledger.entries[document]
    for _ in range(70):
        ledger.forget(document)
        ledger.save()
        ledger.put(document, entry)
        ledger.save()
    again = IndexLedger(fakes.system.blobs, "b")
    again.load()
    assert again.entries == ledger.entries
    assert len(list(fakes.system.blobs.keys("reindex/b"))) == 1
    ledger.load()  # which another process has joined meanwhile
    assert ledger.entries == again.entries
    again.delete()
    assert not list(fakes.system.blobs.keys("reindex"))


@pytest.mark.parametrize(
    ("pipeline", "changed"),
    [
        ("pdf/8+sections-semchunk-3/semchunk-3/200/mini/int8", "pdf/8+new/1"),
        ("pdf/8+sections/200/mini+x/int8+captions/seer", "pdf/8+new/1+captions/seer"),
        ("csv/1,pdf/8+sections/200/mini+max_bytes=9+passwords=x", "csv/1,pdf/8+new/1+max_bytes=9+passwords=x"),
    ],
)
def test_a_pipeline_names_another_chunker(pipeline: str, changed: str) -> None:
    assert with_chunker(pipeline, "new/1") == changed
    assert with_chunker(changed, "new/1") == changed
