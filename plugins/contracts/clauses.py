"""Finds the clauses of a contract in its text: by their numbers, in English and German."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.types import Block, Document

_LONGEST_TITLE = 100  # characters
_MOST_WORDS = 8  # of a title that its text follows on the same line
_TERM_LEVEL = 9

_MARKS = r"[ \t>]*(?:#{1,6}[ \t]+)?(?:[-*+][ \t]+(?=[(\d§]))?(?P<bold>\*\*|__)?[ \t]*"
_WORDED = (
    r"(?P<word>article|section|clause|artikel|abschnitt|ziffer|klausel|§§?)[ \t]*"
    r"(?P<worded>[ivxlc]+\b|\d+[a-z]?\b)(?P<more>(?:\.\d+)*)"
)
_DECIMAL = r"(?P<decimal>\d{1,2}(?:\.\d{1,2}){1,4})\b[.)]?"
_WHOLE = r"(?P<whole>\d{1,2})[.)]"
_LETTER = r"(?P<letter>\([a-z]{1,4}\)|[a-z]\)|\(\d{1,2}\))"
_START = re.compile(
    rf"^{_MARKS}(?:{_WORDED}|{_DECIMAL}|{_WHOLE}|{_LETTER})(?:\*\*|__)?(?=[\s.:\u2013\u2014-]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_TERM = re.compile(
    r"^[ \t>*]*[\"\u201c\u201e\u00ab](?P<term>[^\"\u201c\u201d\u201e\n]{2,60})[\"\u201d\u201c\u00bb][ \t*]*"
    r"(?=means\b|shall mean\b|has the meaning\b|refers to\b|bedeutet\b|bezeichnet\b|meint\b|sind\b|ist\b)",
    re.MULTILINE,
)
_CAPITALS = re.compile(
    r"^[ \t*#]*(?P<title>[A-Z\u00c4\u00d6\u00dc][A-Z\u00c4\u00d6\u00dc0-9 ,/&'\u2019()-]{3,80})[ \t*:.]*$", re.MULTILINE
)
_RUN_IN = re.compile(
    r"(?P<bold>\*\*|__)(?P<marked>[^*_\n]{2,80}?)[.:]?(?:\*\*|__)[.:]?"
    r"|(?P<plain>[^.:\n]{2,80})[.:](?=[ \t\u2014\u2013]|$)"
)
_ROMAN = re.compile(r"[ivx]+")
_VERBS = frozenset(
    (
        *("is", "are", "may", "shall", "must", "will", "can", "does"),
        *("ist", "sind", "gilt", "gelten", "kann", "können", "darf", "muss", "hat", "haben", "wird", "werden"),
    )
)
_LINK = frozenset(["with", "from", "under", "oder", "eines", "einer"])  # words of titles that are written small


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a contract.

    Attributes:
        number: with what it stands in, such as `7.2(b)` or `§ 4 (1)`; empty where it has none.
        title: without its number; empty where it has none.
        level: its depth, from 1.
        start, head_end: where number and title stand.
        own_end: where its first sub-clause begins, or it ends.
        end: where it ends with its sub-clauses.
        above: titles of what it stands in, the outermost first.
        style: how it is numbered.
    """

    number: str
    title: str
    level: int
    start: int
    head_end: int
    own_end: int
    end: int
    above: tuple[str, ...] = ()
    style: str = ""

    @property
    def name(self) -> str:
        """Number and title."""
        return " ".join(part for part in (self.number, self.title) if part)


def clauses_of(document: Document) -> list[Clause]:
    """Return all clauses in order; a document without any has none, whatever its text says."""
    text = document.own_text
    found = sorted(_heads(text, document.blocks), key=lambda head: (head.start, -head.head_end))
    heads: list[Clause] = []
    for head in found:
        if not heads or head.start >= heads[-1].head_end:
            heads.append(head)
    return _nested(_levelled(_in_sequence(heads)), text.rstrip())


def _heads(text: str, blocks: Sequence[Block]) -> Iterator[Clause]:
    tables = [(block.start, block.end) for block in blocks if block.kind in {"table", "code"}]
    for match in _START.finditer(text):
        if not any(start <= match.start() < end for start, end in tables):
            head = _numbered(text, match)
            if head is not None:
                yield head
    for match in _TERM.finditer(text):
        yield _head(match.start("term"), match.end("term"), "", match["term"].strip(), "term")
    for match in _CAPITALS.finditer(text):
        title = match["title"].strip(" -,")
        alone = not (_shouted(text, match.start() - 1) or _shouted(text, match.end() + 1))
        if alone and sum(letter.isalpha() for letter in title) > 3:
            start = match.start("title")
            yield _head(start, start + len(title), "", title, "capitals")
    for block in blocks:
        if block.kind == "heading" and block.text.strip() and not _START.match(text, _line(text, block.start)):
            title = " ".join(block.text.split()).strip("*_ ")
            yield replace(_head(block.start, block.end, "", title, "heading"), level=max(block.level, 1))


def _head(start: int, end: int, number: str, title: str, style: str) -> Clause:
    return Clause(number, title, 0, start, end, end, end, style=style)


def _numbered(text: str, match: re.Match[str]) -> Clause | None:
    """Return the begin of a clause, None where the number is the begin of something else."""
    line_end = text.find("\n", match.end())
    line_end = len(text) if line_end < 0 else line_end
    start = next(match.start(name) for name in ("word", "decimal", "whole", "letter") if match[name])
    rest_start = match.end()
    while rest_start < line_end and text[rest_start] in " \t.:)\u2013\u2014-":
        rest_start += 1
    rest = text[rest_start:line_end].rstrip()
    if match["word"]:
        sign = match["word"].startswith("\u00a7")
        number = f"{'§' if sign else match['word'].capitalize()} {match['worded'].upper()}{match['more'] or ''}"
        style = "article" if match["word"].lower() in {"article", "artikel"} else "section"
        if not sign and not _begins_clause(rest):
            return None  # "Section 4 applies to ...": a sentence that speaks of one
    elif match["letter"]:
        number = match["letter"] if match["letter"].startswith("(") else f"({match['letter']}"
        style = "digit" if number[1].isdigit() else "letter"
    else:
        number = match["decimal"] or match["whole"]
        style = "decimal" if match["decimal"] else "whole"
        if not _begins_clause(rest):
            return None
    title, ends = _title(text, match, rest_start, rest)
    number_end = match.end() - (2 if match.group().endswith(("**", "__")) else 0)
    return _head(start, max(ends, number_end), number, title, style)


def _begins_clause(rest: str) -> bool:
    bare = rest.lstrip('*_ [("\u201c\u201e')
    return not rest or (bool(bare) and (bare[0].isupper() or rest[0] in '[\u201e\u201c"'))


def _title(text: str, match: re.Match[str], start: int, rest: str) -> tuple[str, int]:
    """Return the title and where it ends: the whole line, or what stands before its text."""
    bold = match["bold"] and not match.group().endswith(match["bold"])
    shown = rest.strip("*_# ")
    if shown and len(shown) <= _LONGEST_TITLE and not shown.endswith((".", ";", ",")) and _is_name(shown):
        at = text.index(shown, start)
        return shown.rstrip(":"), at + len(shown.rstrip(":"))
    if bold and (closing := text.find(match["bold"], start)) > 0 and closing - start <= _LONGEST_TITLE:
        title = text[start:closing].rstrip(".: ")
        return title, start + len(title)
    found = _RUN_IN.match(rest)
    if found is None:
        return "", 0
    title = (found["marked"] or found["plain"] or "").strip()
    if not found["marked"] and not (_is_name(title, strictly=True) and len(title.split()) <= _MOST_WORDS):
        return "", 0
    at = text.index(title, start)
    return title, at + len(title)


def _is_name(text: str, *, strictly: bool = False) -> bool:
    """Whether it is written like a title: its long words begin with capitals, or most do, and none is a verb."""
    words = [word.strip("()[]/,\u201c\u201d\"'") for word in text.split()]
    long = [word for word in words if len(word) > 3 and word.lower() not in _LINK]
    small = [word for word in long if word[:1].islower()]
    if any(word.lower() in _VERBS for word in words) or text[:1].islower():
        return False
    return (
        bool(words)
        and len(words) <= 14
        and (not small or (not strictly and len(words) <= 6 and len(small) * 3 <= len(words)))
    )


def _in_sequence(heads: Sequence[Clause]) -> list[Clause]:
    """Leave out what is numbered like a clause and does not continue their numbers, such as a quantity."""
    kept: list[Clause] = []
    last = 0
    for head in heads:
        if head.style == "whole":
            number = int(head.number)
            if number not in {last + 1, 1} and not (last and number == last + 2):
                continue
            last = number
        kept.append(head)
    return kept


def _levelled(heads: Sequence[Clause]) -> list[Clause]:
    styles = {head.style for head in heads}
    above = int("article" in styles) + int("section" in styles)
    plain = not styles & {"article", "section"}
    result = []
    letters: list[str] = []
    for head in heads:
        match head.style:
            case "article":
                level = 1
            case "section":
                level = 1 + int("article" in styles) + head.number.count(".")
            case "whole":
                level = 1 + above
            case "decimal":
                level = above + len(head.number.rstrip(".").split("."))
            case "digit":
                level = 6
            case "letter":
                level = 8 if _is_roman(head.number, letters) else 7
                letters = [*letters[-30:], head.number]
            case "term":
                level = _TERM_LEVEL
            case "capitals":
                level = 1
            case _:
                level = head.level if plain and not styles & {"whole", "decimal"} else 1
        if head.style not in {"letter", "digit"}:
            letters = []
        result.append(replace(head, level=level))
    return result


def _is_roman(number: str, before: Sequence[str]) -> bool:
    inner = number.strip("()").lower()
    if not _ROMAN.fullmatch(inner):
        return False
    if len(inner) > 1:
        return True
    preceding = chr(ord(inner) - 1)
    return f"({preceding})" not in before  # (h), (i): letters; (a), (i): a numeral below


def _nested(heads: Sequence[Clause], text: str) -> list[Clause]:
    result: list[Clause] = []
    path: list[Clause] = []
    for at, head in enumerate(heads):
        while path and path[-1].level >= head.level:
            path.pop()
        number = head.number
        if head.style in {"digit", "letter"} and path and path[-1].number:
            joint = " " if path[-1].number.startswith("\u00a7") and "(" not in path[-1].number else ""
            number = f"{path[-1].number.rstrip('.')}{joint}{number}"
        elif head.style == "whole" and path and path[-1].style == "section" and path[-1].number.startswith("\u00a7"):
            number = f"{path[-1].number} ({number})"  # a paragraph of a section
        following = _begin(text, heads[at + 1].start) if at + 1 < len(heads) else len(text)
        last = next((_begin(text, other.start) for other in heads[at + 1 :] if other.level <= head.level), len(text))
        above = tuple(one.title for one in path if one.title)
        named = replace(
            head, number=number, own_end=max(following, head.head_end), end=max(last, head.head_end), above=above
        )
        result.append(named)
        path.append(named)
    return result


def _line(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _shouted(text: str, at: int) -> bool:
    """Whether the line at this place is in capitals too: then it is a paragraph of them, and no title."""
    if not 0 <= at < len(text):
        return False
    start, end = _line(text, at), text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    return line.isupper() and len(line.split()) > 2


def _begin(text: str, at: int) -> int:
    """Return where the line begins, if only marks stand in it before."""
    line = _line(text, at)
    return at if text[line:at].strip(" \t>#*_-+") else line
