"""What could be asked: sections of the newest documents at first, and of what an answer cites after it.

No model is called: a heading is what its author thought worth finding. Each is read through the library, which looks
at the reader's rights at that moment. Documents that read like orders to an assistant give none, for a person would
send their words on with a click.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Protocol

from assistant.access.outlines import Outline
from assistant.chunking.headings import plain
from assistant.conversations.shown import ShownTurn
from assistant.types import DocumentInfo, DocumentRef, User

_SHORTEST, _LONGEST = 4, 80  # characters of a heading that a question can be made of
_BODY = 120  # characters that a section has at least, so that there is something to answer from
_MARKS = re.compile(r"^[\s#>*=_-]+|[\s#*=_:.-]+$")
_NUMBER = re.compile(
    r"^(?:(?:section|chapter|part|article|abschnitt|kapitel|teil|artikel)\s+)?[\dIVXivx]+(?:\.\d+)*[.)]?\s+"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY = frozenset({"about", "the", "our", "this", "what", "über", "das", "der", "die", "unser", "unsere"})
_NOTHING = re.compile(
    r"(?:table of )?contents|index|references|bibliography|appendix|introduction|overview|summary|abstract|preface|"
    r"foreword|glossary|notes|acknowledgements|copyright|licen[cs]e|changelog|table of figures|inhalt(?:sverzeichnis)?|"
    r"einleitung|überblick|zusammenfassung|vorwort|literatur(?:verzeichnis)?|anhang|glossar|impressum",
    re.IGNORECASE,
)


class Library(Protocol):
    """Reads what a user may read."""

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that the user may read, by id."""
        ...

    def outlines(self, refs: Iterable[DocumentRef], user: User) -> Mapping[str, Outline]:
        """Return the outlines of those of the versions that are current and that the user may read, by id."""
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to ask about: a section of a document, or the whole of it where `heading` is empty."""

    ref: DocumentRef
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    start: int
    length: int


def first_suggestions(newest: Sequence[DocumentInfo], user: User, library: Library, most: int) -> list[Suggestion]:
    """Return what to ask first: of each document its first full section, else the document itself.

    Args:
        newest: documents to choose from, the best first.
        user: who asks; what this user may not read any more gives nothing.
        library: reads the documents.
        most: how many.
    """
    found: list[Suggestion] = []
    for info in newest:
        outline = library.outlines([info.ref], user).get(info.ref.id)
        if outline is None:
            continue
        section = next(_askable(outline), None)
        suggestion = Suggestion(info.ref, section.heading if section else "")
        if _name(suggestion) not in map(_name, found):
            found.append(suggestion)
        if len(found) == most:
            break
    return found


def sections_of(info: DocumentInfo, user: User, library: Library, most: int) -> list[Suggestion]:
    """Return what to ask about one document: its first full sections, else the document itself.

    Args:
        info: the document.
        user: who asks; what this user may not read any more gives nothing.
        library: reads the document.
        most: how many.
    """
    outline = library.outlines([info.ref], user).get(info.ref.id)
    if outline is None:
        return []
    found = {} if info.ref.flagged else {one.heading.casefold(): one.heading for one in _askable(outline)}
    return [Suggestion(info.ref, heading) for heading in list(found.values())[:most]] or [Suggestion(info.ref)]


def follow_ups(turn: ShownTurn, user: User, library: Library, most: int) -> list[Suggestion]:
    """Return what to ask after an answer: the sections next to those that it cites, of each document in turn.

    Args:
        turn: as its person may read it now; what is withdrawn gives nothing.
        user: whose turn it is.
        library: reads the documents.
        most: how many.
    """
    cited: dict[str, list[int]] = {}
    refs: dict[str, DocumentRef] = {}
    for shown in turn.citations:
        citation = shown.citation
        if citation is None or citation.kind == "attachment" or citation.passage.ref.flagged:
            continue
        ref = citation.passage.ref
        refs.setdefault(ref.id, ref)
        cited.setdefault(ref.id, []).append(citation.passage.start)
    current = library.readable(refs, user)
    outlines = library.outlines([current[key].ref for key in refs if key in current], user)
    asked = f"{turn.record.question} {turn.standalone}".casefold()
    by_document = [
        [Suggestion(outlines[key].ref, section.heading) for section in _near(outlines[key], cited[key], asked)]
        for key in refs
        if key in outlines
    ]
    in_turn = (one for row in zip_longest(*by_document) for one in row if one is not None)
    found: dict[str, Suggestion] = {}
    for suggestion in in_turn:
        found.setdefault(_name(suggestion), suggestion)
    return list(found.values())[:most]


def _near(outline: Outline, cited: Collection[int], asked: str) -> list[_Section]:
    """Return the sections that are not cited, and that were not asked about, the nearest to a cited place first."""
    there = {bisect_right(outline.headings, place) - 1 for place in cited}
    numbered = ((bisect_right(outline.headings, section.start) - 1, section) for section in _askable(outline))
    free = [
        (min(_distance(number, one) for one in there), section) for number, section in numbered if number not in there
    ]
    return [section for _, section in sorted(free, key=lambda pair: pair[0]) if section.heading.casefold() not in asked]


def _distance(number: int, cited: int) -> tuple[int, int]:
    """Return how far a section is from a cited one; of two that are as far, the later one comes first."""
    return abs(number - cited), int(number < cited)


def _askable(outline: Outline) -> Iterator[_Section]:
    """Yield the sections with a heading that says something, and with text below it."""
    title = _words(outline.ref.title)
    for start, end in pairwise((*outline.headings, len(outline.text))):
        line = outline.text[start:end].partition("\n")[0]
        heading = _plain(line)
        if (
            _SHORTEST <= len(heading) <= _LONGEST
            and _words(heading) - title
            and not _NOTHING.fullmatch(heading)
            and len(outline.text[start:end].strip()) - len(line) >= _BODY
        ):
            yield _Section(heading, start, end - start)


def _words(text: str) -> set[str]:
    """Return what a heading says: one that only repeats its document's title says nothing."""
    return {word.casefold() for word in _WORD.findall(text)} - _EMPTY


def _plain(line: str) -> str:
    return _NUMBER.sub("", _MARKS.sub("", plain(line)))


def _name(suggestion: Suggestion) -> str:
    return (suggestion.heading or suggestion.ref.title).casefold()
