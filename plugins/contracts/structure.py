"""Takes the clauses of a contract for headings, where its parser saw none."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Block, Document
from plugins.contracts.clauses import clauses_of

_STYLES = frozenset({"article", "section", "whole", "decimal", "digit", "term"})  # (a), (b): too small


class Clauses:
    """See `interfaces.Structure`."""

    name = "clauses"
    version = "1"

    def headings(self, document: Document) -> Sequence[Block]:
        """See `interfaces.Structure`: number and title of each clause, and the terms that are defined."""
        above = [block for block in document.blocks if block.kind == "heading"]
        found = []
        level, at = 0, 0
        for clause in clauses_of(document):
            while at < len(above) and above[at].start <= clause.start:
                level, at = above[at].level, at + 1
            text = document.text[clause.start : clause.head_end]
            if clause.style in _STYLES and text.strip():
                found.append(Block("heading", text, clause.start, clause.head_end, level=level + clause.level))
        return found
