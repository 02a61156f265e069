"""Names the encodings that Outlook's formats know by the numbers of Windows' code pages."""

from __future__ import annotations

import codecs

_CODECS = {936: "gbk", 1200: "utf-16-le", 10000: "mac_roman", 20127: "ascii", 20866: "koi8_r", 20932: "euc_jp",
           21866: "koi8_u", 50220: "iso2022_jp", 50221: "iso2022_jp", 50222: "iso2022_jp", 50225: "iso2022_kr",
           51932: "euc_jp", 51936: "gbk", 51949: "euc_kr", 52936: "hz", 54936: "gb18030", 65000: "utf-7",
           65001: "utf-8"}  # fmt: skip


def encoding_of(*pages: int | None) -> str:
    """Return the encoding of the first of these code pages that is known, an empty string if none is."""
    for page in pages:
        if page:
            name = _CODECS.get(page) or (f"iso8859_{page - 28590}" if 28590 < page < 28606 else f"cp{page}")
            try:
                return codecs.lookup(name).name
            except LookupError:
                continue
    return ""
