"""Compares two contracts clause by clause: what was added, removed, changed, and moved to another number."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.types import Document
from plugins.contracts.clauses import Clause, clauses_of

State = Literal["changed", "added", "removed", "moved", "same"]

_ALIKE = 0.6  # of two clauses' words that are the same: from there on they are versions of one another
_NEAR = 0.3  # the same, where they have the same number or title
_LONGEST = 4000  # words of a clause that are compared word by word
_AROUND = 6  # words that are shown around a change
_MARKS = re.compile(r"[*#_|]+|[-=]{2,}")  # of Markdown, and rules
_WORD = re.compile(r"\w+(?:[.,]\d+)*|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Part:
    """A clause's own text, without its sub-clauses, in one of the documents; `clause` None: before the first one."""

    clause: Clause | None
    start: int
    end: int
    words: tuple[str, ...]

    @property
    def number(self) -> str:
        """The clause's number, empty where it has none."""
        return self.clause.number if self.clause else ""

    @property
    def title(self) -> str:
        """The clause's title in small letters, empty where it has none."""
        return " ".join(self.clause.title.lower().split()) if self.clause else ""

    @property
    def name(self) -> str:
        """The clause's number and title."""
        return (self.clause.name if self.clause else "") or "(before the first clause)"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one clause; `old` is None where it was added, `new` where it was removed.

    `words` are the changed words with a few around them: `[-gone-] {+new+}`.
    """

    state: State
    old: Part | None
    new: Part | None
    words: str = ""


def compared(old: Document, new: Document) -> list[Change]:
    """Return what became of each clause, in the order of the new document; removed ones where they stood."""
    former, later = _parts(old), _parts(new)
    pairs = _aligned(former, later)
    found: list[tuple[float, Change]] = []
    for at, part in enumerate(later):
        match = pairs.get(at)
        found.append((at, _change(former[match], part) if match is not None else Change("added", None, part)))
    places = {match: at for at, match in pairs.items()}
    last = -1.0
    for at, part in enumerate(former):
        if at in places:
            last = float(places[at])
        else:
            found.append((last + 0.5, Change("removed", part, None)))
    return [change for _, change in sorted(found, key=lambda each: each[0])]


def _parts(document: Document) -> list[Part]:
    text = document.own_text
    clauses = clauses_of(document)
    if not clauses:
        return [part for start, end in _paragraphs(text) if (part := _part(text, None, start, end)) is not None]
    found = [_part(text, None, 0, clauses[0].start)]
    found += [_part(text, clause, clause.start, clause.own_end) for clause in clauses]
    return [part for part in found if part is not None]


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"\S(?:.|\n(?![ \t]*\n))*", text):
        yield match.start(), match.end()


def _part(text: str, clause: Clause | None, start: int, end: int) -> Part | None:
    content = text[start:end].rstrip()
    first = start + len(content) - len(content.lstrip())
    # a number that changed is told by itself, and the words are those behind it
    body = text[clause.head_end : end] if clause is not None and not clause.title else content
    if clause is not None and clause.title:
        body = text[text.find(clause.title[:20], start, end) if clause.title[:20] in content else start : end]
    words = tuple(_WORD.findall(_MARKS.sub(" ", body)))
    return Part(clause, first, start + len(content), words) if content.strip() else None


def _aligned(old: Sequence[Part], new: Sequence[Part]) -> dict[int, int]:
    """Return for parts of the new document, by their place, that of the old one that each comes from."""
    pairs: dict[int, int] = {}
    free = set(range(len(old)))

    def pair(at: int, match: int) -> None:
        pairs[at] = match
        free.discard(match)

    exact: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    bare: dict[tuple[str, ...], list[int]] = {}
    for match, part in enumerate(old):
        exact.setdefault((part.number, part.words), []).append(match)
        bare.setdefault(part.words, []).append(match)
    for at, part in enumerate(new):  # the same words, under the same number and then under any
        found = [match for match in exact.get((part.number, part.words), ()) if match in free]
        if found:
            pair(at, found[0])
    for at, part in enumerate(new):
        found = [match for match in bare.get(part.words, ()) if match in free] if at not in pairs else []
        if found and len(part.words) > 3:
            pair(at, found[0])
    for least, fits in ((_NEAR, _same_name), (_ALIKE, lambda _, __: True)):
        candidates = [
            (alike, -at, -match)
            for at, part in enumerate(new)
            if at not in pairs
            for match in free
            if fits(old[match], part) and (alike := _alike(old[match], part)) >= least
        ]
        for _, at, match in sorted(candidates, reverse=True):
            if -at not in pairs and -match in free:
                pair(-at, -match)
    return pairs


def _same_name(old: Part, new: Part) -> bool:
    return bool((new.title and new.title == old.title) or (new.number and new.number == old.number)) or (
        old.clause is None and new.clause is None
    )


def _alike(old: Part, new: Part) -> float:
    """Return which share of two parts' words is the same, whatever their order: from 0 to 1."""
    size = len(old.words) + len(new.words)
    if not size or min(len(old.words), len(new.words)) * 2 < _NEAR * size:
        return 0.0
    return 2 * sum((Counter(old.words) & Counter(new.words)).values()) / size


def _change(old: Part, new: Part) -> Change:
    if old.words == new.words:
        return Change("same" if old.number == new.number else "moved", old, new)
    return Change("changed", old, new, _told(old.words, new.words))


def _told(old: Sequence[str], new: Sequence[str]) -> str:
    if max(len(old), len(new)) > _LONGEST:
        return f"(too long to be compared word by word: {len(old):,} and {len(new):,} words)"
    pieces: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(_context(old[a:b], first=a == 0, last=b == len(old)))
            continue
        if b > a:
            pieces.append(f"[-{_joined(old[a:b])}-]")
        if d > c:
            pieces.append(f"{{+{_joined(new[c:d])}+}}")
    return " ".join(piece for piece in pieces if piece)


def _context(words: Sequence[str], *, first: bool, last: bool) -> str:
    """Return the words between two changes: a few at each side that touches one."""
    before = 0 if first else _AROUND
    after = 0 if last else _AROUND
    if len(words) <= before + after:
        return _joined(words)
    return f"{_joined(words[:before])} … {_joined(words[len(words) - after :])}".strip()


def _joined(words: Sequence[str]) -> str:
    return re.sub(r"\s+([,.;:!?)\]\u201c\u201d])", r"\1", re.sub(r"([(\[\u201e])\s+", r"\1", " ".join(words)))
