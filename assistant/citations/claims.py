"""Reads an answer that cites numbered sources: what each statement rests on, exactly where, and whether it follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.citations.align import align
from assistant.citations.locate import Found, Said, locate, together
from assistant.citations.markers import MarkerReader
from assistant.citations.resolve import Draft, Reader, resolve
from assistant.citations.statements import Statement, StatementReader
from assistant.citations.stretches import Stretch
from assistant.errors import NotFoundError
from assistant.types import Citation, Document, DocumentRef, Passage, PlannedPicture, User

Source = Passage | Document | PlannedPicture


@dataclass(frozen=True, slots=True)
class Claims:
    """What an answer claims.

    Attributes:
        citations: one for every statement and source that it cites, in the order of the text; `statement` says where.
        dropped: markers that pointed to nothing.
        text: the answer without these.
        uncited: where the statements stand that cite nothing.
    """

    citations: tuple[Citation, ...]
    dropped: int
    text: str
    uncited: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What a piece of a streamed answer gave: the text to show, and the citations of the statements that it ended."""

    text: str
    citations: tuple[Citation, ...]


class ClaimReader:
    """Reads an answer as it is written. Not safe to share between threads.

    Args:
        sources: what the model was given, by the numbers that it was told to cite.
        user: who will see the citations; documents are read anew, as this user, for every statement.
        reader: reads documents.
    """

    def __init__(self, sources: Mapping[int, Source], user: User, reader: Reader) -> None:
        self._markers = MarkerReader(sources.keys())
        self._statements = StatementReader()
        self._checker = _Checker(sources, user, reader)
        self._citations: list[Citation] = []
        self._uncited: list[tuple[int, int]] = []

    @property
    def claims(self) -> Claims:
        """What was read so far."""
        return Claims(tuple(self._citations), self._markers.dropped, self._markers.text, tuple(self._uncited))

    def feed(self, delta: str) -> Step:
        """Read more of the answer. Its text lags behind while a marker may have begun."""
        return self._read(delta, last=False)

    def finish(self) -> Step:
        """Read what is left; nothing may be fed afterwards."""
        return self._read("", last=True)

    def _read(self, delta: str, *, last: bool) -> Step:
        shown = self._markers.feed(delta, last=last)
        done = len(self._citations)
        if shown or last:
            read = self._statements.read(self._markers.text, self._markers.markers, self._markers.code, last=last)
            for statement in read:
                if statement.numbers:
                    self._citations += self._checker.check(statement)
                else:
                    self._uncited.append((statement.start, statement.end))
        return Step(shown, tuple(self._citations[done:]))


def read_claims(text: str, sources: Mapping[int, Source], user: User, reader: Reader) -> Claims:
    """Return what a whole answer claims; see `ClaimReader` for one that is still being written.

    Args:
        text: the answer, with markers such as `[2]` or `[1, 3]` behind its statements.
        sources: what the model was given, by number.
        user: who will see the citations; only what this user may read now is quoted.
        reader: reads documents.

    Returns:
        Citations whose `verified` says that the quote stands exactly there, and whose `supported` is what a rule says
        of whether the statement follows from it: None where the rule cannot tell.
    """
    reading = ClaimReader(sources, user, reader)
    reading.feed(text)
    reading.finish()
    return reading.claims


class _Once:
    """Reads every document once, for one statement: it is looked through and verified in the same text."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._read: dict[tuple[str, str], Document] = {}

    def read(self, source: str, key: str, user: User) -> Document:
        if (source, key) not in self._read:
            self._read[source, key] = self._reader.read(source, key, user)
        return self._read[source, key]


class _Checker:
    def __init__(self, sources: Mapping[int, Source], user: User, reader: Reader) -> None:
        self._sources, self._user, self._reader = sources, user, reader
        self._stretches: dict[tuple[int, str, bool], Stretch] = {}

    def check(self, statement: Statement) -> list[Citation]:
        """Return the citations of one statement, one a source."""
        said = Said(statement.text)
        once = _Once(self._reader)
        found: list[tuple[int, Document | None, Found | None]] = []
        for number in statement.numbers:
            document = self._current(number, once)
            found.append((number, document, self._find(said, number, document) if document else None))
        found = _judged_together(said, found)
        return [self._citation(statement, *each, once) for each in found]

    def _current(self, number: int, reader: Reader) -> Document | None:
        source = self._sources[number]
        if isinstance(source, PlannedPicture) and source.kind == "attachment":
            return None  # it is of no document
        ref = _ref(source)
        try:
            return reader.read(ref.source, ref.key, self._user)
        except NotFoundError:
            return None  # it may not be read any more

    def _find(self, said: Said, number: int, document: Document) -> Found | None:
        """Return where the source carries the statement; else where its document does, if it says so elsewhere."""
        source = self._sources[number]
        if isinstance(source, PlannedPicture):
            if document.ref.version != source.place.ref.version or not source.place.text.strip():
                return None
            found = locate(said, self._stretch(number, document, whole=False))
            return found if found is not None and found.supported else None  # else it was seen, and not read
        found = locate(said, self._stretch(number, document, whole=isinstance(source, Document)))
        if isinstance(source, Document) or (found is not None and found.supported):
            return found
        elsewhere = locate(said, self._stretch(number, document, whole=True))
        if elsewhere is not None and elsewhere.supported:
            return elsewhere
        if found is not None and source.captions and found.supported is False:
            return replace(found, supported=None)  # what a model said of its pictures is not in the text
        return found

    def _stretch(self, number: int, document: Document, *, whole: bool) -> Stretch:
        key = (number, document.ref.version, whole)
        if key not in self._stretches:
            source = self._sources[number]
            start, end, extra = 0, len(document.text), ""
            if isinstance(source, PlannedPicture):
                start, end = source.place.start, source.place.end
            elif not whole and isinstance(source, Passage):
                start, end = _span(source, document)
                extra = "\n".join(filter(None, (*source.heading_path, source.table_header)))
            self._stretches[key] = Stretch(document, start, end, extra)
        return self._stretches[key]

    def _citation(
        self, statement: Statement, number: int, document: Document | None, found: Found | None, reader: Reader
    ) -> Citation:
        source = self._sources[number]
        span = (statement.start, statement.end)
        if isinstance(source, PlannedPicture) and found is None:
            return Citation(number, _seen(source, document), "", verified=False, statement=span, kind=source.kind)
        if document is None:
            return Citation(number, _withdrawn(source), "", verified=False, statement=span)
        if found is None:
            place = source if isinstance(source, Passage) else Passage(document.ref, 0, 0, "")
            return Citation(number, place, "", verified=False, supported=False, statement=span)
        quote = document.text[found.start : found.end]
        place = _place(source, document, found, quote)
        citation = resolve([Draft(number, place, quote)], self._user, reader)[0]
        supported = found.supported if citation.verified else None
        if isinstance(source, PlannedPicture):  # what is shown of it is the picture, and not the lines of its words
            shown = replace(citation.passage, page=source.place.page, boxes=source.place.boxes)
            citation = replace(citation, passage=shown, kind=source.kind)
        return replace(citation, supported=supported, statement=span)


def _judged_together(
    said: Said, found: list[tuple[int, Document | None, Found | None]]
) -> list[tuple[int, Document | None, Found | None]]:
    """Return the same; where a statement follows from several sources only together, each of them supports it."""
    held = [(document, each) for _, document, each in found if document and each]
    if len(held) < 2 or any(each.supported for _, each in held):
        return found
    if not together(said, [each for _, each in held], held[0][0].metadata.language):
        return found
    return [(number, document, each and replace(each, supported=True)) for number, document, each in found]


def _span(passage: Passage, document: Document) -> tuple[int, int]:
    """Return where the passage stands now; the whole document if it changed so that this is not known."""
    if document.text[passage.start : passage.end] == passage.text:
        return passage.start, passage.end
    return align(passage.text, document.text, near=passage.start) or (0, len(document.text))


def _place(source: Source, document: Document, found: Found, quote: str) -> Passage:
    place = source.place if isinstance(source, PlannedPicture) else source
    if isinstance(place, Passage):
        return replace(place, ref=document.ref, start=found.start, end=found.end, text=quote, spots=(), notices=())
    return Passage(document.ref, found.start, found.end, quote, document.page_at(found.start))


def _seen(picture: PlannedPicture, document: Document | None) -> Passage:
    """Return the place of what was seen in a picture, without words: nobody read them there."""
    place = replace(picture.place, text="", notices=())
    if picture.kind == "attachment":
        return place
    if document is None:
        return replace(place, end=place.start, boxes=())
    if document.ref.version != place.ref.version:  # where the picture stands now is not known
        return Passage(document.ref, 0, 0, "")
    return replace(place, ref=document.ref)


def _withdrawn(source: Source) -> Passage:
    """Return the place without a word of what stood there."""
    ref = _ref(source)
    return Passage(ref, source.start, source.end, "") if isinstance(source, Passage) else Passage(ref, 0, 0, "")


def _ref(source: Source) -> DocumentRef:
    return source.place.ref if isinstance(source, PlannedPicture) else source.ref


__all__ = ["ClaimReader", "Claims", "Source", "Step", "read_claims"]
