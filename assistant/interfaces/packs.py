"""What a department adds to the assistant: tools, instructions, structure for its documents, questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from assistant.interfaces.tools import Tool
from assistant.types import Block, Document, DocumentInfo, Filters, Passage, User


class DocumentReader(Protocol):
    """The documents, for the tools of a pack. Each call checks what `user` may read at that moment."""

    def page(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> Sequence[DocumentInfo]:
        """Return the documents that the user may read, by source and key.

        Args:
            user: as the tool was given.
            sources: only of these; None: of all.
            limit, offset: a part of them.
        """
        ...

    def read(self, source: str, key: str, user: User) -> Document:
        """Return the document's current text with its structure.

        Raises:
            NotFoundError: it does not exist or the user may not read it; the two are not told apart.
        """
        ...

    def search(self, query: str, user: User, limit: int, filters: Filters) -> Sequence[Passage]:
        """Return the passages that fit the query, best first: from documents that the user may read.

        Args:
            query: a question or words.
            user: as the tool was given.
            limit: at most so many.
            filters: only of documents that these allow.
        """
        ...


class Structure(Protocol):
    """Finds headings that a parser does not know of, such as the numbered clauses of a contract.

    It is asked for the documents that an admin names, after their parser and before they are cut into chunks. What it
    finds is kept with the document. Safe to call from several threads.
    """

    @property
    def name(self) -> str:
        """A short lower-case name."""
        ...

    @property
    def version(self) -> str:
        """Another one, and the documents are made anew at their source's next sync."""
        ...

    def headings(self, document: Document) -> Sequence[Block]:
        """Return blocks of the kind `heading` with their level, in order.

        Each lies within one block of the kind `text`, or outside of all blocks; one that does not is left out. A
        heading may be the begin of a line that goes on with text.
        """
        ...


class Pack(Protocol):
    """What a department adds. Nobody has it until an admin enables it for groups."""

    @property
    def name(self) -> str:
        """The name of its plugin."""
        ...

    @property
    def description(self) -> str:
        """What it is for, in a sentence for the admin."""
        ...

    @property
    def prompt(self) -> str:
        """What a model is told besides, where it answers somebody who has the pack; empty: nothing."""
        ...

    @property
    def structure(self) -> Structure | None:
        """Finds headings in documents of its kind; None: the parsers' are enough."""
        ...

    @property
    def evaluation(self) -> Path | None:
        """A folder with `cases.jsonl` for `assistant eval answers`, and their documents below `documents`."""
        ...

    def tools(self, documents: DocumentReader) -> Sequence[Tool]:
        """Return its tools, which read through `documents` and may return passages of what they got from there."""
        ...
