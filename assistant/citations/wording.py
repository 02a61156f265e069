"""Reads what a sentence says as far as words show it: its stems, names, codes, amounts, and what it negates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.adapters.terms import DENSE_SIGN, document_terms, is_stop_word, plain_words
from assistant.citations.quantities import Quantity, quantities

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*", re.UNICODE)
_CODE = re.compile(r"(?<![\w/])(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])\w+(?:[./-]\w+)*(?:\(\w\))*")
_PLACE_VALUE = re.compile(r"\d+(?:st|nd|rd|th|s|k|m|bn|b)?", re.IGNORECASE)
_TITLED = 0.7  # share of words with a capital from which on capitals say nothing
_SCOPE = 4  # content words behind a negation that it is taken to be about
_NEGATIONS = {
    "en": "not no never none nobody nothing neither nor without cannot unable isn't aren't wasn't weren't don't "
    "doesn't didn't won't wouldn't can't couldn't shouldn't mustn't hasn't haven't hadn't needn't prohibited forbidden "
    "fails failed refuses denies denied lacks",
    "de": "nicht kein keine keinen keiner keinem keines nie niemals ohne weder nichts niemand",
    "fr": "ne n pas jamais aucun aucune sans ni rien personne",
    "es": "no nunca jamás ningún ninguna ninguno sin ni nada nadie",
    "it": "non mai nessun nessuna nessuno senza né niente nulla",
    "pt": "não nunca jamais nenhum nenhuma sem nem nada ninguém",
    "nl": "niet geen nooit zonder noch niets niemand",
    "sv": "inte ej ingen inget inga aldrig utan",
    "da": "ikke ingen intet aldrig uden",
    "no": "ikke ingen aldri uten",
    "ru": "не нет ни никогда без никто ничего",
    "ro": "nu niciun nicio fără niciodată",
}
_DENSE_NEGATION = re.compile(
    r"[\u4e0d\u6c92\u6ca1\u7121\u65e0\u975e\u672a]|\u306a\u3044|\u307e\u305b\u3093|\uc54a|\uc5c6|\ubabb|\uc544\ub2c8"
)
_OPPOSITES = """
    increase decrease|increased decreased|increases decreases|rise fall|rose fell|higher lower|highest lowest|high low
    more less|more fewer|most least|above below|before after|always never|minimum maximum|earlier later|first last
    allowed forbidden|permitted prohibited|permitted forbidden|allowed prohibited|required optional|mandatory optional
    include exclude|included excluded|includes excludes|including excluding|internal external|public private
    accept reject|accepted rejected|approve reject|approved rejected|approved denied|enable disable|enabled disabled
    gain loss|gains losses|profit loss|positive negative|buy sell|open closed|start end|begin end|favorable unfavorable
    possible impossible|able unable|paid unpaid|taxable nontaxable|eligible ineligible|valid invalid|over under
    strengthened weakened|grew shrank|grew declined|growth decline|increase decline|increased declined|all none
    up down|early late|win lose|add remove|added removed|true false|same different|large small|new old|longer shorter
    must may|required allowed|partially fully|temporary permanent|exempt subject|inside outside|everyone nobody
"""
_PAIRS: dict[str, set[str]] = {}
for _pair in _OPPOSITES.replace("\n", "|").split("|"):
    _two = _pair.split()
    if len(_two) == 2:
        _PAIRS.setdefault(_two[0], set()).add(_two[1])
        _PAIRS.setdefault(_two[1], set()).add(_two[0])


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, in lower case without `'s`, and the stems it is compared by; none for a function word."""

    start: int
    end: int
    text: str
    lower: str
    stems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a text say.

    Attributes:
        text, language: as given.
        words: all of them, in order.
        stems: of the words that are no function words.
        names: stems of words written like names, in order; `codes` are such as `SF-182`, in lower case.
        quantities: numbers and dates.
        negated: stems within reach of a negation; `negations` is how many negations there are.
    """

    text: str
    language: str
    words: tuple[Word, ...]
    stems: frozenset[str]
    names: tuple[str, ...]
    codes: frozenset[str]
    quantities: tuple[Quantity, ...]
    negated: frozenset[str]
    negations: int


@lru_cache(maxsize=512)
def read_wording(text: str, language: str = "") -> Wording:
    """Return what the words of a text say.

    Args:
        text: plain, without markup.
        language: ISO 639-1; empty: unknown, which is read as English.
    """
    words = _words(text, language)
    amounts = tuple(quantities(text))
    codes = {m.group().lower() for m in _CODE.finditer(text) if not _PLACE_VALUE.fullmatch(m.group())}
    inside = [(q.start, q.end) for q in amounts]
    own = [w for w in words if w.stems and not any(a <= w.start and w.end <= b for a, b in inside)]
    negated, negations = _negated(text, words, language)
    return Wording(
        text,
        language,
        words,
        frozenset(stem for w in own for stem in w.stems),
        _names(text, words, own, language),
        frozenset(codes),
        amounts,
        negated,
        negations,
    )


def opposites(word: str) -> frozenset[str]:
    """Return the words of a closed list that say the contrary of a lower-case word."""
    return frozenset(_PAIRS.get(word, ()))


def negates(word: str, language: str) -> bool:
    """Whether a lower-case word negates, in this language or in English."""
    return word in _negations(language) or word in _negations("en")


def dense(text: str) -> bool:
    """Whether a text is mostly of a script without blanks between words."""
    return 2 * len(DENSE_SIGN.findall(text)) > sum(c.isalpha() for c in text)


def likely_language(text: str, candidates: Sequence[str]) -> str:
    """Return the language whose function words a text has most of; empty if it has hardly any, or of several alike.

    Args:
        text: a sentence or more.
        candidates: ISO 639-1.
    """
    words = plain_words(text)
    counts = sorted(
        ((sum(is_stop_word(w, code) for w in words), code) for code in dict.fromkeys(candidates)), reverse=True
    )
    if not counts or counts[0][0] < 2 or (len(counts) > 1 and counts[0][0] == counts[1][0]):
        return ""
    return counts[0][1]


def _words(text: str, language: str) -> tuple[Word, ...]:
    found: list[Word] = []
    for match in _TOKEN.finditer(text):
        written = match.group().replace("\u2019", "'")
        lower = re.sub(r"(?<=\w\w)'s$", "", written.lower())
        found.append(Word(match.start(), match.end(), written, lower, _stems(lower, language)))
    return tuple(found)


@lru_cache(maxsize=100_000)
def _stems(word: str, language: str) -> tuple[str, ...]:
    if negates(word, language):
        return ()
    return tuple(document_terms(word, language))


def _names(text: str, every: Sequence[Word], words: Sequence[Word], language: str) -> tuple[str, ...]:
    """Return stems of the words written like names: with a capital within the sentence, or with several."""
    titled = sum(w.text[:1].isupper() for w in every) > _TITLED * len(every) and len(every) > 3
    found: list[str] = []
    for word in words:
        written = word.text
        if any(c.isdigit() for c in written) or not written[:1].isalpha():
            continue
        inner = any(c.isupper() for c in written[1:])
        before = text[: word.start].rstrip("\"'([\u201c\u2018\u00ab*_ ")
        begins = not before or before[-1] in ".!?:|\u2022;\n"
        if inner or (written[0].isupper() and not begins and not titled and language != "de"):
            found.extend(word.stems)
    return tuple(found)


@lru_cache(maxsize=32)
def _negations(language: str) -> frozenset[str]:
    return frozenset(_NEGATIONS.get(language or "en", "").split())


def _negated(text: str, words: Sequence[Word], language: str) -> tuple[frozenset[str], int]:
    found: set[str] = set()
    count = 0
    for at, word in enumerate(words):
        if not negates(word.lower, language):
            continue
        if word.lower == "not" and at + 1 < len(words) and words[at + 1].lower in {"only", "just", "merely"}:
            continue
        if word.lower == "no" and text[word.end : word.end + 1] == ".":
            continue  # number
        count += 1
        reach = [w for w in words[at + 1 : at + 1 + 2 * _SCOPE] if w.stems][:_SCOPE]
        stop = re.search(r"[.;:!?,]|\bbut\b", text[word.end : reach[-1].end] if reach else "")
        limit = word.end + stop.start() if stop else len(text)
        found.update(stem for w in reach if w.start < limit for stem in w.stems)
    count += len(_DENSE_NEGATION.findall(text))
    return frozenset(found), count
