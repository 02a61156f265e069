"""Compares two indexes before searches move from one to the other: what they hold, and what they find."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.access.stored_text import load_text
from assistant.adapters.recall import LEAST
from assistant.catalog import Catalog, IndexedDocument
from assistant.errors import NotFoundError, StorageError
from assistant.interfaces import BlobStore, Embedder, Index
from assistant.types import LOCAL_OPERATOR, Document
from assistant.types.recall import Recall

_BEST = 10  # documents among which the right one has to be
_HITS = 100  # several are of one document
_WORDS = 3  # a shorter sentence or heading says too little
_LONGEST = 200  # characters
_WORSE = 0.05
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Searched:
    """An index with the embedder whose vectors it holds."""

    index: Index
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two indexes hold, and how often each finds the document that a query was taken from.

    Args:
        both: current documents that are in both.
        lacking: ids of those that only the former has.
        additional: ids of those that only the new one has.
        chunks: in the former and in the new one, of all versions.
        queries: sentences and headings of documents.
        found: the share of queries whose document is among the best ten, in the former and in the new one.
        recall: what the new one's vector search finds of what an exact one finds.
    """

    both: int
    lacking: tuple[str, ...]
    additional: tuple[str, ...]
    chunks: tuple[int, int]
    queries: int
    found: tuple[float, float]
    recall: Recall

    @property
    def is_worse(self) -> bool:
        """Whether the new index finds clearly fewer of the documents: a reason not to swap without looking."""
        return self.found[1] < self.found[0] - _WORSE

    @property
    def loses(self) -> bool:
        """Whether the new index's vector search loses too much of what is there: a fault of its graph or its int8."""
        return self.recall.worst < LEAST


def compare(catalog: Catalog, blobs: BlobStore, former: Searched, new: Searched, sample: int = 100) -> Comparison:
    """Return what the indexes hold of the current documents, and how they search a sample of them.

    Args:
        catalog: says which documents are current.
        blobs: hold the texts that the queries are taken from.
        former: what searches use.
        new: what they are to use.
        sample: how many documents are asked for, by a heading and a sentence each.
    """
    wanted = catalog.indexes.documents()
    before, after = (_held(side.index, wanted) for side in (former, new))
    asked = 0
    hits = [0, 0]
    for document in _sampled(sorted(before & after), sample):
        for query in _queries(catalog, blobs, document):
            asked += 1
            for at, side in enumerate((former, new)):
                hits[at] += document in _best(side, query, wanted)
    return Comparison(
        both=len(before & after),
        lacking=tuple(sorted(before - after)),
        additional=tuple(sorted(after - before)),
        chunks=(former.index.counts().chunks, new.index.counts().chunks),
        queries=asked,
        found=(hits[0] / asked, hits[1] / asked) if asked else (0.0, 0.0),
        recall=new.index.recall(),
    )


def _held(index: Index, wanted: Mapping[str, IndexedDocument]) -> set[str]:
    stored = index.versions()
    return {document for document, entry in wanted.items() if entry.version in stored.get(document, ())}


def _sampled(documents: Sequence[str], size: int) -> Sequence[str]:
    """Return documents from all over the list: ids are hashes, so their order says nothing of the documents."""
    step = max(1, len(documents) // max(1, size))
    return documents[::step][:size]


def _queries(catalog: Catalog, blobs: BlobStore, document: str) -> list[str]:
    """Return a heading and a sentence from the middle of the document, as far as it has them."""
    info = catalog.documents.readable([document], LOCAL_OPERATOR).get(document)
    if info is None:
        return []
    try:
        stored = load_text(blobs, info.ref)
    except (NotFoundError, StorageError):
        return []  # changed meanwhile
    found = (_middle(_headings(stored)), _middle(_SENTENCE.split(stored.own_text)))
    return list(dict.fromkeys(text for text in found if text))


def _headings(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.kind == "heading"]


def _middle(texts: Sequence[str]) -> str:
    fit = [" ".join(text.split()) for text in texts if len(text.split()) >= _WORDS]
    return fit[len(fit) // 2][:_LONGEST] if fit else ""


def _best(side: Searched, query: str, wanted: Mapping[str, IndexedDocument]) -> list[str]:
    """Return the best documents, each once, by hits that count: of current versions."""
    hits = side.index.search(side.embedder.embed_query(query), query, LOCAL_OPERATOR, _HITS)
    current = [hit for hit in hits if hit.document_id in wanted and wanted[hit.document_id].version == hit.version]
    return list(dict.fromkeys(hit.document_id for hit in current))[:_BEST]
