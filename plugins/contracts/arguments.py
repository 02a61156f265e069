"""What the tools of this pack take as arguments, checked, and how they say where something stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from assistant.errors import AssistantError, ToolError
from assistant.types import DocumentRef, Passage

_LONGEST = 500  # characters

DOCUMENT: Mapping[str, Any] = {
    "type": "object",
    "description": "A document that `search` or another tool named.",
    "properties": {
        "source": {"type": "string", "description": "The document's source."},
        "key": {"type": "string", "description": "The document's key."},
    },
    "required": ["source", "key"],
    "additionalProperties": False,
}


def refuse_unknown(arguments: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Raise ToolError for an argument that the schema does not have."""
    if unknown := sorted(set(arguments) - set(parameters["properties"])):
        raise ToolError(f"there is no argument {unknown[0]!r}", f"there are: {', '.join(parameters['properties'])}")


def text_of(arguments: Mapping[str, Any], name: str) -> str:
    """Return a text, empty where it is not given. Raises ToolError where it is no text or too long."""
    found = arguments.get(name)
    if found is None:
        return ""
    if not isinstance(found, str) or len(found) > _LONGEST:
        raise ToolError(f"{name} is no text of up to {_LONGEST} characters", "correct that argument")
    return found.strip()


def choice_of(arguments: Mapping[str, Any], name: str, choices: Mapping[str, Any] | tuple[str, ...]) -> str:
    """Return one of the choices, empty where it is not given. Raises ToolError for another."""
    found = text_of(arguments, name)
    if found and found not in choices:
        raise ToolError(f"{name} is {found!r}", f"choose one of: {', '.join(choices)}")
    return found


def number_of(arguments: Mapping[str, Any], name: str, default: int, most: int) -> int:
    """Return a whole number from 1. Raises ToolError where it is none, or too high."""
    found = arguments.get(name)
    if found is None:
        return default
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= most:
        raise ToolError(f"{name} is no whole number from 1 to {most}", "correct that argument")
    return found


def flag_of(arguments: Mapping[str, Any], name: str) -> bool:
    """Return whether it is true; not given, it is not. Raises ToolError where it is neither true nor false."""
    found = arguments.get(name)
    if found is not None and not isinstance(found, bool):
        raise ToolError(f"{name} is neither true nor false", "correct that argument")
    return bool(found)


def place_of(arguments: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return source and key of a document. Raises ToolError where it is not given."""
    found = arguments.get(name)
    if not isinstance(found, Mapping) or not all(
        isinstance(found.get(part), str) and found[part] for part in ("source", "key")
    ):
        raise ToolError(f"{name} is no object with source and key", "name a document that `search` found")
    return found["source"], found["key"]


@contextmanager
def told_to_the_model() -> Iterator[None]:
    """Raise the house's errors as ToolError, so that the model reads them."""
    try:
        yield
    except ToolError:
        raise
    except AssistantError as error:
        raise ToolError(error.message, error.hint) from error


def described(ref: DocumentRef) -> dict[str, Any]:
    """Return a document as JSON."""
    return {"source": ref.source, "key": ref.key, "title": ref.title}


def placed(passage: Passage) -> dict[str, Any]:
    """Return where a passage stands, as JSON."""
    return {"document": described(passage.ref), "page": passage.page, "start": passage.start, "end": passage.end}


def where(passage: Passage) -> str:
    """Return where a passage stands, for a model."""
    page = f", page {passage.page}" if passage.page is not None else ""
    return f"source {passage.ref.source}, key {passage.ref.key}{page}, characters {passage.start} to {passage.end}"


def shortened(passage: Passage, most: int) -> str:
    """Return the passage's text without notices, which says so where it is cut."""
    text = passage.own_text
    return text if len(text) <= most else f"{text[:most]} [… {len(text) - most:,} characters more: read_document]"
