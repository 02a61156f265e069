"""Cuts prose into sentences with exact offsets, in languages with and without blanks between words."""

from __future__ import annotations

import re

from assistant.citations.quantities import MONTHS

_CLOSING = "\"')\\]\u00bb\u201d\u2019*_\u300d\u300f\uff09\u3011"
_END = re.compile(
    rf"[.!?\u2026\u061f\u06d4\u0964]+[{_CLOSING}]*(?=\s|$|\[\d)|[\u3002\uff01\uff1f\uff61]+[{_CLOSING}]*",
    re.MULTILINE,
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'])(?:[A-Za-z]|e\.g|i\.e|a\.m|p\.m|[A-Z](?:\.[A-Z])+|etc|vs|cf|al|approx|ca|nos|nr|fig|eq|sec|ch|vol|"
    r"pp|ed|mr|mrs|ms|mx|dr|prof|st|sr|jr|inc|ltd|co|corp|dept|est|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|z\.b|"
    r"d\.h|bzw|usw|art|abs|vgl|sra?|av|p\.ex)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_OPENING = "\"'([\u201c\u2018\u00ab*_"
_REACH = 14  # characters of the longest abbreviation, and what stands before it


def sentences(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return start and end of each sentence of a paragraph, in order, without the blanks around them.

    Args:
        text: any text.
        start, end: the paragraph; lines count as blanks.
    """
    stop = len(text) if end is None else end
    found: list[tuple[int, int]] = []
    begin = _skip(text, start, stop)
    for mark in _END.finditer(text, start, stop):
        if mark.start() >= begin and _ends(text, begin, mark, stop):
            found.append((begin, mark.end()))
            begin = _skip(text, mark.end(), stop)
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    if begin < stop:
        found.append((begin, stop))
    return found


def _skip(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _ends(text: str, begin: int, mark: re.Match[str], end: int) -> bool:
    after = mark.end()
    while after < end and (text[after].isspace() or text[after] in _OPENING):
        after += 1
    if after < end and text[after].islower():
        return False
    before = text[max(begin, mark.start() - _REACH) : mark.start()]
    if not mark.group().startswith(".") or after >= end:
        return True
    if before[-1:].isdigit() and (word := _WORD.match(text, after)) and word.group().lower() in MONTHS:
        return False  # the 3. of March, in German
    return not _ABBREVIATION.search(before)
