"""The documents of the soak: files in folders with readers of their own, added, edited and deleted as it goes."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from pathlib import Path

from tests.server_mode.ledger import BOARD, EVERYBODY, Paper, Policy

MARKER = re.compile(r"\bzq[0-9a-f]{10}\b")
KEY = re.compile(r"\b(?:shared|a|b|m[123])/doc\d+\.md\b")
FIXED = ("shared", "a", "b")  # folders whose readers stay what they are
MOVING = ("m1", "m2", "m3")
READERS = (frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"}), BOARD)
WANDERER = "wanda"  # whose groups change
PEOPLE = {
    "anna": frozenset({"a"}),
    "bert": frozenset({"b"}),
    "cleo": frozenset({"a", "b"}),
    "dora": frozenset[str](),
    WANDERER: frozenset({"a"}),
}


def first_policy() -> Policy:
    """Return who reads what at the beginning."""
    fixed = {"shared": EVERYBODY, "a": frozenset({"a"}), "b": frozenset({"b"})}
    return Policy({**fixed, **dict.fromkeys(MOVING, frozenset({"a", "b"}))}, PEOPLE)


class Shelf:
    """The files, and what is known of them. Safe to use from several threads.

    Args:
        folder: of the source.
        dice: chooses.
        each: documents in each folder at the beginning.
    """

    def __init__(self, folder: Path, dice: random.Random, each: int) -> None:
        self.folder = folder
        self.mutex = threading.Lock()
        self.papers: dict[str, Paper] = {}
        self._owners: dict[str, str] = {}  # the document of each marker
        self._dice = dice
        for name in (*FIXED, *MOVING):
            (folder / name).mkdir(parents=True)
            for _ in range(each):
                self.add(name)

    def add(self, folder: str, *, kept: bool = False) -> Paper:
        """Write a new document into this folder of the source; one that is `kept` stays as it is."""
        with self.mutex:
            number = len(self.papers) + 1
            paper = Paper(f"{folder}/doc{number:05}.md", f"zq{self._dice.randrange(16**10):010x}", kept=kept)
            self.papers[paper.key] = paper
            self._owners[paper.marker] = paper.key
            self._write(paper)
        return paper

    def edit(self) -> Paper:
        """Write a new version of a document."""
        with self.mutex:
            paper = self._any()
            paper.version += 1
            self._write(paper)
        return paper

    def delete(self) -> Paper:
        """Remove a document's file."""
        with self.mutex:
            paper = self._any()
            paper.deleted, paper.changed = True, time.monotonic()
            (self.folder / paper.key).unlink()
        return paper

    def there(self) -> list[Paper]:
        """Return the documents whose files are there."""
        with self.mutex:
            return [paper for paper in self.papers.values() if not paper.deleted]

    def shown_in(self, body: str) -> set[str]:
        """Return the documents of which a body tells something, by their keys or by what stands in them."""
        return set(KEY.findall(body)) | {self._owners[word] for word in MARKER.findall(body) if word in self._owners}

    def _any(self) -> Paper:
        return self._dice.choice([paper for paper in self.papers.values() if not (paper.deleted or paper.kept)])

    def _write(self, paper: Paper) -> None:
        """Write as people's programs do: beside it, and then in its place."""
        paper.changed = time.monotonic()
        target = self.folder / paper.key
        beside = target.with_name(f".{target.name}.new")  # hidden: no document
        beside.write_text(paper.text(), encoding="utf-8")
        os.replace(beside, target)  # noqa: PTH105 (the same by another name)
