"""Shows a text once that stands in several documents: copies, versions and quotes, the newest version first.

Texts are compared by their shingles, runs of four words (Broder, "On the resemblance and containment of documents",
1997), among the candidates of one search only. These are few, so the sets themselves are compared and not sketches of
them; of two that have no shingle in common nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.retrieval.candidates import Candidate
from assistant.retrieval.versions import are_versions, newness
from assistant.types import DocumentRef

WORDS_A_SHINGLE = 4
RESEMBLANCE = 0.85  # share of common shingles from which two texts with the same numbers are one
RESEMBLANCE_OF_VERSIONS = 0.6  # likewise for versions of one document, whose numbers may have changed
CONTAINMENT = 0.9  # share of a text's shingles that another one holds from which it is a quote
_LEAST_QUOTE = 20  # words: a shorter text is contained in another by chance

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Print:
    """What a text is compared by."""

    words: int
    shingles: frozenset[str]
    numbers: frozenset[str]


@dataclass(slots=True)
class _Group:
    first: int  # its best candidate's rank
    members: list[int]


def merge_duplicates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates without those that say what another document's candidate says, which names them in `also`.

    Two passages of different documents are one if they hold the same words; if they hold nearly the same words and the
    same numbers, names with digits included; if their documents are versions of one another and they are alike; or
    if the lower one is a quote of the better one. The newest version stands for all of them at the best one's place.
    Passages of one document are left as they are.

    Args:
        candidates: best first; each may be read by the user, so that each may be named.
    """
    prints = [_print(candidate.passage.text) for candidate in candidates]
    groups: list[_Group] = []
    group_of: dict[int, _Group] = {}
    for rank, others in enumerate(_sharing(prints)):
        group = next((group_of[o] for o in others if _same(candidates, prints, o, rank)), None)
        if group is None:
            group = _Group(rank, [])
            groups.append(group)
        group.members.append(rank)
        group_of[rank] = group
    return [_merged([candidates[member] for member in group.members]) for group in groups]


def _print(text: str) -> _Print:
    words = _WORD.findall(text.casefold())
    short = len(words) < WORDS_A_SHINGLE
    runs = [words] if short else zip(*(words[at:] for at in range(WORDS_A_SHINGLE)), strict=False)
    shingles = frozenset(map(" ".join, runs))
    return _Print(len(words), shingles, frozenset(filter(_DIGIT.search, words)))


def _sharing(prints: Sequence[_Print]) -> list[list[int]]:
    """Return for each text the better ranked ones that have a shingle in common with it, best first."""
    first: dict[str, int] = {}
    more: dict[str, list[int]] = {}  # nearly every shingle stands in one text only
    found = []
    for rank, one in enumerate(prints):
        sharing: set[int] = set()
        for shingle in one.shingles:
            holder = first.setdefault(shingle, rank)
            if holder != rank:
                others = more.setdefault(shingle, [])
                sharing.update((holder, *others))
                others.append(rank)
        found.append(sorted(sharing))
    return found


def _same(candidates: Sequence[Candidate], prints: Sequence[_Print], better: int, lower: int) -> bool:
    """Whether the lower candidate need not be shown beside the better one."""
    one, other = candidates[better].passage, candidates[lower].passage
    if one.ref.id == other.ref.id:
        return False
    common = len(prints[better].shingles & prints[lower].shingles)
    whole = len(prints[better].shingles | prints[lower].shingles)
    if common >= RESEMBLANCE_OF_VERSIONS * whole and are_versions(one.ref.key, other.ref.key):
        return True
    if not prints[lower].numbers <= prints[better].numbers:
        return False
    if common >= RESEMBLANCE * whole:
        return prints[lower].numbers == prints[better].numbers
    return prints[lower].words >= _LEAST_QUOTE and common >= CONTAINMENT * len(prints[lower].shingles)


def _merged(members: Sequence[Candidate]) -> Candidate:
    """Return the candidate that stands for all of them, the first of which is the best."""
    if len(members) == 1:
        return members[0]
    best = members[0]
    alike = [m for m in members if m is best or are_versions(m.passage.ref.key, best.passage.ref.key)]
    shown = max(alike, key=lambda m: newness(m.passage.ref.key, m.date))  # the first of equals
    also: dict[str, DocumentRef] = {}
    for member in members:
        for ref in (member.passage.ref, *member.passage.also):
            if ref.id != shown.document:
                also[ref.id] = ref
    return replace(shown, passage=replace(shown.passage, score=best.passage.score, also=tuple(also.values())))
