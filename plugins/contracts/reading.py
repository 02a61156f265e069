"""Which documents a tool of this pack reads: the named one, those of a source, or those that a search finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import NotFoundError
from assistant.interfaces import DocumentReader
from assistant.types import Document, Filters, User
from plugins.contracts.arguments import DOCUMENT, place_of, text_of

_MOST_FOUND = 15  # documents of a search that are read
_MOST_OF_SOURCE = 100
_PASSAGES = 60
_LONGEST = 2_000_000  # characters of one document

SCOPE: Mapping[str, Any] = {
    "document": DOCUMENT,
    "source": {"type": "string", "description": "In place of a document: all documents of this source."},
    "folder": {"type": "string", "description": "Only documents below this folder, e.g. contracts/2026."},
}


@dataclass(slots=True)
class Scope:
    """What is read; `notes` say what was not, for the model."""

    documents: Iterator[Document]
    notes: list[str]


def scope_of(documents: DocumentReader, arguments: Mapping[str, Any], user: User, query: str) -> Scope:
    """Return the documents that the arguments name.

    Args:
        documents: to read by.
        arguments: with `document`, or `source`, or neither; and maybe `folder`.
        user: whose rights hold.
        query: finds documents where none is named.

    Raises:
        NotFoundError: the named document is not there for this user.
    """
    notes: list[str] = []
    folder = text_of(arguments, "folder").strip("/")
    if arguments.get("document") is not None:
        source, key = place_of(arguments, "document")
        return Scope(iter([_taken(documents.read(source, key, user), notes)]), notes)
    source = text_of(arguments, "source")
    if source:
        places = _of_source(documents, user, source, folder, notes)
    else:
        places = _found(documents, user, query, folder, notes)
    return Scope(_read(documents, places, user, notes), notes)


def _of_source(
    documents: DocumentReader, user: User, source: str, folder: str, notes: list[str]
) -> list[tuple[str, str]]:
    places: list[tuple[str, str]] = []
    offset = 0
    while page := documents.page(user, [source], 500, offset):
        offset += len(page)
        places += [(one.ref.source, one.ref.key) for one in page if _is_below(one.ref.key, folder)]
    if len(places) > _MOST_OF_SOURCE:
        notes.append(
            f"Only the first {_MOST_OF_SOURCE} of {len(places):,} documents were read: name a folder or a document."
        )
    return places[:_MOST_OF_SOURCE]


def _found(documents: DocumentReader, user: User, query: str, folder: str, notes: list[str]) -> list[tuple[str, str]]:
    filters = Filters(paths=(folder,)) if folder else Filters()
    hits = documents.search(query, user, _PASSAGES, filters)
    places = list(dict.fromkeys((hit.ref.source, hit.ref.key) for hit in hits))
    notes.append(
        f"Read were the {min(len(places), _MOST_FOUND)} documents that a search found first, not all:"
        " name a source or a document to have all of it read."
    )
    return places[:_MOST_FOUND]


def _read(
    documents: DocumentReader, places: Sequence[tuple[str, str]], user: User, notes: list[str]
) -> Iterator[Document]:
    for source, key in places:
        try:
            document = documents.read(source, key, user)
        except NotFoundError:  # it went, or the right to read it did, since it was listed
            continue
        yield _taken(document, notes)


def _taken(document: Document, notes: list[str]) -> Document:
    if len(document.text) > _LONGEST:
        notes.append(f"{document.ref.key} has {len(document.text):,} characters, and was not read.")
        return Document(document.ref, "")
    return document


def _is_below(key: str, folder: str) -> bool:
    return not folder or key.startswith(f"{folder}/")
