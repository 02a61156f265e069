"""Parser of Markdown (CommonMark with tables): the file's own characters, structure by markdown-it's line maps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean_title, lines
from assistant.parsing.decode import decode
from assistant.parsing.texts.front_matter import read_front_matter
from assistant.parsing.texts.markdown_pictures import take_pictures
from assistant.types import Block, BlockKind, Document, DocumentRef

if TYPE_CHECKING:
    from markdown_it.token import Token

_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "text",
    "html_block": "text",
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
}
_PICTURE = re.compile(r"!\[[^\[\]]*\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")


class MarkdownParser:
    """Reads `text/markdown`; `document.text` is the decoded file, front matter included.

    It is unchanged but for the bytes of embedded pictures (`data:image/png;base64,...`), which are left out of it.
    """

    name = "markdown"
    version = "2"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is Markdown."""
        return ref.media_type == "text/markdown"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with its blocks and pictures, and its title from front matter or the first heading.

        See `interfaces.Parser` for what is raised.
        """
        from markdown_it import MarkdownIt

        text, pictures = take_pictures(decode(data, ref.key))
        spans = list(lines(text))
        front = read_front_matter(text, spans)
        blocks: list[Block] = []
        if front.lines:
            blocks += _block("text", text, spans[0][0], spans[front.lines - 1][1])
        # Inline parsing is left out: only the lines of each block are needed.
        reader = MarkdownIt("commonmark").enable("table").disable("inline")
        body = text[spans[front.lines][0] :] if front.lines < len(spans) else ""
        blocks += _blocks(reader.parse(body), text, spans[front.lines :])
        heading = next((block.text for block in blocks if block.kind == "heading"), "")
        title = front.title or clean_title(_plain(heading))
        ref = replace(ref, title=title) if title else ref
        return Document(ref, text, tuple(blocks), pictures=pictures, metadata=front.metadata)


def _plain(inline: str) -> str:
    """Return inline Markdown as the text that a reader sees."""
    from markdown_it import MarkdownIt

    tokens: list[Token] = MarkdownIt("commonmark").parseInline(inline)
    children = [child for token in tokens for child in token.children or []]
    return "".join(" " if child.type.endswith("break") else child.content for child in children)


def _blocks(tokens: list[Token], text: str, spans: list[tuple[int, int]]) -> Iterator[Block]:
    """Yield the blocks of a token stream whose line numbers count from `spans[0]`."""
    last = 0
    for number, token in enumerate(tokens):
        if token.map is None or token.nesting < 0:
            continue
        first, end = token.map[0], min(token.map[1], len(spans))
        if first >= end or (token.type not in _KINDS and token.type != "heading_open"):
            continue
        # A list item's first paragraph starts at its marker; what a line before already holds is left out.
        start = max(spans[first][0], last)
        stop = spans[end - 1][1]
        if token.type == "heading_open" and token.level == 0:
            found = list(_heading(token, tokens[number + 1].content, text, start, stop))
        else:
            found = list(_block(_KINDS.get(token.type, "text"), text, start, stop))
        for block in found:
            last = block.end
            yield block


def _heading(token: Token, content: str, text: str, start: int, stop: int) -> Iterator[Block]:
    """Yield the heading's words, without the marks that make it one."""
    at = text.find(content, start, stop) if content else -1
    if at >= 0:
        yield Block("heading", content, at, at + len(content), level=int(token.tag[1:]))
    elif content:
        # A heading on several lines that are indented or end in CRLF: all lines but the underline.
        underline = text[start:stop].rstrip().rfind("\n")
        for block in _block("heading", text, start, start + underline if underline > 0 else stop):
            yield replace(block, level=int(token.tag[1:]))


def _block(kind: BlockKind, text: str, start: int, stop: int) -> Iterator[Block]:
    """Yield the block between two offsets, white space at its ends left out; nothing if that is all."""
    piece = text[start:stop]
    stripped = piece.strip()
    if stripped:
        begin = start + len(piece) - len(piece.lstrip())
        kind = "image" if kind == "text" and _PICTURE.fullmatch(stripped) else kind
        yield Block(kind, stripped, begin, begin + len(stripped))
