"""Cuts documents and queries into the terms that BM25 counts, by language; the same way for every index adapter.

A word gives its Snowball stem in its language (Porter, http://snowball.tartarus.org), without accents; what is written
without blanks between words (Chinese, Japanese, Thai, Khmer, Lao, Burmese, Korean) gives pairs of neighbouring signs.
A stop word gives nothing; the lists are those of Qdrant's engine. What joins several words without a blank, such as
`SF-182`, `/etc/hosts` or `ERR_42`, gives its words and one term more for the whole.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

DEFAULT = "en"  # of texts whose language is unknown
LANGUAGES = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_SAME = {"nb": "no", "nn": "no"}
_SIGNS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
DENSE_SIGN = re.compile(rf"[{_SIGNS}]")  # of a script without blanks between words
_DENSE = re.compile(rf"([{_SIGNS}]+)")
# Vowel signs and accents that stand for themselves belong to their word; Indian scripts have them throughout.
_PART = re.compile(
    r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u109f\u1780-\u17d3])*"
)
_JOINED = re.compile(r"(?:[^\s\"'`()\[\]{}<>,;!?|*\u2018-\u201f\u00ab\u00bb]|(?<=\d),(?=\d))+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")
_SEPARATORS = re.compile(r"[/\\]")
_MARKS = re.compile(r"[\u0300-\u036f\u0640\u064b-\u0652\u0670]")  # accents, and what is left out in written Arabic
# Of plain ASCII, splitting at what is neither letter nor digit gives the same words as `_PART` in a sixth of the time.
_BLANKS = {code: " " for code in range(128) if not chr(code).isalnum()}
# Much text has these marks and no others beyond ASCII.
_TYPESET = re.compile("[\u2013\u2014\u2018\u2019\u201c\u201d\u2022]")
_EDGES = ".:-\u2013\u2014_=\u2026~#/\\"
_MOST_PARTS = 3  # of a code whose parts are written together, too
_MOST_JOINED = 100  # characters; what is longer is data
_MOST_SCHEME = 20  # characters of a scheme, its signs and what is cut off at the ends
_WHOLE = "="  # no word begins with it


class _Stemmer(Protocol):
    def stem_word(self, word: str) -> str: ...


_local = threading.local()


def document_terms(text: str, language: str) -> list[str]:
    """Return the terms of a document's text in order, those of words only.

    Args:
        text: any text.
        language: ISO 639-1; empty: unknown.
    """
    known = _known(language)
    return [term for word in _words(text) if (term := _term(word, known))]


def query_terms(text: str, languages: Iterable[str]) -> list[str]:
    """Return the distinct terms by which documents of these languages are found; a word has one in each of them.

    A query is too short to tell its language by, and what a document in one language has of another one (names,
    products) is found all the same.
    """
    known = list(dict.fromkeys([DEFAULT, *map(_known, languages)]))
    found = [term for word in _words(text) for language in known if (term := _term(word, language))]
    return list(dict.fromkeys(found))


def exact_terms(text: str) -> list[str]:
    """Return the terms of what is to be found as it is written: codes, numbers, addresses, names of files and paths."""
    found: list[str] = []
    for match in _JOINED.findall(_normal(text)):
        if len(match) > _MOST_JOINED + _MOST_SCHEME:  # the time that a scheme is looked for grows with the square
            continue
        whole = _fold(_SCHEME.sub("", match).strip(_EDGES))
        parts = _PART.findall(whole)
        if len(parts) < 2 or len(whole) > _MOST_JOINED or _DENSE.search(whole):
            continue
        found.append(_WHOLE + whole)
        last = _SEPARATORS.split(whole)[-1]
        if last != whole and len(_PART.findall(last)) > 1:
            found.append(_WHOLE + last)
        if len(parts) <= _MOST_PARTS and any(c.isdigit() for c in whole):
            found.append("".join(parts))
    return found


def _normal(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def plain_words(text: str) -> list[str]:
    """Return the words of a text in order as they are written, lower case, without accents and punctuation."""
    return [word if word.isascii() else _fold(word) for word in _words(text)]


def is_stop_word(word: str, language: str) -> bool:
    """Whether a lower-case word is a function word of a language (ISO 639-1)."""
    return not _term(word, _known(language))


def _known(language: str) -> str:
    code = _SAME.get(language, language)
    return code if code in LANGUAGES else DEFAULT


def _words(text: str) -> list[str]:
    """Return the lower-case words of a text, and the pairs of signs of what has no blanks between words."""
    plain = _normal(text)
    if not plain.isascii():
        plain = _TYPESET.sub(" ", plain)
    if plain.isascii():
        return plain.translate(_BLANKS).split()
    found: list[str] = []
    for part in _PART.findall(plain):
        if part.isascii() or not _DENSE.search(part):
            found.append(part)
            continue
        for run in filter(None, _DENSE.split(part)):
            found += _pairs(run) if _DENSE.match(run) else [run]
    return found


def _pairs(signs: str) -> Sequence[str]:
    return [signs[at : at + 2] for at in range(max(1, len(signs) - 1))]


@functools.lru_cache(maxsize=200_000)
def _term(word: str, language: str) -> str:
    """Return a word's stem without accents; empty for a stop word."""
    if not word.isalpha():
        return _fold(word)
    if not _engine(language).embed_query(word).indices:
        return ""
    return _fold(_stemmer(language).stem_word(word))


def _fold(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", word)))


@functools.cache
def _engine(language: str) -> Any:
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(language=LANGUAGES[language]))


def _stemmer(language: str) -> _Stemmer:
    """Return this thread's stemmer: the library does not say that one may be shared."""
    held: dict[str, _Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in held:
        from py_rust_stemmers import SnowballStemmer

        held[language] = SnowballStemmer(LANGUAGES[language])
    return held[language]
