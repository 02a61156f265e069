"""Changes Office packages part by part, and writes parts of binary workbooks, where no library can."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def with_parts(package: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """Return a package with parts added or replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return target.getvalue()


def part(package: bytes, name: str) -> str:
    """Return the text of a part."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name).decode("utf-8")


def relations(*targets: tuple[str, str]) -> str:
    """Return a relations part: the last word of each relation's type and its target, with the ids r1, r2, ..."""
    found = (
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(found)}</Relationships>'


def record(kind: int, payload: bytes = b"") -> bytes:
    """Return a record of the binary workbook format."""
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(payload)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return number + size + payload


def wide(text: str) -> bytes:
    """Return a string of the binary workbook format."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_workbook(cells: Mapping[tuple[int, int], str], comments: bytes = b"") -> bytes:
    """Return an XLSB workbook with one sheet, `Data`."""
    sheet = record(0x81) + record(0x94, bytes(16)) + record(0x91)
    for row in sorted({at for at, _ in cells}):
        sheet += record(0, struct.pack("<I", row) + bytes(21))
        for (at, column), text in sorted(cells.items()):
            if at == row:
                sheet += record(6, struct.pack("<II", column, 0) + wide(text))
    sheet += record(0x92) + record(0x82)
    book = record(0x83) + record(0x8F) + record(0x9C, struct.pack("<II", 0, 1) + wide("r1") + wide("Data"))
    book += record(0x90) + record(0x84)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations(("officeDocument", "xl/workbook.bin")))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", relations(("worksheet", "worksheets/sheet1.bin")))
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        if comments:
            archive.writestr("xl/worksheets/_rels/sheet1.bin.rels", relations(("comments", "../comments1.bin")))
            archive.writestr("xl/comments1.bin", comments)
    return target.getvalue()


def picture(size: int = 64, colour: str = "red") -> bytes:
    """Return a PNG."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(target, "PNG")
    return target.getvalue()
