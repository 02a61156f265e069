"""What an older office file says of itself."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

from assistant.parsing.legacy.ole_file import ole_metadata
from assistant.types import Metadata
from tests.parsing.mail.make_msg import compound


def test_what_the_file_says_of_itself():
    def pair(kind: int, content: bytes) -> bytes:
        return struct.pack("<I", kind) + content

    moment = (
        int((datetime(2026, 11, 24, 12, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    )
    name = "Zoë; Bob".encode("cp1252") + b"\0"
    values = {
        1: pair(2, struct.pack("<hxx", 1252)),
        4: pair(30, struct.pack("<I", len(name)) + name.ljust(12, b"\0")),
        12: pair(64, struct.pack("<Q", moment)),
        13: pair(64, bytes(8)),
    }
    places, content = b"", b""
    for number, value in values.items():
        places += struct.pack("<II", number, 8 + 8 * len(values) + len(content))
        content += value
    section = struct.pack("<II", 8 + len(places) + len(content), len(values)) + places + content
    summary = struct.pack("<HHI16sI16sI", 0xFFFE, 0, 2, bytes(16), 1, bytes(16), 48) + section
    assert ole_metadata(compound({"\x05SummaryInformation": summary + bytes(4096)})) == (
        "",
        Metadata(("Zoë", "Bob"), "2026-11-24T12:00:00Z"),
    )
    assert ole_metadata(b"none") == ("", Metadata())
