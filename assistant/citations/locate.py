"""Finds the shortest stretch of a source that carries a statement, and says whether it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.citations.align import align
from assistant.citations.quantities import same
from assistant.citations.stretches import Stretch, Unit
from assistant.citations.support import ABSENT, FAR, HALF, NEAR, Judge, wrong_column
from assistant.citations.wording import Wording, dense, likely_language, read_wording

_MOST_UNITS = 4  # sentences of one quote
_WORTH = 0.05  # share of the statement that a further sentence must add
_LENGTH = 1e-5  # what a character counts: of two places that say the same the shorter one
_QUOTED = re.compile('["\u201c\u201e\u00ab]([^"\u201c\u201d\u00bb]{12,})["\u201d\u201c\u00bb]')
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "ru")
_SAMPLE = 2000  # characters of a source that its language is told by
_LEAST_WORDS = 3  # of a statement that can be found by its letters
_LEAST_DENSE = 6  # signs of one without blanks

# What says that something is said, and nothing of it; with a name in it, it does say something.
_LEAD_IN = re.compile(
    r"""^(?i:
        according\ to\ (?-i:[a-z][a-z -]{1,50}),
      | as\ (?:stated|noted|described|mentioned|outlined|said)\ (?:in|by|on|above)(?-i:[a-z -]{0,50}),
      | (?:the|this)\ (?:document|handbook|policy|report|source|filing|page|text|guide|passage|section)s?
        \ (?:says?|states?|notes?|explains?|reports?|mentions?)(?:\ that)?,?
      | it\ (?:is|was)\ (?:stated|noted|reported|said|mentioned)\ that
      | in\ (?:short|summary|brief|other\ words|addition|general), | overall, | note\ that | (?:more)?specifically,
      | additionally, | furthermore, | moreover, | also, | however, | therefore, | thus, | finally, | as\ a\ rule,
      | for\ (?:example|instance), | laut\ (?-i:[a-zäöü]\w*\ \w+), | zusammengefasst,
      | selon\ (?-i:[a-zà-ü'\ ]{1,40}), | según\ (?-i:[a-zà-ü\ ]{1,40}), | en\ resumen, | en\ résumé,
    )\s+(?=\S+\s+\S)""",
    re.VERBOSE,
)


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
    """A statement as it is said."""

    text: str

    @property
    def bare(self) -> str:
        """The statement without what says only that it is said."""
        return _LEAD_IN.sub("", self.text)

    def wording(self, language: str) -> Wording:
        """Return its words as those of a language."""
        return read_wording(self.bare, language)


def locate(said: Said, stretch: Stretch) -> Found | None:
    """Return the shortest stretch that carries most of the statement; None where nothing has to do with it.

    Args:
        said: the statement.
        stretch: of a document, where it is looked for.
    """
    language = stretch.language
    statement = said.wording(language)
    literal = _literal(said.text, stretch) or _literal(said.bare, stretch)
    runs = stretch.units([w.lower for w in statement.words if w.stems])
    if literal is not None:
        around = [u for run in runs for u in run if u.start < literal[1] and u.end > literal[0]]
        if around:
            judge = _judge(statement, around, language)
            return Found(*literal, None if judge.turned_or_exceptional() else True, judge.quote, judge.above)
    best = _best(statement, runs)
    if best is None:
        return None
    if len(best) > 1:
        # What one of the sentences says otherwise, another one beside it does not make right.
        judges = ((unit, _judge(statement, [unit], language)) for unit in best)
        best = next(([unit] for unit, judge in judges if judge.near >= NEAR and judge.contradicts()), best)
    judge = _judge(statement, best, language)
    supported = _supported(said, judge, stretch)
    if supported and any(wrong_column(statement, unit.columns) for unit in best):
        supported = False
    return Found(best[0].start, best[-1].end, supported, judge.quote, judge.above)


def _judge(statement: Wording, units: Sequence[Unit], language: str) -> Judge:
    return Judge(statement, *_joined(units, language))


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
    names = read_wording(" | ".join(name for name, _ in unit.columns), own.language)
    amounts = own.quantities + names.quantities
    common: set[object] = set(statement.stems & (own.stems | names.stems))
    common |= {("amount", n) for n, q in enumerate(statement.quantities) if any(same(q, o) for o in amounts)}
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
    quote = read_wording(" ".join(map(_labelled, units)), language)
    above = "\n".join(dict.fromkeys(line for unit in units for line in unit.above.split("\n")))
    return quote, read_wording(above, language)


def _labelled(unit: Unit) -> str:
    """Return what a unit says; a table's row with the names of its columns."""
    if not unit.columns:
        return unit.wording.text
    return "; ".join(f"{name}: {cell}" for name, cell in unit.columns if cell)


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
    return judge.near < NEAR and (judge.held < ABSENT or (judge.near < FAR and judge.held < HALF))


def _foreign(said: str, stretch: Stretch) -> bool:
    """Whether the statement is in another language than the source."""
    source = stretch.shown.text[:_SAMPLE]
    if dense(said) != dense(source):
        return True
    candidates = [*_LANGUAGES, stretch.language] if stretch.language else _LANGUAGES
    one, other = likely_language(said, candidates), stretch.language or likely_language(source, candidates)
    return bool(one and other and one != other)
