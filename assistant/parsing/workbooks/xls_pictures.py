"""Finds the pictures on the sheets of an older Excel workbook ([MS-XLS], with drawings as in [MS-ODRAW])."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from assistant.parsing.legacy.office_art import (
    CONTAINER,
    PICTURE,
    PROPERTIES,
    SHAPE,
    STORE,
    STORE_ENTRY,
    alternative_text,
    image_file,
    properties,
    records,
    stored,
)
from assistant.parsing.workbooks.sheets import Extra

_BEGIN, _END, _CONTINUE, _SHEET, _GROUP, _DRAWING = 0x0809, 0x0A, 0x3C, 0x85, 0xEB, 0xEC
_MAX_DEPTH = 20  # groups of shapes in groups
_MAX_PICTURES = 10_000  # shapes that show one


def sheet_pictures(stream: bytes) -> dict[str, list[Extra]]:
    """Return the pictures on each sheet, by the sheets' names; what is damaged is left out.

    Args:
        stream: the workbook's.
    """
    sheets: list[tuple[str, int]] = []
    group = bytearray()
    for kind, content in _joined(stream, 0):
        if kind == _SHEET and len(content) >= 8:
            sheets.append((_name(content), int.from_bytes(content[:4], "little")))
        elif kind == _GROUP:
            group += content
    store = list(_stored(bytes(group)))
    found: dict[str, list[Extra]] = {}
    left = _MAX_PICTURES
    for name, at in sheets if store else ():
        drawing = b"".join(content for kind, content in _joined(stream, at) if kind == _DRAWING)
        for number, words in _shapes(drawing, 0, len(drawing), 0):
            if left > 0 and 0 < number <= len(store) and (store[number - 1] or words):
                found.setdefault(name, []).append(Extra("image", words, store[number - 1]))
                left -= 1
    return found


def _joined(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of the part that begins at `at`, each with what continues it; those of charts in it are not."""
    kind, parts, depth = 0, [b""], 0
    while at + 4 <= len(stream):
        following, length = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + length]
        at += 4 + length
        depth += (following == _BEGIN) - (following == _END)
        if depth > 1 or (depth == 1 and following == _END):  # a chart's
            continue
        if following == _CONTINUE:
            parts.append(content)
            continue
        yield kind, b"".join(parts)
        if depth <= 0:
            return
        kind, parts = following, [content]
    yield kind, b"".join(parts)


def _name(content: bytes) -> str:
    count, wide = content[6], content[7] & 1
    return (
        content[8 : 8 + count * 2].decode("utf-16-le", "replace") if wide else content[8 : 8 + count].decode("latin-1")
    )


def _stored(group: bytes) -> Iterator[bytes]:
    """Yield the workbook's pictures in the order of their numbers, nothing for one that is damaged."""
    for _, _, start, end in records(group, 0, len(group)):
        for _, kind, first, last in records(group, start, end):
            if kind == STORE:
                for _, entry, begin, stop in records(group, first, last):
                    yield stored(group, begin, stop) if entry == STORE_ENTRY else image_file(group, begin - 8, stop)


def _shapes(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[int, str]]:
    """Yield the number of the picture that each shape shows, and its alternative text."""
    for marks, kind, start, stop in records(data, at, end):
        if kind == SHAPE:
            for shape, one, first, last in records(data, start, stop):
                if one == PROPERTIES:
                    content, count = data[first:last], shape >> 4
                    number = next((value for named, value, _ in properties(content, count) if named == PICTURE), 0)
                    if number:
                        yield number, alternative_text(content, count)
        elif marks & 0xF == CONTAINER and depth < _MAX_DEPTH:
            yield from _shapes(data, start, stop, depth + 1)
