"""Shows a text once that stands in several documents: copies, versions and quotes, the newest version first.

Texts are compared by their shingles, runs of four words (Broder, "On the resemblance and containment of documents",
1997), among the candidates of one search only: a sample of them finds texts that may be alike, all of them decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

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
# of plain ASCII, splitting at all else gives what `_WORD` finds in a third of the time
_BLANKS = {code: " " for code in range(128) if not _WORD.match(chr(code))}

# Of so many shingles one is looked up to find texts that may be alike: of a quote of 20 words in a long text 0.7 % are
# missed, of copies one in 10 ** 13.
_SAMPLED = 4
_FEW = 80  # shingles: of a text that has fewer each is looked up

Shingle = tuple[str, ...]


class _Print:
    """What a text is compared by."""

    def __init__(self, text: str) -> None:
        folded = text.casefold()
        self.words = folded.translate(_BLANKS).split() if folded.isascii() else _WORD.findall(folded)

    @cached_property
    def shingles(self) -> frozenset[Shingle]:
        """All shingles; of a text that is shorter than one, the text."""
        return frozenset(self._runs()) or frozenset([tuple(self.words)])

    @cached_property
    def sample(self) -> frozenset[int]:
        """The hashes of every fourth shingle, the same ones in every text, or of all where these are few."""
        hashes = list(map(hash, self._runs()))
        if len(hashes) < _FEW:
            return frozenset(map(hash, self.shingles))
        return frozenset([one for one in hashes if not one % _SAMPLED])

    def _runs(self) -> Iterator[Shingle]:
        return zip(*(self.words[at:] for at in range(WORDS_A_SHINGLE)), strict=False)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The words with digits in them."""
        return frozenset(word for word in self.words if not word.isalpha() and _DIGIT.search(word))


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
    prints = [_Print(candidate.passage.text) for candidate in candidates]
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


def _sharing(prints: Sequence[_Print]) -> list[list[int]]:
    """Return for each text the better ranked ones that have a shingle of the sample in common with it, best first."""
    known: set[int] = set()
    found = []
    for rank, one in enumerate(prints):
        shared = known & one.sample  # empty for nearly every text
        found.append([o for o in range(rank) if not prints[o].sample.isdisjoint(shared)] if shared else [])
        known |= one.sample
    return found


def _same(candidates: Sequence[Candidate], prints: Sequence[_Print], better: int, lower: int) -> bool:
    """Whether the lower candidate need not be shown beside the better one."""
    one, other = candidates[better].passage, candidates[lower].passage
    # ids are made of these, and making them for every pair costs more than all else here
    if (one.ref.source, one.ref.key) == (other.ref.source, other.ref.key):
        return False
    first, second = prints[better].shingles, prints[lower].shingles
    common = len(first & second)
    whole = len(first) + len(second) - common
    if common >= RESEMBLANCE_OF_VERSIONS * whole and are_versions(one.ref.key, other.ref.key):
        return True
    if not prints[lower].numbers <= prints[better].numbers:
        return False
    if common >= RESEMBLANCE * whole:
        return prints[lower].numbers == prints[better].numbers
    return len(prints[lower].words) >= _LEAST_QUOTE and common >= CONTAINMENT * len(second)


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
