"""Searching and reading the documents that the user may read, as tools; what they return can be cited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assistant.access import Library
from assistant.agent.arguments import number_of, refuse_unknown, text_of, told_to_the_model
from assistant.errors import ToolError
from assistant.types import Document, Filters, Passage, ToolResult, User
from assistant.types.documents import blanked

if TYPE_CHECKING:
    from assistant.retrieval import Retriever

_PASSAGES = 8
_MOST_PASSAGES = 20
_CHARACTERS = 8_000
_MOST_CHARACTERS = 40_000


class SearchTool:
    """Finds passages; see `interfaces.Tool`.

    Args:
        retriever: returns what searches now.
    """

    name = "search"
    description = (
        "Searches the documents that the user may read, by meaning and by words. Returns numbered passages, each with"
        " its document's source and key, which `read_document` takes. Search again in other words where nothing fits."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "A question or keywords."},
            "limit": {
                "type": "integer",
                "description": f"Passages, 1 to {_MOST_PASSAGES}; default: {_PASSAGES}.",
            },
            "source": {"type": "string", "description": "Search this source only."},
            "folder": {"type": "string", "description": "Search below this folder only, e.g. hr/policies."},
            "modified_from": {"type": "string", "description": "Only documents of this date or later, YYYY-MM-DD."},
            "modified_until": {"type": "string", "description": "Only documents from before this date, YYYY-MM-DD."},
        },
        "required": ["query"],
        "additionalProperties": False,
    }
    writes = False

    def __init__(self, retriever: Callable[[], Retriever]) -> None:
        self._retriever = retriever

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        refuse_unknown(arguments, self.parameters)
        query = text_of(arguments, "query")
        limit = number_of(arguments, "limit", _PASSAGES, 1, _MOST_PASSAGES)
        source, folder = text_of(arguments, "source", ""), text_of(arguments, "folder", "")
        with told_to_the_model():
            filters = Filters(
                sources=(source,) if source else None,
                paths=(folder,) if folder else (),
                modified_from=text_of(arguments, "modified_from", ""),
                modified_until=text_of(arguments, "modified_until", ""),
            )
            found = tuple(self._retriever().search(query, user, limit, filters))
        if not found:
            return ToolResult("Nothing was found that the user may read.", {"passages": []})
        told = f"{len(found)} passages were found." if len(found) > 1 else "One passage was found."
        text = "\n\n".join(f"[{number}] {_headed(passage)}" for number, passage in enumerate(found, start=1))
        return ToolResult(text, {"passages": [_described(passage) for passage in found]}, found, told)


class ReadTool:
    """Reads a document, a part at a time; see `interfaces.Tool`.

    Args:
        library: returns what reads documents now.
    """

    name = "read_document"
    description = (
        "Reads a document that `search` found, from its start, from a character or from a page on. Says how long the"
        " document is and where to read on."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "source": {"type": "string", "description": "The document's source."},
            "key": {"type": "string", "description": "The document's key."},
            "start": {"type": "integer", "description": "The first character, from 0; default: 0."},
            "page": {"type": "integer", "description": "Begin with this page, from 1, in place of `start`."},
            "length": {
                "type": "integer",
                "description": f"Characters, 1 to {_MOST_CHARACTERS:,}; default: {_CHARACTERS:,}.",
            },
        },
        "required": ["source", "key"],
        "additionalProperties": False,
    }
    writes = False

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        refuse_unknown(arguments, self.parameters)
        source, key = text_of(arguments, "source"), text_of(arguments, "key")
        length = number_of(arguments, "length", _CHARACTERS, 1, _MOST_CHARACTERS)
        with told_to_the_model():
            document = self._library().read(source, key, user)
        start = _start(document, arguments)
        passage = stretch(document, start, min(start + length, len(document.text)))
        return _read(document, passage)


def stretch(document: Document, start: int, end: int) -> Passage:
    """Return the passage from character `start` to `end` of a document, without boxes."""
    return Passage.of(document, start, end)


def _start(document: Document, arguments: Mapping[str, Any]) -> int:
    if arguments.get("page") is None:
        start = number_of(arguments, "start", 0, 0)
        if start >= len(document.text):
            raise ToolError(f"start is {start:,}, and the document has {len(document.text):,} characters", "take less")
        return start
    if arguments.get("start") is not None:
        raise ToolError("both start and page are given", "take one of them")
    page = number_of(arguments, "page", 1, 1)
    for one in document.pages:
        if one.number == page:
            return one.start
    raise ToolError(f"there is no page {page}", f"the document has {len(document.pages)} pages")


def _read(document: Document, passage: Passage) -> ToolResult:
    whole = len(document.text)
    more = passage.end < whole
    told = f"characters {passage.start:,} to {passage.end:,} of {whole:,}"
    told += f"; read on with start {passage.end}" if more else "; this is its end"
    data = _described(passage) | {"characters": whole, "next": passage.end if more else None}
    text = blanked(passage.text, passage.start, passage.notices)
    return ToolResult(f"{document.ref.title} ({told})\n\n{text}", data, (passage,), f"It is given with {told}.")


def _headed(passage: Passage) -> str:
    ref = passage.ref
    page = f", page {passage.page}" if passage.page is not None else ""
    place = f"source {ref.source}, key {ref.key}{page}, characters {passage.start} to {passage.end}"
    return f"{ref.title} ({place})\n{passage.own_text}"


def _described(passage: Passage) -> dict[str, Any]:
    ref = passage.ref
    document = {"source": ref.source, "key": ref.key, "title": ref.title, "uri": ref.uri}
    return {"document": document, "page": passage.page, "start": passage.start, "end": passage.end}
