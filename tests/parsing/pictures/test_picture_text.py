"""The text in a document's pictures comes where they stand, and everything behind it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

from PIL import Image

from assistant.parsing.builder import TextBuilder
from assistant.parsing.check import check_document
from assistant.parsing.pictures.picture_text import with_picture_text
from assistant.parsing.pictures.reading import Line, Reading
from assistant.types import Box, Document, DocumentRef, Picture, Place

REF = DocumentRef("files", "a.pptx", "", "a.pptx", "", "application/x")


def png(color: str, width: int = 200, height: int = 100) -> bytes:
    target = BytesIO()
    Image.new("RGB", (width, height), color).save(target, "PNG")
    return target.getvalue()


def read(image: Image.Image, confidence: float = 0.99) -> Reading:
    """Read the picture's colour and, in a second row, its size."""
    color = {(255, 0, 0): "RED", (0, 0, 255): "BLUE"}.get(image.convert("RGB").getpixel((0, 0)), "")  # type: ignore[call-overload]
    if not color:
        return Reading()
    rows = ((Line(color, 0, 0, image.width / 2, 10, confidence), Line("WALL", 100, 0, 150, 10, confidence)),)
    return Reading(((*rows, (Line(str(image.width), 0, 50, 200, 60, confidence),)),), 0, confidence)


WORDS = "RED WALL\n200"


def paged(parts: Sequence[tuple[str, Sequence[str]]]) -> Document:
    """Return a document with a page for each text and the pictures behind it."""
    builder, pages = TextBuilder(), []
    for number, (text, colors) in enumerate(parts, start=1):
        before = builder.length
        builder.add("text", text, page=number)
        for color in colors:
            builder.add_picture(png(color), page=number, box=Box(number, 10, 20, 110, 70))
        pages.append(builder.page_since(before, number))
    return builder.build(REF, pages=pages)


def test_words_come_between_their_neighbours():
    document = with_picture_text(paged([("Before.", ["red"]), ("After.", [])]), read)
    check_document(document)
    assert document.text == f"Before.\n\n{WORDS}\n\nAfter."
    assert [(b.kind, b.page) for b in document.blocks] == [("text", 1), ("image", 1), ("text", 2)]
    assert [document.text[p.start : p.end].strip() for p in document.pages] == [f"Before.\n\n{WORDS}", "After."]
    (picture,) = document.pictures
    assert document.text[picture.start : picture.end] == WORDS
    assert [document.text[p.start : p.end] for p in document.places] == ["RED", "WALL", "200"]
    assert document.places[1].box == Box(1, 60, 20, 85, 25)


def test_pages_without_any_other_text_hold_their_pictures_words():
    document = with_picture_text(paged([("", ["red"]), ("Two.", []), ("", ["blue"])]), read)
    check_document(document)
    assert [document.text[p.start : p.end].strip() for p in document.pages] == [WORDS, "Two.", "BLUE WALL\n200"]
    assert [document.page_at(picture.start) for picture in document.pictures] == [1, 3]


def test_a_document_of_one_picture_is_its_words():
    document = with_picture_text(paged([("", ["red"])]), read)
    check_document(document)
    assert document.text == WORDS


def test_several_pictures_at_one_place_keep_their_order():
    document = with_picture_text(paged([("Before.", ["red", "green", "blue"]), ("After.", [])]), read)
    check_document(document)
    assert document.text == f"Before.\n\n{WORDS}\n\nBLUE WALL\n200\n\nAfter."
    assert [document.text[p.start : p.end] for p in document.pictures] == [WORDS, "", "BLUE WALL\n200"]


def test_an_alternative_text_stays_before_the_words():
    builder = TextBuilder()
    builder.add_picture(png("red"), text="A wall")
    builder.add("text", "After.")
    document = with_picture_text(builder.build(REF), read)
    check_document(document)
    assert document.text == f"A wall\n\n{WORDS}\n\nAfter."
    assert document.text[document.pictures[0].start : document.pictures[0].end] == f"A wall\n\n{WORDS}"


def test_a_picture_within_a_block_comes_behind_it():
    document = paged([("One long paragraph.", ["red"])])
    inside = replace(document, pictures=(replace(document.pictures[0], start=3, end=3),))
    document = with_picture_text(inside, read)
    check_document(document)
    assert document.text == f"One long paragraph.\n\n{WORDS}"


def test_earlier_places_stay_and_later_ones_move():
    document = paged([("Before.", ["red"]), ("After.", [])])
    box = Box(1, 0, 0, 1, 1)
    after = document.text.index("After")
    document = replace(document, places=(Place(0, 6, box), Place(after, after + 5, box)))
    document = with_picture_text(document, read)
    check_document(document)
    assert [document.text[p.start : p.end] for p in document.places] == ["Before", "RED", "WALL", "200", "After"]


def test_a_picture_that_was_recognised_or_is_the_document_is_left_alone():
    document = paged([("A drawing", []), ("Text.", [])])
    whole = replace(document, pictures=(Picture(0, len(document.text), "image/png", png("red")),))
    assert with_picture_text(whole, read) is whole
    scanned = replace(
        document, pictures=(Picture(0, 9, "image/png", png("red")),), places=(Place(2, 9, Box(1, 0, 0, 1, 1)),)
    )
    assert with_picture_text(scanned, read) is scanned


def test_what_was_read_already_is_left_alone():
    builder = TextBuilder()
    builder.add_picture(png("red"), text="one paragraph\n\nanother")
    builder.add("text", "After.")
    document = builder.build(REF)
    assert with_picture_text(document, read) is document


def test_a_picture_that_a_notice_stands_for_is_left_alone_and_words_in_brackets_are_none():
    builder = TextBuilder()
    builder.add("notice", "[Page 1 is kept as an image]")
    builder.add("text", "After.")
    document = replace(builder.build(REF), pictures=(Picture(0, 28, "image/png", png("red")),))
    assert with_picture_text(document, read) is document
    builder = TextBuilder()
    builder.add_picture(png("red"), text="[Logo]")
    builder.add("text", "After.")
    assert with_picture_text(builder.build(REF), read).text == f"[Logo]\n\n{WORDS}\n\nAfter."


def test_what_cannot_be_relied_on_small_pictures_and_broken_ones_say_nothing():
    builder = TextBuilder()
    builder.add("text", "Text.")
    builder.add_picture(png("red", 60, 60))
    builder.add_picture(png("blue")[:150])
    document = builder.build(REF)
    assert with_picture_text(document, read) is document
    assert with_picture_text(paged([("Text.", ["red"])]), lambda image: read(image, 0.5)).text == "Text."


def test_time_that_is_used_up_is_said():
    document = with_picture_text(paged([("Text.", ["red", "blue"])]), read, seconds=-1)
    check_document(document)
    assert document.text.endswith("[The text in 2 of the pictures was not read: the time for them was used up]")
    assert document.pages[0].end == len(document.text)
    assert document.own_text.strip() == "Text."


def test_pictures_without_any_text_are_still_a_document():
    document = with_picture_text(paged([("", ["green"]), ("", ["green"])]), read)
    check_document(document)
    assert document.text == "[Pictures only: no text was found in them]"
    assert [(block.kind, block.page) for block in document.blocks] == [("notice", 2)]


def test_pictures_whose_text_is_not_read_are_not_said_to_have_none():
    document = with_picture_text(paged([("", ["green"])]), lambda _: Reading(unread=1.0))
    assert document.text == "[Pictures only: their text could not be read reliably]"
