"""Prefers newer documents where the question asks for what is new, and leaves every other question alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.retrieval.candidates import Candidate

# A rank counts 1 / (10 + rank), as in reciprocal rank fusion (Cormack et al., 2009), and the newest date `_NEWEST`: it
# passes at most the six that are more relevant, never a whole list.
_K = 10
_NEWEST = 0.04
_CONSIDERED = 50  # passages; behind them nothing is relevant enough to come forward for its date alone

# "current" is also a word of physics and of accounting, where it asks for nothing new.
_NOT_NEW = r"(?:assets?|liabilit|ratio|account|portion|maturit|tax|densit|transform|sourc|limit|flow|voltage|sensor)"
_WORDS = re.compile(
    rf"""
    \b(?: latest | newest | most\s+recent(?:ly)? | up[\s-]to[\s-]date
        | recent\s+(?:changes?|updates?|versions?|news|developments?)
        | currently | (?:the|our|your|my|is|are|what|which|whose)\s+current\s+(?!{_NOT_NEW})
        | (?:this|current)\s+(?:year|month|week|quarter)
        | neuest\w* | neust\w* | aktuell\w* | derzeit\w* | gegenwärtig\w* | jüngst\w*
        | (?:dieses|diesem|diesen)\s+(?:Jahr|Jahres|Monat|Monats|Quartal) | diese\s+Woche
        | (?:la|le|les)\s+plus\s+récente?s? | (?:le|la|les)\s+dernière?s?\s+versions? | actuel(?:le|s|les|lement)?
        | (?:cette|en\s+cours)\s+année | ce\s+mois(?:-ci)?
        | (?:la|el|los|las)\s+más\s+recientes? | última\s+versión | actuales | actualmente | este\s+(?:año|mes)
        | più\s+recent[ei] | ultima\s+versione | attual(?:e|i|mente) | quest['\u2019]anno | questo\s+mese
        | mais\s+recentes? | última\s+versão | atual(?:mente)? | este\s+(?:ano|mês)
        | nieuwste | meest\s+recente | huidige? | (?:dit|deze)\s+(?:jaar|maand|week)
    )\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
# A year, or a date in ISO 8601. "As of June 30, 2024" names the day of a balance, which is published after it.
_AS_OF = re.compile(
    r"\b(?:as\s+(?:of|at)|(?-i:Stand)|en\s+date\s+de|a\s+fecha\s+de)\s+(?:the\s+)?(?:end\s+of\s+|late\s+|ende\s+)?"
    r"((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?(?![\w-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question asks of dates: the newest, or the newest of those that are not after `until` (ISO 8601)."""

    until: str = ""


def recency_wish(question: str) -> Wish | None:
    """Return what the question asks of dates, in any of the languages known here; None where it asks for nothing.

    English, German, French, Spanish, Italian, Portuguese and Dutch: words such as `latest`, `aktuell` or `this year`,
    and a date that the answer is to be as of (`as of 2024`).
    """
    as_of = _AS_OF.search(question)
    if as_of:
        year, month, day = as_of.groups()
        return Wish(f"{year}-{month or '12'}-{day or '31'}T23:59:59Z")
    return Wish() if _WORDS.search(question) else None


def prefer_recent(candidates: Sequence[Candidate], wish: Wish) -> list[Candidate]:
    """Return the candidates with those of newer documents further in front.

    Scores stay at their places: they fall from the first to the last, whoever stands there.

    Where the wish has a date, documents after it do not come forward. A document without a date does neither, and
    where fewer than two have dates that differ, nothing changes.

    Args:
        candidates: best first.
        wish: from `recency_wish`.
    """
    near, far = list(candidates[:_CONSIDERED]), list(candidates[_CONSIDERED:])
    fitting = {c.date for c in near if c.date and (not wish.until or c.date <= wish.until)}
    if len({c.date for c in near if c.date}) < 2:
        return list(candidates)
    newness = {date: rank / len(fitting) for rank, date in enumerate(sorted(fitting), start=1)}

    def promise(entry: tuple[int, Candidate]) -> float:
        rank, candidate = entry
        return 1 / (_K + rank) + _NEWEST * newness.get(candidate.date, 0.0)

    ranked = sorted(enumerate(near), key=promise, reverse=True)
    scores = sorted((c.passage.score for c in near), reverse=True)
    moved = [replace(c, passage=replace(c.passage, score=score)) for (_, c), score in zip(ranked, scores, strict=True)]
    return moved + far
