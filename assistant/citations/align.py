"""Finds where a quote stands in a text: exactly, or apart from blanks, quote marks, dashes and invisible signs."""

from __future__ import annotations

import re

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SKIP = f"[{_INVISIBLE}]*+"  # possessive: the signs around it never match it, so there is nothing to come back to
# Written as escapes, because many of these look alike.
_SINGLE = "'\u2019\u2018\u201a\u201b`\u00b4\u2032"
_DOUBLE = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033'
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_CLASSES = {sign: f"[{re.escape(group)}]" for group in (_SINGLE, _DOUBLE, _DASHES) for sign in group}
_LIGATURES = {"fi": "\ufb01", "fl": "\ufb02"}
_NORMAL = {
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **{ord(sign): group[0] for group in (_SINGLE, _DOUBLE, _DASHES) for sign in group},
    **{ord(sign): letters for letters, sign in _LIGATURES.items()},
}


def align(quote: str, text: str, near: int | None = None) -> tuple[int, int] | None:
    """Return the characters of `text` that the quote stands for.

    Args:
        quote: what was quoted, perhaps with other blanks, quote marks or dashes than the text has.
        text: the document's text.
        near: where it is expected; of several places the closest one counts. None: the first one.

    Returns:
        (start, end) in code points, end exclusive, or None if the quote does not stand there. An exact match goes
        before any other. Case, words and all other signs must be equal.
    """
    wanted = normalise(quote)
    if not wanted:
        return None
    found = _exact(quote, text, near)
    if found is None and wanted in normalise(text):  # else there is no need to compile a pattern, which takes long
        found = _closest(_loose(quote), text, near)
    return found


def normalise(text: str) -> str:
    """Return the text as `align` compares it: two texts are alike exactly when their normal forms are equal."""
    return " ".join(text.translate(_NORMAL).split())


def _exact(quote: str, text: str, near: int | None) -> tuple[int, int] | None:
    after = text.find(quote, max(0, near or 0))
    before = -1 if near is None else text.rfind(quote, 0, max(0, near) + len(quote) - 1)
    found = [start for start in (after, before) if start >= 0]
    if not found:
        return None
    start = min(found, key=lambda place: abs(place - (near or 0)))
    return start, start + len(quote)


def _closest(pattern: re.Pattern[str], text: str, near: int | None) -> tuple[int, int] | None:
    after = pattern.search(text, max(0, near or 0))
    if near is None:
        return after.span() if after else None
    found = [match.span() for match in pattern.finditer(text, 0, near)][-1:]
    # One that begins before the place and ends behind it is in neither list.
    across = pattern.search(text, found[0][1] if found else 0)
    found += [match.span() for match in (after, across) if match]
    return min(found, key=lambda span: abs(span[0] - near), default=None)


def _loose(quote: str) -> re.Pattern[str]:
    parts: list[str] = []
    normal = normalise(quote)
    position = 0
    while position < len(normal):
        two, sign = normal[position : position + 2], normal[position]
        if two in _LIGATURES:
            parts.append(f"(?:f{_SKIP}{two[1]}|{_LIGATURES[two]})")
            position += 2
            continue
        parts.append(rf"\s[\s{_INVISIBLE}]*+" if sign == " " else _CLASSES.get(sign, re.escape(sign)))
        position += 1
    return re.compile(_SKIP.join(parts))
