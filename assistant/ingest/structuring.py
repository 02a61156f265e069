"""Puts the headings that a pack finds into a document, beside the structure that its parser gave it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.errors import DocumentUnreadableError
from assistant.interfaces import Structure
from assistant.types import Block, Document


def structured(document: Document, structure: Structure | None) -> Document:
    """Return the document with these headings; its text stays as it is.

    Args:
        document: as its parser made it.
        structure: finds headings; None: nothing is added.

    Raises:
        DocumentUnreadableError: what it found is no heading of this text.
    """
    found = list(structure.headings(document)) if structure is not None else []
    if structure is None or not found:
        return document
    _check(document, structure, found)
    starts = [block.start for block in document.blocks]
    inside: dict[int, list[Block]] = {}
    beside: list[Block] = []
    for heading in found:
        at = bisect_right(starts, heading.start) - 1
        around = document.blocks[at] if at >= 0 and document.blocks[at].end > heading.start else None
        if around is None:
            if at + 1 == len(starts) or heading.end <= starts[at + 1]:
                beside.append(replace(heading, page=document.page_at(heading.start)))
        elif around.kind == "text" and heading.end <= around.end:
            inside.setdefault(at, []).append(heading)
    blocks = [
        piece
        for at, block in enumerate(document.blocks)
        for piece in (_parted(document.text, block, inside[at]) if at in inside else (block,))
    ]
    return replace(document, blocks=tuple(sorted([*blocks, *beside], key=lambda block: block.start)))


def _check(document: Document, structure: Structure, found: Sequence[Block]) -> None:
    last = 0
    for heading in found:
        fits = heading.kind == "heading" and heading.level > 0 and last <= heading.start < heading.end
        if not fits or document.text[heading.start : heading.end] != heading.text:
            raise DocumentUnreadableError(
                f"{structure.name} found in {document.ref.key} what is no heading, at character {heading.start}",
                "report it to the pack's author",
            )
        last = heading.end


def _parted(text: str, block: Block, headings: Sequence[Block]) -> Iterator[Block]:
    """Yield the headings in a block, and the stretches of it between them without white space at their ends."""
    done = block.start
    for heading in headings:
        yield from _stretch(text, block, done, heading.start)
        yield replace(heading, page=block.page)
        done = heading.end
    yield from _stretch(text, block, done, block.end)


def _stretch(text: str, block: Block, start: int, end: int) -> Iterator[Block]:
    content = text[start:end].strip()
    if content:
        first = text.index(content, start)
        # the box is that of the whole block, and no other is known
        yield replace(block, text=content, start=first, end=first + len(content))
