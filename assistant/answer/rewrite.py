"""Makes a follow-up question stand alone, from the words of the turns before it, without a model.

What counts as a follow-up: it starts like one ("And ...", "What about ..."), it points back ("it", "they", "that
one"), or it holds too little to be searched for ("Why?", "For contractors?"). The content words of the last question
are then carried over, and where the question points back also the names and codes of the last answer. A question that
does none of this is left as it is: words of another subject would only mislead the search.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer.words import STOPWORDS, stem, stems
from assistant.types import Message

_CARRIED = 12  # words carried over at most
_TURNS = 4  # questions looked back at most

_OPENS = re.compile(
    r"\s*(?:and|but|or|so|also|then|plus|otherwise|same\s+for|anything\s+else|what\s+(?:about|if|else)|how\s+about)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"""\b(?:it|its|they|them|their|theirs|he|him|his|she|her|these|those|this)\b
      | \bthat\b (?= \s* (?:[?.!]|$)
        | \s+ (?:is|was|be|does|do|did|mean|means|apply|applies|work|works|one|form|time|case) \b )
      | \b(?:such\ an?|the\ same|the\ (?:former|latter|first|second|other)(?:\ one)?)\b
      | (?<!\bis\ )(?<!\bare\ )\bthere\b (?!\s+(?:is|are|a|an|any)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_FRAGMENT = re.compile(r"\s*(?:for|in|on|at|with|without|during|after|before|from|by|until|since)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-'\u2019.][^\W_]+)*")
_MARK = re.compile(r"\s*\[\d+\]")
_NAMED = re.compile(r"(?<![.!?:]\s)(?<!^)\b(?:[A-Z][\w-]+|\w*\d[\w-]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that can be searched for by itself.

    Attributes:
        text: what to search for: the question with the carried words behind it.
        question: the question as it was asked.
        carried: words from earlier turns, none if the question stood alone already.
    """

    text: str
    question: str
    carried: tuple[str, ...] = ()

    @property
    def other(self) -> str:
        """What is searched for, empty where it is the question that was asked."""
        return "" if self.text == self.question else self.text


def rewrite(question: str, history: Sequence[Message]) -> Standalone:
    """Return the question made standalone by the conversation before it.

    Args:
        question: as it was asked.
        history: earlier turns, oldest first; the question itself is not among them.
    """
    asked = " ".join(question.split())
    if not history or not follows_up(asked):
        return Standalone(asked, asked)
    carried: list[str] = []
    if _POINTS.search(asked):
        carried.extend(_names_of_last_answer(history))
    for turn in _questions(history):
        carried = [*_content(turn), *carried]
        if not follows_up(turn):
            break
    known = set(stems(asked))
    kept: list[str] = []
    for word in carried:
        stemmed = set(stems(word))
        if stemmed and not stemmed <= known:
            known |= stemmed
            kept.append(word)
    kept = kept[:_CARRIED]
    return Standalone(f"{asked} {' '.join(kept)}" if kept else asked, asked, tuple(kept))


def follows_up(question: str) -> bool:
    """Whether the question can only be understood with what was said before."""
    if _OPENS.match(question) or _POINTS.search(question):
        return True
    words = _WORD.findall(question)
    content = [word for word in words if word.lower() not in STOPWORDS]
    named = any(word[0].isupper() for word in words[1:]) or any(c.isdigit() for c in question)
    if _FRAGMENT.match(question) and len(words) <= 5:
        return True
    return len(content) <= 1 and len(words) <= 5 and not named


def _questions(history: Sequence[Message]) -> list[str]:
    """Return the user's last turns, the newest first."""
    return [turn.content for turn in reversed(history) if turn.role == "user"][:_TURNS]


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in STOPWORDS and stem(word.lower())]


def _names_of_last_answer(history: Sequence[Message]) -> list[str]:
    answers = [turn.content for turn in reversed(history) if turn.role == "assistant"]
    if not answers:
        return []
    return list(dict.fromkeys(_NAMED.findall(_MARK.sub("", answers[0]))))[:4]
