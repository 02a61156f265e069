"""Pictures on the sheets of older Excel workbooks, written here record by record as no library does."""

from __future__ import annotations

import io
import random
import struct

from PIL import Image

from assistant.errors import IngestError
from assistant.parsing.check import check_document
from assistant.parsing.workbooks.xls import XlsParser
from assistant.parsing.workbooks.xls_pictures import sheet_pictures
from assistant.types import Document, DocumentRef
from tests.parsing.legacy.drawn_word import EMF, WMF, emf, stored_metafile, wmf
from tests.parsing.mail.make_msg import compound

REF = DocumentRef("files", "a.xls", "v1", "a.xls", "", "application/vnd.ms-excel")
LIMIT = 2000  # bytes of a record here, so that pictures are continued in others
BLIPS = {"PNG": (0xF01E, 0x6E0), "JPEG": (0xF01D, 0x46A)}


def picture(kind: str, width: int) -> bytes:
    output = io.BytesIO()
    Image.effect_noise((width, 100), 50).save(output, kind)
    return output.getvalue()


def record(kind: int, content: bytes = b"") -> bytes:
    found = struct.pack("<HH", kind, len(content[:LIMIT])) + content[:LIMIT]
    for at in range(LIMIT, len(content), LIMIT):
        found += struct.pack("<HH", 0x3C, len(content[at : at + LIMIT])) + content[at : at + LIMIT]
    return found


def art(kind: int, content: bytes, version: int = 0, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4 | version, kind, len(content)) + content


def begin(kind: int) -> bytes:
    return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 6))


def group(pictures: list[bytes]) -> bytes:
    entries = b""
    for data in pictures:
        kind, instance = BLIPS["PNG" if data.startswith(b"\x89") else "JPEG"]
        ready = data[3:4] == b"\xf0"
        blip = data if ready else art(kind, bytes(17) + data, instance=instance)
        entries += art(0xF007, bytes(36) + blip, 2)
    return record(0xEB, art(0xF000, art(0xF006, bytes(16)) + art(0xF001, entries, 15), 15))


def shape(number: int, words: str) -> bytes:
    said = words.encode("utf-16-le") + b"\0\0"
    table = struct.pack("<HIHI", 0x4104, number, 0xC381, len(said)) + said
    found = art(0xF004, art(0xF00A, bytes(8), 2) + art(0xF00B, table, 3, 2), 15)
    return art(0xF003, found, 15) if words == "in a group" else found


def workbook(pictures: list[bytes], sheets: dict[str, list[tuple[int, str]]]) -> bytes:
    """Return the workbook's stream; the sheets hold numbers of pictures and their words, and a chart before them."""
    bodies = []
    for number, shapes in enumerate(sheets.values()):
        drawn = art(0xF003, b"".join(shape(*one) for one in shapes), 15)
        drawing = art(0xF002, art(0xF008, bytes(8)) + drawn, 15)
        chart = begin(0x20) + record(0xEC, b"a chart's") + record(0x0A)
        first = record(0xEC, drawing[:40]) + record(0x5D, bytes(22)) + chart
        cell = record(0x203, struct.pack("<HHHd", 0, 0, 0, float(number + 7)))
        bodies.append(begin(0x10) + record(0x200, struct.pack("<IIHHH", 0, 1, 0, 1, 0)) + cell + first
                      + record(0xEC, drawing[40:]) + record(0x0A))  # fmt: skip
    names = [struct.pack("<BB", len(name), 1) + name.encode("utf-16-le") for name in sheets]
    head, tail = begin(5) + record(0x42, struct.pack("<H", 1200)), group(pictures) + record(0x0A)
    at = len(head) + sum(4 + 6 + len(name) for name in names) + len(tail)
    for name, body in zip(names, bodies, strict=True):
        head += record(0x85, struct.pack("<IBB", at, 0, 0) + name)
        at += len(body)
    return head + tail + b"".join(bodies)


def parse(stream: bytes) -> Document:
    document = XlsParser().parse(REF, compound({"Workbook": stream}))
    check_document(document)
    return document


PICTURES = [picture("PNG", 150), picture("JPEG", 160)]
SHEETS = {"Plan": [(2, "The map")], "Größe": [(1, ""), (2, "The same map")], "None": [(9, "Not there")]}


def test_pictures_are_on_their_sheets_with_their_words():
    document = parse(workbook(PICTURES, SHEETS))
    assert [(page.name, document.text[page.start : page.end].split()[-1]) for page in document.pages] == [
        ("Plan", "map"),
        ("Größe", "map"),
        ("None", "9"),
    ]
    assert [(one.media_type, one.data, one.page, document.text[one.start : one.end]) for one in document.pictures] == [
        ("image/jpeg", PICTURES[1], 1, "The map"),
        ("image/png", PICTURES[0], 2, ""),
    ]


def test_shapes_in_groups_and_workbooks_without_pictures():
    (found,) = sheet_pictures(workbook([PICTURES[0]], {"Plan": [(1, "in a group")]}))["Plan"]
    assert (found.text, found.picture) == ("in a group", PICTURES[0])
    assert sheet_pictures(workbook([], {"Plan": [(1, "x")]})) == {}
    assert sheet_pictures(b"") == {}


def test_metafiles_are_counted_and_the_words_of_broken_pictures_stay():
    pictures = [stored_metafile(EMF, emf()), stored_metafile(WMF, wmf()), art(0xF020, bytes(40))]
    sheets = {"Plan": [(1, "The plan"), (3, "Broken")], "Map": [(2, ""), (1, "")]}
    document = parse(workbook(pictures, sheets))
    assert [document.text[page.start : page.end].split("\n\n") for page in document.pages] == [
        ["Plan", "7", "The plan", "Broken"],
        ["Map", "8", "[Pictures that cannot be shown: 1 EMF, 1 WMF, pages 1, 2]"],
    ]
    assert document.pictures == ()


def test_damage_costs_the_pictures_at_most():
    dice, good = random.Random(5), workbook(PICTURES, SHEETS)
    for _ in range(200):
        damaged = bytearray(good)
        for _ in range(dice.randint(1, 20)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            parse(bytes(damaged[: dice.randint(len(damaged) // 2, len(damaged))]))
        except IngestError as error:
            assert "a.xls" in error.message  # noqa: PT017 (an error is allowed, not asked for)
