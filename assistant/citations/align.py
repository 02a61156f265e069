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
    if not quote.strip(_INVISIBLE + " \t\r\n") or not quote.strip():
        return None
    exact = _closest(re.compile(re.escape(quote)), text, near)
    return exact if exact is not None else _closest(_loose(quote.strip()), text, near)


def normalise(text: str) -> str:
    """Return the text as `align` compares it: two texts are alike exactly when their normal forms are equal."""
    kept = "".join(c for c in text if c not in _INVISIBLE)
    for group in (_SINGLE, _DOUBLE, _DASHES):
        kept = re.sub(f"[{re.escape(group)}]", group[0], kept)
    kept = kept.replace("…", "...")
    for letters, sign in _LIGATURES.items():
        kept = kept.replace(sign, letters)
    return re.sub(r"\s+", " ", kept).strip()


def _closest(pattern: re.Pattern[str], text: str, near: int | None) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    for found in pattern.finditer(text):
        if near is None:
            return found.span()
        if best is None or abs(found.start() - near) < abs(best[0] - near):
            best = found.span()
        if found.start() >= near:
            break
    return best


def _loose(quote: str) -> re.Pattern[str]:
    parts: list[str] = []
    normal = normalise(quote)
    position = 0
    while position < len(normal):
        three, two, sign = normal[position : position + 3], normal[position : position + 2], normal[position]
        if three == "...":
            parts.append(r"(?:…|\.\.\.)")
            position += 3
            continue
        if two in _LIGATURES:
            parts.append(f"(?:f{_SKIP}{two[1]}|{_LIGATURES[two]})")
            position += 2
            continue
        parts.append(rf"\s[\s{_INVISIBLE}]*+" if sign == " " else _CLASSES.get(sign, re.escape(sign)))
        position += 1
    return re.compile(_SKIP.join(parts))
