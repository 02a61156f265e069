"""Files made to take memory, time or other files, each through the real parser processes: refused, and quickly."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pytest

from assistant.errors import AssistantError
from assistant.parsing import register
from assistant.parsing.media_types import detect_media_type
from assistant.parsing.process.sandbox import ParserPool
from assistant.registry import PluginRegistry
from assistant.types import Document, DocumentRef

MEMORY = 1 << 30
ZEROS = bytes(1 << 20)
SECRET = "root:x:0:0"  # noqa: S105 - the begin of /etc/passwd


def _zip(*members: tuple[str, bytes], times: int = 1) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            with made.open(name, "w", force_zip64=True) as member:
                for _ in range(times):
                    member.write(data)
    return held.getvalue()


def _nested() -> bytes:
    data = _zip(("0.txt", ZEROS), times=64)
    for number in range(6):
        data = _zip(*((f"{number}-{copy}.zip", data) for copy in range(8)))
    return data


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compressobj(9)
    body = b"".join(packed.compress(ZEROS) for _ in range(64)) + packed.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _tiff(width: int, height: int) -> bytes:
    tags = [
        (256, width),
        (257, height),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, height),
        (279, 1 << 30),
    ]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(4)


def _office(part: str, kind: str, body: bytes, times: int = 1) -> bytes:
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r" Type="{office}" Target="{part}"/></Relationships>'
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", types)
        made.writestr("_rels/.rels", relations)
        with made.open(part, "w", force_zip64=True) as member:
            for _ in range(times):
                member.write(body)
    return held.getvalue()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_LAUGHS = b'<!DOCTYPE a [<!ENTITY l0 "lol">' + b"".join(
    b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 12)
)
_FILE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def _tar(pack: Callable[[bytes], bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as made:
        for name, target in (("../../../tmp/made.txt", ""), ("/etc/made.txt", ""), ("link", "/etc/passwd")):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.SYMTYPE if target else tarfile.REGTYPE
            entry.linkname, entry.size = target, 0 if target else 4
            made.addfile(entry, io.BytesIO(b"text"))
    return pack(held.getvalue())


BOMBS: dict[str, Callable[[], bytes]] = {
    "one.zip": lambda: _zip(("a.txt", ZEROS), times=2000),
    "many.zip": lambda: _zip(*((f"{number}.txt", b"x") for number in range(60_000))),
    "nested.zip": _nested,
    "text.gz": lambda: gzip.compress(ZEROS * 600),
    "text.bz2": lambda: bz2.compress(ZEROS * 600),
    "text.xz": lambda: lzma.compress(ZEROS * 600, preset=1),
    "out.tar": lambda: _tar(lambda data: data),
    "out.tar.gz": lambda: _tar(gzip.compress),
    "out.zip": lambda: _zip(("../../../tmp/made.txt", b"text"), ("/etc/made.txt", b"text"), ("C:\\made.txt", b"text")),
    "large.png": lambda: _png(100_000, 100_000),
    "long.png": lambda: _png(2**31 - 1, 1),
    "large.tiff": lambda: _tiff(2**31 - 1, 2**31 - 1),
    "large.docx": lambda: _office("word/document.xml", _WORD, b"<w:p>" + b" " * (1 << 20), times=1500),
    "laughs.docx": lambda: _office("word/document.xml", _WORD, b'<?xml version="1.0"?>' + _LAUGHS + b"]><a>&l11;</a>"),
    "file.docx": lambda: _office("word/document.xml", _WORD, _FILE + b"<a>&f;</a>"),
    "laughs.xml": lambda: b'<?xml version="1.0"?>' + _LAUGHS + b"]><a>&l11;</a>",
    "laughs.svg": lambda: _LAUGHS.replace(b"DOCTYPE a", b"DOCTYPE svg") + b"]><svg><text>&l11;</text></svg>",
    "file.xml": lambda: _FILE + b"<a>&f;</a>",
    "file.svg": lambda: _FILE.replace(b"DOCTYPE a", b"DOCTYPE svg") + b"<svg><text>&f;</text></svg>",
    "image.svg": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg"><text>a</text><image href="file:///etc/passwd"/></svg>'
    ),
    "deep.json": lambda: b"[" * 5_000_000,
    "deep.html": lambda: b"<div>" * 400_000 + b"x",
    "deep.xml": lambda: b"<a>" * 400_000,
    "deep.yaml": lambda: b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*a, *a, *a]\n" % (one, one) for one in range(2000)),
    "wide.csv": lambda: b"," * 5_000_000 + b"\nx",
    "deep.md": lambda: b"> " * 100_000 + b"x\n" + b"[" * 100_000 + b"\n" + b"*a " * 100_000,
}


# Those that take a while to make, or as long as a parser may take.
SLOW = {"one.zip", "many.zip", "text.gz", "text.bz2", "text.xz", "large.docx", "deep.html"}


@pytest.fixture(scope="module")
def pool() -> Iterator[tuple[ParserPool, PluginRegistry]]:
    registry = PluginRegistry()
    register(registry)
    with ParserPool(workers=1, memory_bytes=MEMORY, seconds=60, max_bytes=100_000_000) as made:
        yield made, registry


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name in SLOW else name for name in BOMBS]
)
def test_a_hostile_file_takes_little(name: str, pool: tuple[ParserPool, PluginRegistry]) -> None:
    parsers, registry = pool
    data = BOMBS[name]()
    ref = DocumentRef("s", name, "v1", name, "", detect_media_type(name, data))
    began = time.monotonic()
    try:
        parser = registry.parser_for(ref)
        found: Document | None = parsers.parse(parser.name, ref, data)
    except AssistantError:
        found = None
    assert time.monotonic() - began < 200
    if found is not None:
        assert len(found.text) < 20_000_000
        assert SECRET not in found.text
        assert sum(len(member.data) for member in found.members) < 300_000_000
        for member in found.members:
            assert not member.name.startswith(("/", "\\"))
            assert ".." not in member.name.split("/")
            assert SECRET.encode() not in member.data
