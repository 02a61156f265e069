"""Puts together what is hidden in a document: by its format, and by characters that nothing shows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from assistant.errors import AssistantError
from assistant.injection import UNSEEN
from assistant.parsing.builder import clean
from assistant.parsing.hidden.office import docx_hidden, pptx_hidden, xlsx_hidden
from assistant.parsing.hidden.pages import pdf_hidden
from assistant.parsing.hidden.web import html_hidden
from assistant.types import Document, Hidden, HiddenKind

log = logging.getLogger(__name__)
Hiding = tuple[HiddenKind, str]  # why, and what
Finder = Callable[[str, bytes], Iterator[Hiding]]
_WORD = "application/vnd.openxmlformats-officedocument."
_FINDERS: tuple[tuple[tuple[str, ...], Finder], ...] = (
    (("text/html", "application/xhtml+xml"), html_hidden),
    (("application/pdf",), pdf_hidden),
    ((f"{_WORD}wordprocessingml", "application/vnd.ms-word.document.macroenabled"), docx_hidden),
    ((f"{_WORD}presentationml", "application/vnd.ms-powerpoint"), pptx_hidden),
    ((f"{_WORD}spreadsheetml", "application/vnd.ms-excel.sheet.macroenabled"), xlsx_hidden),
)
_MOST = 200  # stretches that are kept one by one
_SHOWN = 2_000  # characters of one
_USUAL = frozenset("\u00ad\ufeff")  # a soft hyphen and a mark of the byte order hide nothing


def with_hidden(document: Document, data: bytes) -> Document:
    """Return the document with what it hides.

    Args:
        document: as it was parsed.
        data: its bytes.
    """
    return replace(document, hidden=(*_unseen(document.text), *_of_format(document, data)))


def _of_format(document: Document, data: bytes) -> Iterator[Hidden]:
    ref = document.ref
    finder = next((found for types, found in _FINDERS if ref.media_type.startswith(types)), None)
    if finder is None:
        return
    try:
        found = list(finder(ref.key, data))
    except (AssistantError, ValueError, TypeError, KeyError, AttributeError, OSError, RuntimeError) as error:
        # the text was read, so that the document is no worse for it: but nobody knows what it hides
        log.warning("%s: it was not looked for hidden text: %s", ref.key, error)
        yield Hidden("unchecked", 0, "")
        return
    yield from _placed(document.text, found)


def _placed(text: str, found: Sequence[Hiding]) -> Iterator[Hidden]:
    """Yield what was found with its place in the text, as far as it stands there; what is too much is added up."""
    rest: dict[HiddenKind, list[str]] = {}
    at = 0
    for number, (kind, raw) in enumerate(found):
        words = " ".join(clean(raw).split())
        if not words:
            continue
        if number >= _MOST:
            rest.setdefault(kind, []).append(words)
            continue
        start = text.find(words, at)
        start = start if start >= 0 else text.find(words)
        if start < 0:
            yield Hidden(kind, len(words), words[:_SHOWN])
            continue
        at = start + len(words)
        yield Hidden(kind, len(words), words[:_SHOWN], start, at)
    for kind, several in rest.items():
        joined = "\n".join(several)
        yield Hidden(kind, len(joined), joined[:_SHOWN])


def _unseen(text: str) -> Iterator[Hidden]:
    found = [one for one in UNSEEN.finditer(text) if not set(one[0]) <= _USUAL]
    for one in found[:_MOST]:
        yield Hidden("unseen", len(one[0]), one[0], *one.span())
    if len(found) > _MOST:
        rest = "".join(one[0] for one in found[_MOST:])
        yield Hidden("unseen", len(rest), rest[:_SHOWN])
