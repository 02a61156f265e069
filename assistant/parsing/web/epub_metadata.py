"""Reads what an EPUB says of itself: authors, dates and language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean_title
from assistant.parsing.metadata import iso_time, language_code
from assistant.parsing.ooxml.package import attribute, local_name
from assistant.types import Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_AUTHORS = 50
_OTHER_EVENTS = {"modification", "conversion", "original-publication"}


def book_metadata(about: _Element | None) -> Metadata:
    """Return authors, dates and language from a package file's `metadata` element.

    Args:
        about: the element, None if there is none.
    """
    if about is None:
        return Metadata()
    said: dict[str, list[_Element]] = {}
    for one in about:
        said.setdefault(local_name(one), []).append(one)
    roles = {
        attribute(one, "refines"): _text(one) for one in said.get("meta", ()) if attribute(one, "property") == "role"
    }
    creators = (
        clean_title(one.text)
        for one in said.get("creator", ())
        if (attribute(one, "role") or roles.get(f"#{attribute(one, 'id')}") or "aut") == "aut"
    )
    events = [(attribute(one, "event") or "", iso_time(_text(one))) for one in said.get("date", ())]
    changed = [iso_time(_text(one)) for one in said.get("meta", ()) if attribute(one, "property") == "dcterms:modified"]
    return Metadata(
        authors=tuple(dict.fromkeys(filter(None, creators)))[:_MAX_AUTHORS],
        created=_first(time for event, time in events if event not in _OTHER_EVENTS),
        modified=_first([*changed, *(time for event, time in events if event == "modification")]),
        language=_first(language_code(_text(one)) for one in said.get("language", ())),
    )


def _text(element: _Element) -> str:
    return (element.text or "").strip()


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")
