"""The image files in the records that old binary Office files keep pictures in."""

from __future__ import annotations

import io
import os
import zlib

import pytest
from PIL import Image

from assistant.parsing.builder import TextBuilder
from assistant.parsing.legacy.office_art import image_file, stored
from assistant.parsing.shown import shown_type, why_unshown
from assistant.types import DocumentRef
from tests.fakes.office_parts import picture
from tests.parsing.legacy.drawn_word import (
    BITMAP,
    EMF,
    PICT,
    PNG,
    WMF,
    emf,
    entry,
    stored_metafile,
    stored_picture,
    wmf,
)


def read(stored_one: bytes) -> bytes:
    return image_file(stored_one, 0, len(stored_one))


@pytest.mark.parametrize("mode", ["1", "P", "RGB"])
def test_bitmaps_become_files(mode: str):
    image = Image.effect_noise((70, 60), 50).convert(mode)
    target = io.BytesIO()
    image.save(target, "BMP")
    data = read(stored_picture(BITMAP, target.getvalue()[14:]))
    assert shown_type(data) == "image/bmp"
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.convert("RGB").tobytes() == image.convert("RGB").tobytes()


def test_bitmaps_of_the_first_kind_and_broken_ones():
    old = (12).to_bytes(4, "little") + b"\x46\0\x3c\0\1\0\1\0" + b"\0\0\0\xff\xff\xff" + bytes(12 * 60)
    data = read(stored_picture(BITMAP, old))
    assert data[:2] == b"BM"
    assert data[10:14] == (14 + 12 + 6).to_bytes(4, "little")
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (70, 60)
        opened.load()
    assert read(stored_picture(BITMAP, b"short")) == b""


@pytest.mark.parametrize(
    ("stored_one", "why"),
    [
        (stored_metafile(EMF, emf()), "EMF"),
        (stored_metafile(EMF, emf(20, 20)), ""),
        (stored_metafile((0xF01A, 0x3D5), emf()[:0]), ""),
        (stored_metafile(WMF, wmf()), "WMF"),
        (stored_metafile(WMF, wmf(), points=(20, 20)), ""),
        (stored_metafile(WMF, wmf(os.urandom(4000)), points=(0, 0)), "WMF"),
        (stored_metafile(EMF, emf(more=bytes(5_000_000))), "EMF"),
    ],
)
def test_metafiles_are_told_and_small_ones_are_ornaments(stored_one: bytes, why: str):
    data = read(stored_one)
    assert why_unshown(data) == why
    assert len(data) < 100_000  # no more of a large one than is needed
    assert not shown_type(data)


def test_macintosh_pictures_and_broken_metafiles_are_unshown():
    assert why_unshown(read(stored_metafile(PICT, os.urandom(5000))))
    assert why_unshown(read(stored_metafile(EMF, emf(), packed=b"not packed" * 300)))
    assert read(stored_metafile(EMF, b"")[:40]) == b""


def test_metafiles_that_begin_alike_are_two():
    builder = TextBuilder()
    builder.add("text", "Two plans")
    for end in (b"a", b"b", b"a"):
        builder.add_picture(read(stored_metafile(EMF, emf(more=bytes(100_000) + end))))
    document = builder.build(DocumentRef("files", "a", "v1", "a", "", "text/plain"))
    assert document.text == "Two plans\n\n[Pictures that cannot be shown: 2 EMF]"


def test_two_ids_and_metafiles_that_are_not_packed():
    two = stored_picture((0xF01E, 0x6E1), bytes(16) + picture())
    assert read(two) == picture()
    plain = bytearray(stored_metafile(EMF, b"", packed=emf()))
    plain[8 + 16 + 32] = 0xFE
    assert read(bytes(plain)) == emf()
    assert zlib.compress(emf()) in read(stored_metafile(EMF, emf()))


def test_entries_of_a_store_have_their_picture_behind_or_elsewhere():
    one = stored_picture(PNG, picture())
    behind, away = entry(one, name=b"a\0"), entry(one, place=7)
    assert stored(behind, 8, len(behind)) == picture()
    assert stored(away, 8, len(away), bytes(7) + one) == picture()
    assert stored(away, 8, len(away), bytes(7)) == b""
    assert stored(away, 8, len(away)) == b""
    assert stored(away, 8, 20) == b""
    assert image_file(b"", 0, 0) == b""
    assert image_file(record_of_nothing(), 0, 20) == b""


def record_of_nothing() -> bytes:
    return b"\0\0\x20\xf0" + (12).to_bytes(4, "little") + bytes(12)
