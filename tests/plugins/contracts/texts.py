"""Contracts of the pack's evaluation, and documents made of texts."""

from __future__ import annotations

from pathlib import Path

import plugins.contracts
from assistant.types import Block, Document, DocumentRef

FOLDER = Path(plugins.contracts.__file__).parent / "evaluation"


def made(text: str, *blocks: Block, key: str = "a.txt") -> Document:
    """Return a document of this text."""
    return Document(DocumentRef("s", key, "1", key, "", "text/plain"), text, blocks)


def contract(name: str) -> Document:
    """Return one of the contracts that come with the pack."""
    return made((FOLDER / "documents" / name).read_text(encoding="utf-8"), key=name)
