"""Reads what a web page says of itself in its head: authors, dates and language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean_title
from assistant.parsing.metadata import iso_time, language_code
from assistant.types import Metadata

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "book:author")
_CREATED = (
    "article:published_time", "datepublished", "dcterms.created", "dc.date.created", "created", "dcterms.date",
    "dc.date", "date", "pubdate",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "dc.date.modified", "changed",
    "modified", "last-modified", "revised",
)  # fmt: skip
_LANGUAGES = ("content-language", "dc.language", "dcterms.language", "language")
_MAX_TAGS = 500
_MAX_AUTHORS = 50


def page_metadata(tree: LexborHTMLParser) -> Metadata:
    """Return authors, dates and language as the `html` and `meta` elements state them."""
    said: dict[str, list[str]] = {}
    for tag in tree.css("meta[content]")[:_MAX_TAGS]:
        attributes = tag.attributes
        name = next(filter(None, map(attributes.get, ("name", "property", "itemprop", "http-equiv"))), "")
        said.setdefault((name or "").strip().lower(), []).append(attributes.get("content") or "")
    names = (clean_title(value) for value in _values(said, _AUTHORS))
    root = tree.css_first("html")
    tags = [root.attributes.get("lang"), root.attributes.get("xml:lang")] if root is not None else []
    return Metadata(
        authors=tuple(dict.fromkeys(name for name in names if name and "://" not in name))[:_MAX_AUTHORS],
        created=_first(map(iso_time, _values(said, _CREATED))),
        modified=_first(map(iso_time, _values(said, _MODIFIED))),
        language=_first(map(language_code, [*tags, *_values(said, _LANGUAGES)])),
    )


def _values(said: dict[str, list[str]], names: Iterable[str]) -> list[str]:
    return [value for name in names for value in said.get(name, ())]


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")
