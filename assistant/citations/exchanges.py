"""Tells whether two names or amounts stand in each other's place in two sentences that else say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.citations.wording import Word

_EDGE = "|"  # in place of the word before the first one, or behind the last


@dataclass(frozen=True, slots=True)
class Group:
    """A run of names and amounts, in lower case, between the content words before and behind it.

    `link` is the function word right before it, such as `in`; empty if there is none.
    """

    words: tuple[str, ...]
    before: str
    behind: str
    link: str


def is_mark(word: Word, names: frozenset[str]) -> bool:
    """Whether a word is a name, of which `names` are the stems, or has a digit."""
    return any(c.isdigit() for c in word.text) or not names.isdisjoint(word.stems)


def groups(statement: Sequence[Word], names: frozenset[str]) -> list[Group]:
    """Return each run of names and amounts of a sentence, in order."""
    content = [at for at, w in enumerate(statement) if w.stems or is_mark(w, names)]
    found: list[Group] = []
    at = 0
    while at < len(content):
        end = at
        while end < len(content) and is_mark(statement[content[end]], names) and _joined(statement, content, at, end):
            end += 1
        if end > at:
            found.append(_group(statement, content, at, end))
        at = max(end, at + 1)
    return found


def exchanged(found: Sequence[Group], quote: Sequence[Word]) -> bool:
    """Whether two groups of a statement have, in the quote, the neighbours of each other instead of their own."""
    content = [at for at, w in enumerate(quote) if w.stems or any(c.isdigit() for c in w.text)]
    moved: list[tuple[Group, Group]] = []
    for group in found:
        size = len(group.words)
        starts = range(len(content) - size + 1)
        there = [_group(quote, content, at, at + size) for at in starts if _reads(quote, content, at, group.words)]
        if there and all(g.before != group.before and g.behind != group.behind for g in there):
            moved.append((group, there[0]))
    pairs = ((one, other) for at, one in enumerate(moved) for other in moved[at + 1 :])
    return any(_in_place_of(*one, *other) for one, other in pairs)


def torn(found: Sequence[Group], quote: Sequence[Word]) -> bool:
    """Whether a name of several words stands in the quote with others between them."""
    words = [w.lower for w in quote]
    runs = [group.words for group in found if len(group.words) > 1]
    return any(
        set(words).issuperset(run) and all(tuple(words[at : at + len(run)]) != run for at in range(len(words)))
        for run in runs
    )


def _joined(words: Sequence[Word], content: Sequence[int], first: int, last: int) -> bool:
    return last == first or words[content[last]].start <= words[content[last - 1]].end + 2


def _reads(words: Sequence[Word], content: Sequence[int], at: int, wanted: tuple[str, ...]) -> bool:
    return all(words[content[at + n]].lower == word for n, word in enumerate(wanted))


def _group(words: Sequence[Word], content: Sequence[int], first: int, end: int) -> Group:
    before = words[content[first - 1]].lower if first else _EDGE
    behind = words[content[end]].lower if end < len(content) else _EDGE
    link = content[first] - 1
    linked = link >= 0 and (not first or content[first - 1] != link)
    return Group(
        tuple(words[at].lower for at in content[first:end]), before, behind, words[link].lower if linked else ""
    )


def _in_place_of(said: Group, quoted: Group, other_said: Group, other_quoted: Group) -> bool:
    if said.link == quoted.link and other_said.link == other_quoted.link and said.link != other_said.link:
        return False  # each has moved with its preposition: that says the same
    return _beside(said, other_quoted) and _beside(other_said, quoted)


def _beside(one: Group, other: Group) -> bool:
    return one.before == other.before or one.behind == other.behind
