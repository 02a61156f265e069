"""Finds the shortest stretch of a source that carries a statement, and says whether it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.citations.align import align
from assistant.citations.quantities import same
from assistant.citations.stretches import Stretch, Unit
from assistant.citations.support import ABSENT, NEAR, Judge
from assistant.citations.wording import Wording, dense, likely_language, read_wording

_MOST_UNITS = 4  # sentences of one quote
_WORTH = 0.05  # share of the statement that a further sentence must add
_LENGTH = 1e-5  # what a character counts: of two places that say the same the shorter one
_QUOTED = re.compile('["\u201c\u201e\u00ab]([^"\u201c\u201d\u00bb]{12,})["\u201d\u201c\u00bb]')
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "ru")
_SAMPLE = 2000  # characters of a source that its language is told by
_LEAST_WORDS = 3  # of a statement that can be found by its letters
_LEAST_DENSE = 6  # signs of one without blanks


@dataclass(frozen=True, slots=True)
class Found:
    """Where a statement stands in a document, from `start` to `end`; `supported` as in `types.Citation`.

    `quote` and `above` are its words and those of the headings that it stands under.
    """

    start: int
    end: int
    supported: bool | None
    quote: Wording
    above: Wording


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, read: `plain` as it is said, `wordings` by language once it was needed."""

    text: str

    def wording(self, language: str) -> Wording:
        """Return its words as those of a language."""
        return read_wording(self.text, language)


def locate(said: Said, stretch: Stretch) -> Found | None:
    """Return the shortest stretch that carries most of the statement; None where nothing has to do with it.

    Args:
        said: the statement.
        stretch: of a document, where it is looked for.
    """
    language = stretch.language
    statement = said.wording(language)
    literal = _literal(said.text, stretch)
    runs = stretch.units([w.lower for w in statement.words if w.stems])
    if literal is not None:
        around = [u for run in runs for u in run if u.start < literal[1] and u.end > literal[0]]
        if around:
            quote, above = _joined(around, language)
            judge = Judge(statement, quote, above)
            return Found(*literal, None if judge.turned_or_exceptional() else True, quote, above)
    best = _best(statement, runs)
    if best is None:
        return None
    quote, above = _joined(best, language)
    supported = _supported(said, Judge(statement, quote, above), stretch)
    return Found(best[0].start, best[-1].end, supported, quote, above)


def together(said: Said, found: Sequence[Found], language: str) -> bool:
    """Whether a statement follows from several quotes together, although from none of them alone."""
    quote = read_wording(" ".join(f.quote.text for f in found), language)
    above = read_wording("\n".join(f.above.text for f in found), language)
    return Judge(said.wording(language), quote, above).follows()


def _literal(text: str, stretch: Stretch) -> tuple[int, int] | None:
    """Return where the statement stands word by word, apart from markup, blanks and capitals."""
    wanted = text.replace("\u0130", "i").lower().strip(" .:;,\u3002\uff0e!")
    if len(wanted.split()) < _LEAST_WORDS and not (dense(wanted) and len(wanted) >= _LEAST_DENSE):
        return None
    shown = stretch.shown
    found = align(wanted, shown.text)
    while found is not None:
        start, end = found
        before, behind = shown.text[start - 1 : start], shown.text[end : end + 1]
        if dense(wanted) or not (
            (before.isalnum() and wanted[0].isalnum()) or (behind.isalnum() and wanted[-1].isalnum())
        ):
            if shown.text[end : end + 1] in {".", "!", "\u3002"}:
                end += 1
            return shown.origin(start, end)
        further = align(wanted, shown.text[end:])
        found = (further[0] + end, further[1] + end) if further else None
    return None


def _best(statement: Wording, runs: Sequence[Sequence[Unit]]) -> list[Unit] | None:
    """Return the neighbouring units that together have most of the statement, as few as possible."""
    best: list[Unit] | None = None
    most = 0.0
    for run in runs:
        held = [_held(statement, unit) for unit in run]
        for first in range(len(run)):
            have: set[object] = set()
            for last in range(first, min(len(run), first + _MOST_UNITS)):
                new = held[last] - have
                if last > first and not new:
                    continue
                have |= new
                value = _value(have, statement) - _WORTH * (last - first) - _LENGTH * (run[last].end - run[first].start)
                if value > most + 1e-9:
                    most, best = value, list(run[first : last + 1])
    return best


def _held(statement: Wording, unit: Unit) -> frozenset[object]:
    own = unit.wording
    common: set[object] = set(statement.stems & own.stems)
    common |= {("amount", n) for n, q in enumerate(statement.quantities) if any(same(q, o) for o in own.quantities)}
    lowered = own.text.lower()
    common |= {("code", code) for code in statement.codes if code in lowered}
    if not statement.stems:
        common |= {("word", w.lower) for w in statement.words} & {("word", w.lower) for w in own.words}
    return frozenset(common)


def _value(held: set[object], statement: Wording) -> float:
    """Return how much of the statement is held, from 0 to 1; amounts, codes and names count more than other words."""
    names = set(statement.names)

    def weight(key: object) -> float:
        if isinstance(key, tuple):
            return 1.0 if key[0] == "word" else 3.0
        return 2.0 if key in names else 1.0

    wanted: list[object] = [*statement.stems, *(("amount", n) for n in range(len(statement.quantities)))]
    wanted += [("code", code) for code in statement.codes]
    if not statement.stems:
        wanted += [("word", w.lower) for w in statement.words]
    total = sum(map(weight, wanted))
    return sum(map(weight, held)) / total if total else 0.0


def _joined(units: Sequence[Unit], language: str) -> tuple[Wording, Wording]:
    quote = read_wording(" ".join(unit.wording.text for unit in units), language)
    above = "\n".join(dict.fromkeys(line for unit in units for line in unit.above.split("\n")))
    return quote, read_wording(above, language)


def _supported(said: Said, judge: Judge, stretch: Stretch) -> bool | None:
    if any(align(_lower(m[1]).strip(" .,"), stretch.shown.text) is None for m in _QUOTED.finditer(said.text)):
        return False  # words are said to stand there that do not
    if judge.follows():
        return True
    if judge.contradicts():
        return False
    if said.text.endswith((":", "\uff1a")) or _foreign(said.text, stretch):
        return None  # what opens a list says little, and words of another language nothing
    if _unknown(judge, stretch):
        return False
    return None


def _lower(text: str) -> str:
    return text.replace("\u0130", "i").lower()


def _unknown(judge: Judge, stretch: Stretch) -> bool:
    """Whether the source does not speak of what is stated: of an amount or a name in it, or of most of its words."""
    if any(not stretch.has_amount(q) for q in judge.missing_amounts()) and not judge.derived():
        return True
    if any(not stretch.holds(name) for name in judge.missing_names()):
        return True
    return judge.held < ABSENT and judge.near < NEAR


def _foreign(said: str, stretch: Stretch) -> bool:
    """Whether the statement is in another language than the source."""
    source = stretch.shown.text[:_SAMPLE]
    if dense(said) != dense(source):
        return True
    candidates = [*_LANGUAGES, stretch.language] if stretch.language else _LANGUAGES
    one, other = likely_language(said, candidates), stretch.language or likely_language(source, candidates)
    return bool(one and other and one != other)
