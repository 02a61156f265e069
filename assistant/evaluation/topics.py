"""Groups questions by the words that they share: plain enough that everybody sees why two of them are together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.adapters.terms import is_stop_word, plain_words, query_terms

LEAST = 2  # questions that make a topic
_ASKING = {
    "please", "tell", "know", "find", "many", "much", "long", "often", "need", "want", "get", "use", "used",
    "using", "work", "working", "possible", "question", "help", "bitte", "gibt", "geht", "kann", "muss", "darf",
    "finde", "finden", "brauche", "brauchen", "viele", "viel", "lange",
}  # fmt: skip
_LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions that share words: `words` as they were written, the ones of most questions first, and their places."""

    words: tuple[str, ...]
    members: tuple[int, ...]


def topics(questions: Sequence[str], most: int = 12) -> list[Topic]:
    """Return the topics of these questions, the largest first; a question is in one of them at most.

    The word that most of the questions left have in common makes a topic of them, until none has two.

    Args:
        questions: as they were typed.
        most: topics to return.
    """
    terms = [_terms(question) for question in questions]
    left = {at for at, found in enumerate(terms) if found}
    made: list[Topic] = []
    while left and len(made) < most:
        shared = Counter(term for at in sorted(left) for term in terms[at])
        if not shared:
            break
        best = max(shared, key=lambda term: (shared[term], len(term), term))
        if shared[best] < LEAST:
            break
        members = tuple(at for at in sorted(left) if best in terms[at])
        made.append(Topic(_named(best, [terms[at] for at in members]), members))
        left -= set(members)
    return made


def _named(best: str, members: Sequence[dict[str, str]]) -> tuple[str, ...]:
    """Return the shared word as it was written most often, and up to two more that most of the members have."""
    common = Counter(term for found in members for term in found)
    also = [term for term, number in common.most_common() if term != best and number * 2 > len(members)]
    return tuple(
        Counter(found[term] for found in members if term in found).most_common(1)[0][0] for term in [best, *also[:2]]
    )


def _terms(question: str) -> dict[str, str]:
    """Return the stems of a question's telling words, each with the word as it was written."""
    found: dict[str, str] = {}
    for word in plain_words(question):
        if len(word) < 3 or word in _ASKING or any(is_stop_word(word, language) for language in _LANGUAGES):
            continue
        for stem in query_terms(word, ())[:1]:
            found.setdefault(stem, word)
    return found
