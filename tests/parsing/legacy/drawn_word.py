"""Puts shapes that float beside the text into Word files, and writes the records of pictures ([MS-ODRAW])."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import olefile

from tests.fakes.legacy_office import record
from tests.parsing.mail.make_msg import compound

PNG, EMF, WMF, PICT, BITMAP = (0xF01E, 0x6E0), (0xF01A, 0x3D4), (0xF01B, 0x216), (0xF01C, 0x542), (0xF01F, 0x7A8)
_ANCHORS, _HEADER_ANCHORS, _DRAWINGS = 40, 41, 50


@dataclass(frozen=True)
class Shape:
    """A shape that shows the picture `number` of the store, and those of its group if it is one."""

    identity: int
    number: int = 0
    words: str = ""
    marks: int = 0
    group: tuple[Shape, ...] = ()
    more: tuple[tuple[int, int], ...] = ()


def stored_picture(kind: tuple[int, int], data: bytes) -> bytes:
    """Return the record of a picture of `kind`."""
    return record(kind[0], bytes(17) + data, instance=kind[1])


def stored_metafile(
    kind: tuple[int, int], data: bytes, points: tuple[int, int] = (200, 100), packed: bytes | None = None
) -> bytes:
    """Return the record of a metafile, packed; `packed` stands for what cannot be unpacked."""
    packed = zlib.compress(data) if packed is None else packed
    sides = (side * 12_700 for side in points)
    head = struct.pack("<I4i2iIBB", len(data), 0, 0, 0, 0, *sides, len(packed), 0, 0xFE)
    return record(kind[0], bytes(16) + head + packed, instance=kind[1])


def emf(width: int = 200, height: int = 100, more: bytes = b"") -> bytes:
    """Return an EMF of that size in pixels."""
    sizes = struct.pack("<8i", 0, 0, width, height, 0, 0, width * 26, height * 26)
    head = struct.pack("<II", 1, 108) + sizes + b" EMF" + struct.pack("<II", 0x10000, 128 + len(more)) + bytes(60)
    return head + more + struct.pack("<IIIII", 14, 20, 0, 0, 20)


def wmf(more: bytes = b"") -> bytes:
    """Return a WMF without what a file has in front."""
    return b"\x01\0\x09\0\0\3" + bytes(12) + more


def entry(picture: bytes, place: int | None = None, uses: int = 1, name: bytes = b"") -> bytes:
    """Return an entry of the store, with its picture behind it or at `place` of another stream."""
    head = bytes(20) + struct.pack("<III", len(picture), uses, 0xFFFFFFFF if place is None else place)
    return record(0xF007, head + bytes([0, len(name), 0, 0]) + name + (picture if place is None else b""))


def shape(one: Shape) -> bytes:
    """Return a shape, or the group whose first it is."""
    stated = [(0x4104, one.number), *one.more] if one.number else [*one.more]
    said = one.words.encode("utf-16-le") + b"\0\0"
    table = b"".join(struct.pack("<HI", *each) for each in stated) + struct.pack("<HI", 0xC381, len(said)) + said
    identity = record(0xF00A, struct.pack("<II", one.identity, one.marks))
    found = record(0xF004, identity + record(0xF00B, table, instance=len(stated) + 1), container=True)
    return record(0xF003, found + b"".join(map(shape, one.group)), container=True) if one.group else found


def drawn(
    file: bytes,
    pictures: Sequence[bytes],
    shapes: Sequence[Shape] = (),
    anchors: Sequence[tuple[int, int]] = (),
    header: tuple[Sequence[Shape], Sequence[tuple[int, int]]] = ((), ()),
    uses: int = 1,
) -> bytes:
    """Return a Word file with these shapes, whose pictures stand in its main stream.

    Args:
        file: of `legacy_office.word`.
        pictures: their records.
        shapes: those of the main text.
        anchors: positions in it, and the numbers of the shapes there.
        header: both of the headers.
        uses: how many shapes show each picture, as the file says.
    """
    with olefile.OleFileIO(io.BytesIO(file)) as ole:
        streams = {name: ole.openstream(name).read() for name in ("WordDocument", "1Table", "Data")}
    main, table = bytearray(streams["WordDocument"]), bytearray(streams["1Table"])
    entries = b""
    for picture in pictures:
        entries += entry(picture, len(main), uses)
        main += picture
    store = record(0xF001, entries, len(pictures), container=True)
    drawings = record(0xF000, record(0xF006, bytes(16)) + store, container=True)
    for mark, those in enumerate((shapes, header[0])):
        page = Shape(1024 * (mark + 1), marks=5, group=tuple(those) or (Shape(9),))
        drawings += bytes([mark]) + record(0xF002, record(0xF008, bytes(8)) + shape(page), container=True)
    for index, content in (
        (_DRAWINGS, drawings),
        (_ANCHORS, _anchors(anchors)),
        (_HEADER_ANCHORS, _anchors(header[1])),
    ):
        struct.pack_into("<II", main, 0x9A + 8 * index, len(table), len(content))
        table += content
    return compound({"WordDocument": bytes(main), "1Table": bytes(table), "Data": streams["Data"]})


def _anchors(found: Sequence[tuple[int, int]]) -> bytes:
    if not found:
        return b""
    positions = [position for position, _ in found]
    shapes = b"".join(struct.pack("<I", number) + bytes(22) for _, number in found)
    return struct.pack(f"<{len(found) + 1}I", *positions, positions[-1] + 1) + shapes
