"""Turns text into comparable words: stems, exact codes and numbers, and what a question asks for."""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from dataclasses import dataclass
from typing import Protocol

_WORD = re.compile(r"\w+(?:[.,:/'\u2019_-]\w+)*", re.UNICODE)
_PART = re.compile(r"[^\W_]+", re.UNICODE)
_SMALL = "one two three four five six seven eight nine ten eleven twelve"
_SPELLED = {word: str(number) for number, word in enumerate(_SMALL.split(), 1)}
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

# Function words, greetings, and words that only say that something is asked: none has to be found in an answer.
_FUNCTION_WORDS = """
    a about above after again against all also am an and any are aren as at be because been before being below
    between both but by can cannot could couldn d did didn do does doesn doing don down during each else ever
    few for from further get gets getting got had hadn has hasn have haven having he her here hers herself him
    himself his how i if in into is isn it its itself just ll m ma may maybe me might mine more most mustn must
    my myself need needed needs no nor not now of off on once only or other our ours ourselves out over own per
    please re s same shall she should shouldn so some such t than that the their theirs them themselves then
    there these they this those through to too under until up upon us ve very was wasn we were weren what when
    where whether which while who whom whose why will with won would wouldn yes you your yours yourself
    yourselves
    summarise summarize summary overview compare difference list tell know want wanted explain describe show
    hello hi hey bye goodbye thank thanks cheers ok okay
    give find happen happens happened someone something anyone anything many much long often let lets mean means
"""
STOPWORDS = frozenset(_FUNCTION_WORDS.split())


class _Stemmer(Protocol):
    def stem_word(self, word: str) -> str: ...


_local = threading.local()


def _stemmer() -> _Stemmer:
    """Return this thread's stemmer: the library does not say that one may be shared."""
    found: _Stemmer | None = getattr(_local, "stemmer", None)
    if found is None:
        from py_rust_stemmers import SnowballStemmer

        found = SnowballStemmer("english")
        _local.stemmer = found
    return found


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the Snowball (Porter2, English) stem of one lower-case word; words with digits stay as they are."""
    if not word.isascii() or not word.isalpha():
        return word
    return _stemmer().stem_word(word)


def fold(text: str) -> str:
    """Return the text in lower case without accents, so that `Résumé` meets `resume`."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


def stems(text: str) -> list[str]:
    """Return the stems of all words in order, function words left out; Chinese, Japanese, Korean as pairs of signs."""
    found: list[str] = []
    for part in _PART.findall(fold(text)):
        if _CJK.search(part):
            found.extend(part[i : i + 2] for i in range(max(1, len(part) - 1)))
        elif part not in STOPWORDS:
            found.append(stem(part))
    return found


def codes(text: str, *, spelled: bool = False) -> frozenset[str]:
    """Return the numbers, dates and codes of a text: every word with a digit, lower case, `1,000` as `1000`.

    Args:
        text: any text.
        spelled: also return the numbers up to twelve that are written as words, as digits.
    """
    found = {_code(word) for word in _WORD.findall(text) if any(c.isdigit() for c in word)}
    if spelled:
        found |= {_SPELLED[word] for word in _PART.findall(text.lower()) if word in _SPELLED}
    return frozenset(found)


def _code(word: str) -> str:
    lowered = fold(word).replace("\u2019", "'")
    lowered = re.sub(r"(?<=\d)'?s$|'s$", "", lowered)  # the 1970s, the 1970's
    return lowered.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", lowered) else lowered


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the scorer reads it.

    Attributes:
        text: the standalone question.
        weights: how much each content stem counts, 1 for the question's own words, less for carried ones.
        names: the stems among them that are written like names, which another word can hardly stand for.
        codes: numbers, dates and codes that the evidence must hold exactly.
        wants: what kind of thing is asked for, `duration`, `number`, `date`, `person` or nothing in particular.
        code_wanted: whether source code may be quoted.
    """

    text: str
    weights: dict[str, float]
    names: frozenset[str]
    codes: frozenset[str]
    wants: str
    code_wanted: bool


_DURATION = re.compile(r"\bhow (long|often|soon|early|late|far in advance)\b", re.I)
_NUMBER = re.compile(r"\bhow (many|much|old|far|large|big|high|tall)\b|\bwhat (number|percent|amount)", re.I)
_DATE = re.compile(r"\bwhen\b|\b(what|which) (year|date|day|month|century)\b", re.I)
_PERSON = re.compile(r"\bwho(m|se)?\b", re.I)
_NAME = re.compile(r"(?<!^)(?<![.!?:]\s)\b(?:[A-Z][\w-]+|[a-z]+[A-Z]\w*)")
_CODE = re.compile(r"\b(code|snippet|command|cli|script|curl|example request|syntax|run|install)\b", re.I)


def read_question(text: str, carried: tuple[str, ...] = (), carried_weight: float = 0.5) -> Question:
    """Return the question's content words, codes and kind.

    Args:
        text: the question as it was asked, without carried words.
        carried: words from earlier turns that make it standalone.
        carried_weight: how much a carried word counts beside one of the question's own.
    """
    weights: dict[str, float] = {}
    for found in stems(" ".join(carried)):
        weights[found] = carried_weight
    for found in stems(text):
        weights[found] = 1.0
    wants = ""
    for kind, pattern in (("duration", _DURATION), ("number", _NUMBER), ("date", _DATE), ("person", _PERSON)):
        if pattern.search(text):
            wants = kind
            break
    full = " ".join([text, *carried]) if carried else text
    names = frozenset(stems(" ".join(_NAME.findall(text))))
    return Question(full, weights, names, codes(text), wants, bool(_CODE.search(text)))
