"""Reads the YAML at the begin of a Markdown file: its title, authors, dates and language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.parsing.builder import clean_title
from assistant.parsing.metadata import iso_time, language_code
from assistant.types import Metadata

_MAX_LINES = 500
_MAX_CHARACTERS = 20_000  # what is longer is read line by line
_MAX_AUTHORS = 50
_LINE = re.compile(r"(?P<key>[A-Za-z][\w-]{0,40})\s*:\s+(?P<value>\S.*?)\s*\Z")
_ZONE = re.compile(r"\s+([+-]\d{2}:?\d{2})\Z")
_AUTHORS = ("author", "authors")
_CREATED = ("date", "created", "created_at", "published", "publish_date", "pubdate")
_MODIFIED = ("modified", "updated", "updated_at", "lastmod", "last_modified", "last_updated", "date_modified")
_LANGUAGES = ("lang", "language", "locale")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the file says of itself; `lines` is how many lines that takes, 0 if there are none."""

    lines: int = 0
    title: str = ""
    metadata: Metadata = field(default_factory=Metadata)


def read_front_matter(text: str, spans: Sequence[tuple[int, int]]) -> FrontMatter:
    """Return the front matter between two lines of `---` at the begin of a text.

    Args:
        text: the whole text.
        spans: where each of its lines starts and ends.
    """
    if not spans or text[slice(*spans[0])].rstrip() != "---":
        return FrontMatter()
    for number, (start, end) in enumerate(spans[1:_MAX_LINES], start=2):
        if text[start:end].rstrip() in {"---", "..."}:
            said = _parsed(text[spans[0][1] : start])
            title = said.get("title")
            return FrontMatter(number, clean_title(title) if isinstance(title, str) else "", _metadata(said))
    return FrontMatter()


def _parsed(text: str) -> dict[str, Any]:
    """Return the values by their names in lower case, all of them strings, lists and dictionaries."""
    import yaml

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    said: Any = None
    if len(text) <= _MAX_CHARACTERS:
        try:
            said = yaml.load(text, yaml.BaseLoader)  # noqa: S506 (this loader makes nothing but strings and lists)
        except (yaml.YAMLError, RecursionError, ValueError):
            said = None
    if not isinstance(said, dict):
        found = (match for match in map(_LINE.match, text.split("\n")) if match and match["value"][0] not in "|>[{&*!")
        said = {match["key"]: match["value"].split(" #", 1)[0].strip("\"' ") for match in found}
    return {key.lower(): value for key, value in said.items() if isinstance(key, str)}


def _metadata(said: dict[str, Any]) -> Metadata:
    names = (clean_title(name) for key in _AUTHORS for name in _names(said.get(key)))
    return Metadata(
        authors=tuple(dict.fromkeys(filter(None, names)))[:_MAX_AUTHORS],
        created=_first(iso_time(_ZONE.sub(r"\1", value)) for value in _texts(said, _CREATED)),
        modified=_first(iso_time(_ZONE.sub(r"\1", value)) for value in _texts(said, _MODIFIED)),
        language=_first(map(language_code, _texts(said, _LANGUAGES))),
    )


def _names(value: Any) -> Iterator[str]:
    """Yield names: of one author or a list of them, each a name or a dictionary with one."""
    for one in (value if isinstance(value, list) else [value])[:_MAX_AUTHORS]:
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str):
            yield name


def _texts(said: dict[str, Any], keys: Iterable[str]) -> Iterator[str]:
    return (value for key in keys if isinstance(value := said.get(key), str))


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")
