"""Parser of subtitles and transcripts (WebVTT, SubRip): what is said, with the time it begins at."""

from __future__ import annotations

import html
import re

from assistant.errors import DamagedDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.decode import decode
from assistant.types import Document, DocumentRef

_TIMES = re.compile(r"((?:\d{1,4}:)?\d{1,2}:\d{2})[.,]\d{1,3}[ \t]+-->[ \t]+(?:\d{1,4}:)?\d{1,2}:\d{2}[.,]\d{1,3}.*")
_VOICE = re.compile(r"<v(?:\.[^ \t>]*)?[ \t]+([^>]+)>")
_TAG = re.compile(r"</?[a-zA-Z0-9][^<>]*>|<\d[\d:.]*>")


class SubtitleParser:
    """Reads `text/vtt` and `application/x-subrip`; each cue is a block `[hh:mm:ss] words`."""

    name = "subtitles"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether these are subtitles."""
        return ref.media_type in {"text/vtt", "application/x-subrip"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the cues in order. See `interfaces.Parser` for what is raised."""
        builder = TextBuilder()
        for cue in re.split(r"\n[ \t]*\n", clean(decode(data, ref.key))):
            lines = cue.strip().split("\n")
            at = next((number for number, line in enumerate(lines) if _TIMES.fullmatch(line.strip())), None)
            if at is None:  # a comment, a style, or the file's header
                continue
            begin = _TIMES.fullmatch(lines[at].strip())
            time = begin[1] if begin else ""
            words = _VOICE.sub(r"\1: ", "\n".join(lines[at + 1 :]))
            text = html.unescape(_TAG.sub("", words)).strip()
            if text:
                builder.add("text", f"[{_full(time)}] {clean(text)}", gap="\n")
        if not builder:
            raise DamagedDocumentError(f"{ref.key}: there are no cues in it", "correct the file's name or type")
        return builder.build(ref)


def _full(time: str) -> str:
    """Return a time as hours, minutes and seconds of two digits."""
    parts = time.split(":")
    return ":".join(part.zfill(2) for part in ["0"] * (3 - len(parts)) + parts)
