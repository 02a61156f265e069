"""A pack of a department that looks after letters: one tool, a prompt, and structure in its documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.interfaces import DocumentReader, Tool
from assistant.registry import PluginRegistry
from assistant.types import Block, Document, Manifest, Passage, ToolResult, User

PROMPT = "Write letters."


class Letter:
    """Returns a document's first line, as a passage."""

    name = "letter"
    description = "Returns the begin of a letter."
    parameters: Mapping[str, Any] = {"type": "object", "properties": {"key": {"type": "string", "description": "Key."}}}
    writes = False

    def __init__(self, documents: DocumentReader) -> None:
        self._documents = documents

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        document = self._documents.read("s", arguments["key"], user)
        passage = Passage.of(document, 0, len(document.text.split("\n", 1)[0]))
        return ToolResult(passage.text, passages=(passage,))


class Parts:
    """Takes `Part N.` at the begin of a line for a heading."""

    name = "parts"

    def __init__(self, version: str = "1") -> None:
        self.version = version

    def headings(self, document: Document) -> Sequence[Block]:
        found = re.finditer(r"^Part \d+\.", document.text, re.MULTILINE)
        return [Block("heading", one.group(), one.start(), one.end(), level=2) for one in found]


class Letters:
    """See `interfaces.Pack`."""

    name = "letters"
    description = "Letters."
    prompt = PROMPT
    evaluation: Path | None = None

    def __init__(self, structure: Parts | None = None) -> None:
        self.structure = structure or Parts()

    def tools(self, documents: DocumentReader) -> Sequence[Tool]:
        return (Letter(documents),)


def add_letters(registry: PluginRegistry, pack: Letters | None = None) -> None:
    """Offer the pack as its plugin would."""
    registry.begin(Manifest("letters", "1", description="Letters."))
    try:
        registry.add_pack(pack or Letters())
    finally:
        registry.end()
