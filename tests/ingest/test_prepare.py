"""What is embedded for a chunk."""

from __future__ import annotations

from assistant.ingest.prepare import embedding_texts
from assistant.types import Chunk
from tests.fakes.embedder import FakeEmbedder

COUNT = FakeEmbedder().count_tokens


def chunk(text: str, *headings: str) -> Chunk:
    return Chunk("d", 0, 0, len(text), text, heading_path=headings)


def test_title_and_headings_stand_before_the_text() -> None:
    assert embedding_texts("Travel", [chunk("Book early.", "Trains", "Prices")], COUNT, 100) == [
        "Travel > Trains > Prices\nBook early."
    ]


def test_rows_carry_their_tables_header_until_room_is_short() -> None:
    rows = Chunk("d", 0, 9, 15, "| Rome |", heading_path=("Hotels",), table_header="| City |")
    assert embedding_texts("", [rows], COUNT, 100) == ["Hotels\n| City |\n| Rome |"]
    assert embedding_texts("", [rows], COUNT, 2) == ["| City |\n| Rome |"]
    assert embedding_texts("", [rows], COUNT, 1) == ["| Rome |"]


def test_nothing_is_said_twice() -> None:
    assert embedding_texts("Travel", [chunk("Book early.", "Travel")], COUNT, 100) == ["Travel\nBook early."]
    assert embedding_texts("Travel", [chunk("Travel is fun.")], COUNT, 100) == ["Travel is fun."]
    assert embedding_texts("", [chunk("Book early.")], COUNT, 100) == ["Book early."]


def test_notices_are_not_embedded_and_a_chunk_of_nothing_else_keeps_its_title() -> None:
    text = "Book early.\n\n[Page 2 cannot be read]"
    noticed = Chunk("d", 0, 50, 50 + len(text), text, notices=((63, 50 + len(text)),))
    assert embedding_texts("Travel", [noticed], COUNT, 100) == ["Travel\nBook early."]
    alone = Chunk("d", 0, 0, 5, "[Pic]", heading_path=("Two words",), notices=((0, 5),), captions="A quokka.")
    assert embedding_texts("Holiday", [alone], COUNT, 100) == ["Holiday > Two words\nA quokka."]
    assert embedding_texts("Holiday", [alone], COUNT, 1) == ["Holiday\nA quokka."]
    assert embedding_texts("One Holiday", [alone], COUNT, 0)[0].strip() != "A quokka."


def test_the_longest_heading_gives_way_and_never_the_chunk() -> None:
    title = "a title of very many words indeed"
    (text,) = embedding_texts(title, [chunk("one two three", "Short")], COUNT, 4)
    assert text == "Short\none two three"
    (text,) = embedding_texts(title, [chunk("one two three four", "Short")], COUNT, 4)
    assert text == "one two three four"
