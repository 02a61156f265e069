"""Writes lists and pairs as lines of a text field and reads them; what no lines can say stands there as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_JSON_LIST, _JSON_OBJECT = re.compile(r"\s*\[\s*[\]\"]"), re.compile(r"\s*\{\s*[}\"]")


def list_text(items: Sequence[Any]) -> str:
    """Return a list as it stands in a field: an item a line."""
    return _text("\n".join(map(str, items)), list(items), list_of)


def list_of(text: str) -> list[Any]:
    """Return the list that a text says, an item a line or as JSON. Raises json.JSONDecodeError."""
    if _JSON_LIST.match(text):
        items: list[Any] = json.loads(text)
        return items
    return [line.strip() for line in text.splitlines() if line.strip()]


def pairs_text(pairs: Mapping[str, Any]) -> str:
    """Return pairs as they stand in a field: `NAME: value` a line."""
    return _text("\n".join(f"{name}: {value}" for name, value in pairs.items()), dict(pairs), pairs_of)


def pairs_of(text: str) -> dict[str, Any]:
    """Return the pairs that a text says, one a line or as JSON.

    Raises:
        json.JSONDecodeError: it begins as JSON, and is none.
        ValueError: a line has no colon, or no name before it.
    """
    if _JSON_OBJECT.match(text):
        pairs: dict[str, Any] = json.loads(text)
        return pairs
    return dict(_pair(line) for line in text.splitlines() if line.strip())


def _pair(line: str) -> tuple[str, str]:
    # a name may hold colons, such as an account's id at Atlassian: only one before a space surely ends it
    name, colon, value = line.partition(": ")
    if not colon:
        name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise ValueError(line)
    return name.strip(), value.strip()


def _text(lines: str, value: Any, read: Callable[[str], Any]) -> str:
    """Return the lines if they are read as the value, else its JSON."""
    try:
        is_read = read(lines) == value
    except ValueError:
        is_read = False
    return lines if is_read else json.dumps(value, ensure_ascii=False)
