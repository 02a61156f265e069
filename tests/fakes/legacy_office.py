"""Writes tiny files of the old binary formats of Word and PowerPoint, as no library does."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tests.parsing.mail.make_msg import compound


@dataclass(frozen=True)
class Line:
    """A paragraph of a Word file: its text with its mark, the number of its style and its properties."""

    text: str
    style: int = 0
    properties: bytes = b""


IN_TABLE = struct.pack("<HB", 0x2416, 1)
ROW_END = IN_TABLE + struct.pack("<HB", 0x2417, 1)
NUMBERED = struct.pack("<HBHH", 0x260A, 0, 0x460B, 1)
_STYLES = (0, 1, 62)  # normal, heading 1, title: the styles 0, 1 and 2


def word(
    lines: list[Line],
    notes: str = "",
    headers: tuple[str, ...] = (),
    comment: tuple[str, str] | None = None,
    runs: tuple[tuple[int, int, bytes], ...] = (),
    data: bytes = b"",
) -> bytes:
    """Return a Word file with a numbered list, the list number 1 (`I.`, `II.`).

    Args:
        lines: the main text.
        notes: the text of the footnotes.
        headers: the headers and footers of a section, in the order of the format.
        comment: who wrote one, and its text.
        runs: characters of the main text (from, to) and their properties.
        data: the stream that pictures stand in.
    """
    main = "".join(line.text for line in lines)
    said = comment[1] + "\r" if comment else ""
    text = main + notes + "".join(headers) + said
    parts: dict[int, bytes] = {1: _styles(), 73: b"", 74: struct.pack("<I4I", 1, 99, 0, 0, 0)}
    if headers:
        parts[11] = _positions(headers)
    if comment:
        parts[4] = struct.pack("<II", 0, 1) + bytes(30)
        parts[5] = struct.pack("<III", 0, len(said), len(said))
        parts[36] = struct.pack("<H", len(comment[0])) + comment[0].encode("utf-16-le")
    start = 4096
    parts[33] = b"\2" + struct.pack("<I", 16) + struct.pack("<IIHIH", 0, len(text), 0, start, 0)
    pages, first_page = _pages(lines, start), 8
    parts[13] = struct.pack("<II", start, start + 2 * len(text)) + struct.pack("<I", first_page - 1)
    if runs:
        parts[12] = struct.pack("<II", start, start + 2 * len(text)) + struct.pack("<I", first_page - 2)
    head = bytearray(start)
    struct.pack_into("<HH", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 10, 0x0200)
    struct.pack_into("<7I", head, 0x4C, len(main), len(notes), sum(map(len, headers)), 0, len(said), 0, 0)
    head[(first_page - 1) * 512 : first_page * 512] = pages
    head[(first_page - 2) * 512 : (first_page - 1) * 512] = _runs(runs, start)
    table = bytearray()
    parts[73] = struct.pack("<Hii18sBB", 1, 99, 0, bytes(18), 1, 0)
    for number, content in parts.items():
        struct.pack_into("<II", head, 0x9A + 8 * number, len(table), len(content))
        table += content
        if number == 73:  # how the list's one level counts stands behind it
            table += struct.pack("<iB", 1, 1) + bytes(23) + bytes(2)
    stream = bytes(head) + text.encode("utf-16-le")
    return compound({"WordDocument": stream, "1Table": bytes(table) + bytes(4096), "Data": data + bytes(4096)})


def _positions(headers: tuple[str, ...]) -> bytes:
    positions = [0] * 7
    for header in headers:
        positions.append(positions[-1] + len(header))
    return struct.pack(f"<{len(positions)}I", *positions)


def _styles() -> bytes:
    content = struct.pack("<HHH", 18, len(_STYLES), 10) + bytes(14)
    for identity in _STYLES:
        content += struct.pack("<HHH", 10, identity, 0xFFF1) + bytes(6)
    return content


def _pages(lines: list[Line], start: int) -> bytes:
    page = bytearray(512)
    page[511] = len(lines)
    at, free = start, 510
    for number, line in enumerate(lines):
        struct.pack_into("<I", page, 4 * number, at)
        at += 2 * len(line.text)
        stored = struct.pack("<H", line.style) + line.properties
        stored += b"\0" * (len(stored) % 2)
        free -= len(stored) + 2
        page[free : free + 2 + len(stored)] = bytes([0, len(stored) // 2]) + stored
        page[4 * (len(lines) + 1) + 13 * number] = free // 2
    struct.pack_into("<I", page, 4 * len(lines), at)
    return bytes(page)


def _runs(runs: tuple[tuple[int, int, bytes], ...], start: int) -> bytes:
    """Return a page of properties of characters, with runs without any between those that have some."""
    page = bytearray(512)
    places: list[tuple[int, bytes]] = [(0, b"")]
    for first, last, stored in runs:
        places += [(first, stored), (last, b"")]
    page[511] = len(places)
    free = 510
    for number, (place, stored) in enumerate(places):
        struct.pack_into("<I", page, 4 * number, start + 2 * place)
        if stored:
            free -= len(stored) + 1 + (len(stored) + 1) % 2
            page[free : free + 1 + len(stored)] = bytes([len(stored)]) + stored
            page[4 * (len(places) + 1) + number] = free // 2
    struct.pack_into("<I", page, 4 * len(places), start + 2 * (places[-1][0] + 1))
    return bytes(page)


def word_picture(image: bytes, words: str) -> bytes:
    """Return what the stream of pictures holds of one: its shape with alternative text, and the PNG."""
    art = record(0xF004, record(0xF00B, _words(words), instance=1), container=True)
    art += record(0xF007, bytes(36) + record(0xF01E, bytes(17) + image, instance=0x6E0))
    return struct.pack("<iHh", 68 + len(art), 68, 0x64) + bytes(60) + art


def _words(words: str) -> bytes:
    said = words.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HI", 0x8381, len(said)) + said


def record(kind: int, content: bytes, instance: int = 0, container: bool = False) -> bytes:
    """Return a record of a PowerPoint file."""
    return struct.pack("<HHI", instance << 4 | (0xF if container else 0), kind, len(content)) + content


def texts(*said: tuple[int, str]) -> bytes:
    """Return texts with their kinds: 0 is a title, 1 a body, 2 notes, 4 another."""
    return b"".join(
        record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, text.encode("utf-16-le")) for kind, text in said
    )


def drawing(*shapes: bytes) -> bytes:
    """Return the drawing of a slide."""
    return record(0x040C, record(0xF002, b"".join(shapes), container=True), container=True)


def shape(content: bytes, sides: tuple[int, int, int, int] | None = None) -> bytes:
    """Return a shape with the texts `content`; `sides` are left, top, right and bottom within a group."""
    anchor = record(0xF00F, struct.pack("<4i", *sides)) if sides else b""
    return record(0xF004, anchor + record(0xF00D, content, container=True), container=True)


def table(*shapes: bytes) -> bytes:
    """Return a group of shapes that is a table."""
    mark = record(0xF122, struct.pack("<HI", 0x039F, 1), instance=1)
    return record(0xF003, record(0xF004, mark, container=True) + b"".join(shapes), container=True)


def picture_shape(words: str) -> bytes:
    """Return a shape of an inch by half an inch that shows the first picture of the file."""
    stated = struct.pack("<HI", 0x4104, 1) + _words(words)
    anchor = record(0xF010, struct.pack("<4h", 576, 0, 576, 864))
    return record(0xF004, record(0xF00B, stated, instance=2) + anchor, container=True)


def powerpoint(slides: list[tuple[bytes, bytes]], notes: str = "", older: bytes = b"", image: bytes = b"") -> bytes:
    """Return a PowerPoint file.

    Args:
        slides: what the list of slides keeps of each as text, and what its container holds.
        notes: those of the first slide.
        older: a first slide that a later edit replaced.
        image: a PNG, the file's first picture.
    """
    lists = b"".join(
        record(0x03F3, struct.pack("<IIIII", number + 1, 0, 0, 256 + number, 0)) + outline
        for number, (outline, _) in enumerate(slides, start=1)
    )
    document = record(0x0FF0, lists, container=True)
    contents = [record(0x03EE, content, container=True) for _, content in slides]
    if notes:
        listed = record(0x03F3, struct.pack("<IIIII", len(slides) + 2, 0, 0, 900, 0))
        document += record(0x0FF0, listed, instance=2, container=True)
        page = record(0x03F1, struct.pack("<II", 257, 0)) + drawing(shape(texts((2, notes))))
        contents.append(record(0x03F0, page, container=True))
    if image:
        document += record(0x040B, record(0xF000, record(0xF007, bytes(36)), container=True), container=True)
    document = record(0x03E8, document, container=True)
    stream, before = b"", 0
    for parts in ([document, record(0x03EE, older, container=True)] if older else [], [document, *contents]):
        places = []
        for content in parts:
            places.append(len(stream))
            stream += content
        if parts:
            directory = len(stream)
            stream += record(0x1772, struct.pack(f"<{len(places) + 1}I", len(places) << 20 | 1, *places))
            edit = len(stream)
            stream += record(0x0FF5, struct.pack("<IIIIII", 0, 0, before, directory, 1, 0))
            before = edit
    user = record(0x0FF6, struct.pack("<III", 20, 0xE391C05F, before) + bytes(20))
    pictures = record(0xF01E, bytes(17) + image, instance=0x6E0) + bytes(4096)
    return compound({"PowerPoint Document": stream + bytes(4096), "Current User": user, "Pictures": pictures})
