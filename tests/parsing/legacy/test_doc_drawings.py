"""Pictures that float beside the text of older Word files."""

from __future__ import annotations

import random
import struct

import pytest

from assistant.errors import IngestError
from assistant.parsing.check import check_document
from assistant.parsing.legacy.doc import LegacyDocParser
from assistant.parsing.legacy.doc_drawings import Drawings
from assistant.types import Document, DocumentRef
from tests.fakes.legacy_office import IN_TABLE, ROW_END, Line, record, word, word_picture
from tests.fakes.office_parts import picture
from tests.parsing.legacy.drawn_word import EMF, PNG, Shape, drawn, emf, entry, stored_metafile, stored_picture

REF = DocumentRef("files", "folder/a.doc", "v1", "a.doc", "", "application/msword")
RED, BLUE, GREEN = (picture(64, colour) for colour in ("red", "blue", "green"))
STORED = [stored_picture(PNG, data) for data in (RED, BLUE, GREEN)]
TEXT = word([Line("One \x08 here\r"), Line("\x08Two\r"), Line("Three\r")])


def read(data: bytes) -> Document:
    document = LegacyDocParser().parse(REF, data)
    check_document(document)
    return document


def shown(document: Document) -> list[tuple[bytes, str]]:
    """Return the pictures, each with the text up to it that its place says."""
    return [(one.data, document.text[: one.end].rsplit("\n", 1)[-1]) for one in document.pictures]


def test_pictures_stand_at_their_anchors_with_their_words():
    shapes = [Shape(1026, 2, "A blue one"), Shape(1027, 1, "A red one")]
    document = read(drawn(TEXT, STORED[:2], shapes, [(4, 1027), (11, 1026)]))
    assert document.text == "One  here\n\nA red one\n\nTwo\n\nA blue one\n\nThree"
    assert shown(document) == [(RED, "A red one"), (BLUE, "A blue one")]


def test_all_of_a_group_stand_at_its_anchor():
    inner = Shape(1028, group=(Shape(1029, 2, "B"),))
    group = Shape(1026, group=(Shape(1027, 1, "A"), inner))
    document = read(drawn(TEXT, STORED, [group, Shape(1030, 3, "C")], [(4, 1026), (11, 1030)]))
    assert document.text == "One  here\n\nA\n\nB\n\nTwo\n\nC\n\nThree"
    assert shown(document) == [(RED, "A"), (BLUE, "B"), (GREEN, "C")]


def test_pictures_without_a_place_stand_at_the_end():
    document = read(drawn(TEXT, STORED, [Shape(1026, 1, "Anywhere"), Shape(1027, 2)], [(4, 1027), (300, 1026)]))
    assert document.text == "One  here\n\nTwo\n\nThree\n\nAnywhere"
    assert [(one.data, one.start) for one in document.pictures] == [(BLUE, 9), (RED, 23), (GREEN, 31)]


def test_what_the_store_keeps_for_nobody_is_not_shown():
    assert read(drawn(TEXT, STORED, uses=0)).pictures == ()


def test_deleted_shapes_and_those_in_deleted_text_are_not_shown():
    gone = struct.pack("<HB", 0x0800, 1)
    file = word([Line("One \x08 here\r"), Line("\x08Two\r")], runs=((4, 5, gone),))
    shapes = [Shape(1026, 1, "Gone"), Shape(1027, 2, "Kept"), Shape(1028, 3, "Gone too", marks=8)]
    document = read(drawn(file, STORED, shapes, [(4, 1026), (11, 1027)]))
    assert shown(document) == [(BLUE, "Kept")]
    assert "Gone" not in document.text


def test_a_picture_that_fills_a_shape_is_shown_and_a_texture_is_not():
    filled = Shape(1026, words="Filled", more=((0x0180, 3), (0x4186, 1)))
    textured = Shape(1027, words="Textured", more=((0x0180, 2), (0x4186, 2)))
    assert shown(read(drawn(TEXT, STORED[:2], [filled, textured], [(4, 1026), (11, 1027)]))) == [(RED, "Filled")]


def test_headers_show_their_own_pictures_once():
    file = word([Line("Text\r")], headers=("", "\x08Top\r", "", "", "\x08Top\r", ""))
    logos = [Shape(2050, 1, "Logo"), Shape(2051, 1, "Logo")]
    document = read(drawn(file, STORED[:1], header=(logos, [(0, 2050), (5, 2051)])))
    assert document.text == "Top\n\nLogo\n\nText"
    logos[1] = Shape(2051, 2, "Another")
    document = read(drawn(file, STORED[:2], header=(logos, [(0, 2050), (5, 2051)])))
    assert document.text == "Top\n\nLogo\n\nTop\n\nAnother\n\nText"
    assert shown(document) == [(RED, "Logo"), (BLUE, "Another")]


def test_pictures_in_a_table_stand_behind_it():
    cells = [Line(text, properties=IN_TABLE) for text in ("City\x07", "\x08Rome\x07")]
    file = word([*cells, Line("\x07", properties=ROW_END), Line("After\r")])
    document = read(drawn(file, STORED[:1], [Shape(1026, 1, "A map")], [(5, 1026)]))
    assert document.text == "| City | Rome |\n| --- | --- |\n\nA map\n\nAfter"


def test_pictures_that_fields_hide_are_not_shown():
    file = word([Line("\x13IF \x08\x14shown\x15\r")])
    document = read(drawn(file, STORED[:1], [Shape(1026, 1, "Hidden")], [(4, 1026)]))
    assert (document.text, document.pictures) == ("shown", ())


def test_metafiles_are_counted():
    vector = stored_metafile(EMF, emf())
    shapes = [Shape(1026, 1, "A plan"), Shape(1027, 2)]
    document = read(drawn(TEXT, [vector, STORED[0]], shapes, [(4, 1026), (11, 1027)]))
    assert document.text == "One  here\n\nA plan\n\nTwo\n\nThree\n\n[Pictures that cannot be shown: 1 EMF]"
    assert [one.data for one in document.pictures] == [RED]


def test_metafiles_in_the_text_are_counted():
    runs = ((4, 5, struct.pack("<HI", 0x6A03, 0)),)
    inline = word_picture(RED, "A plan")
    at = inline.index(struct.pack("<HH", 0x6E00, 0xF01E))
    vector = inline[:at] + stored_metafile(EMF, emf())
    vector = struct.pack("<i", len(vector)) + vector[4:]
    document = read(word([Line("See \x01 it\r")], runs=runs, data=vector))
    assert document.text == "See  it\n\nA plan\n\n[Pictures that cannot be shown: 1 EMF]"


@pytest.mark.parametrize("is_entry", [True, False])
def test_pictures_may_stand_in_the_store_itself(is_entry: bool):
    stored = entry(STORED[0], name=b"a\0b\0") if is_entry else STORED[0]
    content = record(0xF000, record(0xF001, stored, container=True), container=True)
    assert list(Drawings(content, b"", ()).without_place()) == [(RED, "")]


def test_shapes_within_shapes_without_end_are_left_out():
    deep = b""
    for _ in range(3000):
        deep = record(0xF005, deep, container=True)
    drawings = Drawings(record(0xF000, b"", container=True) + b"\0" + record(0xF002, deep, container=True), b"", ())
    assert list(drawings.without_place()) == []


def test_damage_costs_the_pictures_at_most():
    dice = random.Random(3)
    group = Shape(1026, group=(Shape(1027, 1, "A"), Shape(1028, 2, "B")))
    good = drawn(TEXT, STORED, [group, Shape(1030, 3, "C")], [(4, 1026), (11, 1030)])
    for _ in range(200):
        data = bytearray(good)
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            read(bytes(data))
        except IngestError as error:
            assert "folder/a.doc" in error.message  # noqa: PT017 (an error is allowed, not asked for)
