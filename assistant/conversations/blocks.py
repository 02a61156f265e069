"""An answer's Markdown as plain data: paragraphs, lists, tables and what is strong in them, without any link."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Part = dict[str, Any]
_WRAPS = {"strong_open": "strong", "em_open": "emph", "s_open": "strike"}
_HOLDS = {"bullet_list_open": "list", "ordered_list_open": "enum", "blockquote_open": "quote", "table_open": "table"}


def blocks_of(text: str) -> list[Part]:
    """Return the blocks of a Markdown text.

    A block has its `kind`: `par` (with `parts`, `rtl`, and `level` of a heading or 0), `code` (`text`), `rule`, `quote`
    (`blocks`), `list` and `enum` (`items`, a list of blocks each; `start`), `table` (`rows` of cells of parts). A part
    is `text` or `code` with its `text`, `break`, or `strong`, `emph` and `strike` with `parts`.
    """
    return list(_blocks(iter(_parser().parse(text)), ""))


def is_rtl(text: str) -> bool:
    """Whether a text runs from right to left: as its first letter does."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    return parser.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])


def _blocks(tokens: Iterator[Token], until: str) -> Iterator[Part]:
    level = 0
    for token in tokens:
        if token.type == until:
            return
        if token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "inline":
            yield {"kind": "par", "level": level, "rtl": is_rtl(token.content), "parts": _parts(token.children or [])}
            level = 0
        elif token.type in {"fence", "code_block"}:
            yield {"kind": "code", "text": token.content.rstrip("\n")}
        elif token.type == "hr":
            yield {"kind": "rule"}
        elif token.type in _HOLDS:
            yield _held(tokens, token)


def _held(tokens: Iterator[Token], opened: Token) -> Part:
    """Return a block that holds others."""
    kind, until = _HOLDS[opened.type], opened.type.replace("_open", "_close")
    if kind == "quote":
        return {"kind": kind, "blocks": list(_blocks(tokens, until))}
    if kind == "table":
        return {"kind": kind, "rows": _rows(tokens)}
    items: list[list[Part]] = []
    for token in tokens:
        if token.type == until:
            break
        if token.type == "list_item_open":
            items.append(list(_blocks(tokens, "list_item_close")))
    return {"kind": kind, "items": items, "start": int(opened.attrGet("start") or 1)}


def _rows(tokens: Iterator[Token]) -> list[list[list[Part]]]:
    rows: list[list[list[Part]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_parts(token.children or []))
    return rows


def _parts(tokens: Sequence[Token]) -> list[Part]:
    """Return the parts of a line; what opens and is not closed runs to its end."""
    found: list[Part] = []
    inside = [found]
    for token in tokens:
        if token.type in _WRAPS:
            wrap: Part = {"kind": _WRAPS[token.type], "parts": []}
            inside[-1].append(wrap)
            inside.append(wrap["parts"])
        elif token.type.endswith("_close"):
            inside.pop()
        elif token.type == "code_inline":
            inside[-1].append({"kind": "code", "text": token.content})
        elif token.type in {"softbreak", "hardbreak"}:
            inside[-1].append({"kind": "break"} if token.type == "hardbreak" else {"kind": "text", "text": " "})
        elif token.content:
            inside[-1].append({"kind": "text", "text": token.content})
    return found
