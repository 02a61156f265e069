"""Puts a document's text together piece by piece and keeps where each block stands in it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.parsing.shown import shown_type, why_unshown
from assistant.types import Block, BlockKind, Box, Document, DocumentRef, Metadata, Page, Picture

# What a stored text must not hold: control characters (but tab and newline) and lone surrogates.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_GAP = "\n\n"
_MAX_TITLE = 300
_MAX_NAMED = 20  # pages in a notice


def clean(text: str) -> str:
    """Return `text` with newlines as `\\n` and without control characters and lone surrogates."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_title(title: str | None) -> str:
    """Return a title on one line, cut at a word to a length that a list can show, or an empty string."""
    line = " ".join(clean(title or "").split())
    return line if len(line) <= _MAX_TITLE else line[:_MAX_TITLE].rsplit(" ", 1)[0] + "…"


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each line, its line break (`\\n`, `\\r\\n` or `\\r`) included."""
    for match in _LINE.finditer(text):
        if match.end() > match.start():
            yield match.span()


def paragraphs(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of lines that are not blank, white space at both ends left out.

    Args:
        text: the whole text.
        start: where to begin; the offsets yielded count from the text's begin all the same.
    """
    first: int | None = None
    last = start
    for line_start, line_end in lines(text[start:]):
        line = text[start + line_start : start + line_end]
        stripped = line.strip()
        if not stripped:
            if first is not None:
                yield first, last
            first = None
            continue
        if first is None:
            first = start + line_start + line.index(stripped[0])
        last = start + line_start + len(line.rstrip())
    if first is not None:
        yield first, last


class TextBuilder:
    """Collects blocks of clean text; `length` is the text's so far, `last_start` where the last block begins."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._pictures: list[Picture] = []
        self._seen: set[bytes] = set()
        self._unshown: Counter[str] = Counter()
        self._unshown_pages: set[int] = set()
        self.length = 0
        self.last_start = 0

    def __bool__(self) -> bool:
        """Whether there is anything to read or to look at."""
        return bool(self._blocks or self._pictures)

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        gap: str = _GAP,
        level: int = 0,
        page: int | None = None,
        box: Box | None = None,
    ) -> None:
        """Append a block.

        Args:
            kind: what it is.
            text: its text; nothing is added where that is empty.
            gap: what stands between it and the text before it.
            level: a heading's depth from 1, else 0.
            page: the page it stands on.
            box: where it stands there.
        """
        if not text:
            return
        if self._parts:
            self._parts.append(gap)
            self.length += len(gap)
        self._parts.append(text)
        self.last_start, self.length = self.length, self.length + len(text)
        self._blocks.append(Block(kind, text, self.last_start, self.length, page, box, level))

    def add_picture(
        self,
        data: bytes,
        *,
        text: str = "",
        gap: str = _GAP,
        page: int | None = None,
        box: Box | None = None,
        lettered: bool = False,
    ) -> bool:
        """Append a picture that the document shows, as an image block where it says something in words.

        Args:
            data: the image file as the document holds it.
            text: its alternative text or title in the document, if any.
            gap: what stands between its text and the text before it.
            page: the page it stands on.
            box: where it stands there.
            lettered: see `Picture`.

        Returns:
            Whether it is kept: an ornament, a picture that the document shows elsewhere too or one that cannot be
            shown is not, but its `text` is all the same. Of the last kind, a notice at the document's end tells.
        """
        media_type = shown_type(data)
        digest = hashlib.sha256(data).digest()
        start = end = self.length
        if text:
            self.add("image", text, gap=gap, page=page, box=box)
            start, end = self.last_start, self.length
        if digest in self._seen:
            return False
        self._seen.add(digest)
        if not media_type:
            if why := why_unshown(data):
                self.miss_picture(why, page)
            return False
        self._pictures.append(Picture(start, end, media_type, data, page, box, lettered=lettered))
        return True

    def miss_picture(self, why: str, page: int | None = None) -> None:
        """Count a picture that cannot be shown, so that the document says so.

        Args:
            why: in a word or two, such as its format.
            page: the page it stands on.
        """
        self._unshown[why] += 1
        if page is not None:
            self._unshown_pages.add(page)

    def add_document(self, document: Document, *, page: int | None = None, deeper: int = 0) -> int | None:
        """Append another document's blocks, with what stands between them left as it is.

        Args:
            document: whose blocks are added.
            page: the page they stand on here.
            deeper: how many levels its headings go down, to six at most.

        Returns:
            Where the first block begins, None if there is none.
        """
        first: int | None = None
        end = 0
        for block in document.blocks:
            gap = _GAP if first is None else document.text[end : block.start]
            level = min(block.level + deeper, 6) if deeper and block.level else block.level
            self.add(block.kind, block.text, gap=gap, level=level, page=page)
            first = self.last_start if first is None else first
            end = block.end
        self._adopt(document, page, self.length if first is None else first - document.blocks[0].start)
        return first

    def _adopt(self, document: Document, page: int | None, moved: int) -> None:
        """Keep another document's pictures, whose text stands `moved` characters further on here."""
        for picture in document.pictures:
            digest = hashlib.sha256(picture.data).digest()
            if digest not in self._seen:
                self._seen.add(digest)
                start, end = (min(offset + moved, self.length) for offset in (picture.start, picture.end))
                number = picture.page if page is None else page
                self._pictures.append(replace(picture, start=start, end=end, page=number))

    def page_since(self, before: int, number: int, name: str = "") -> Page:
        """Return the page that holds what was added since the text's length was `before`; it may be empty."""
        return Page(number, min(before + len(_GAP), self.length) if before else 0, self.length, name)

    def first_heading(self) -> str:
        """Return the text of the first heading, or an empty string."""
        return next((block.text for block in self._blocks if block.kind == "heading"), "")

    def build(
        self, ref: DocumentRef, title: str = "", pages: Sequence[Page] = (), metadata: Metadata | None = None
    ) -> Document:
        """Return the document, with `title` in its reference where there is one, and what it cannot show at its end."""
        title = clean_title(title)
        if self._unshown:
            last = pages[-1].number if pages else None
            self.add("notice", self._notice(), page=last)
            pages = [*pages[:-1], *(replace(page, end=self.length) for page in pages[-1:])]
        return Document(
            ref=replace(ref, title=title) if title else ref,
            text="".join(self._parts),
            blocks=tuple(self._blocks),
            pages=tuple(pages),
            pictures=tuple(self._pictures),
            metadata=metadata or Metadata(),
        )

    def _notice(self) -> str:
        """Return what is to be said of the pictures that cannot be shown."""
        reasons = ", ".join(f"{count} {why}" for why, count in sorted(self._unshown.items()))
        pages = sorted(self._unshown_pages)
        named = ", ".join(map(str, pages[:_MAX_NAMED])) + ("…" if len(pages) > _MAX_NAMED else "")
        where = f", page{'s' if len(pages) > 1 else ''} {named}" if pages else ""
        self._unshown.clear()
        return f"[Pictures that cannot be shown: {reasons}{where}]"
