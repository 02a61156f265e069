"""Tells whether a page's text layer can be language at all: a broken font map makes other letters of what is shown."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from enum import IntEnum

# How often the letters are used, in thousandths, accents left away: the mean of English, German and Spanish. The cosine
# between a text's letters and these is 0.84 to 0.98 in languages that write Latin letters (0.75 in a short Polish or
# Finnish text or a list of codes), 0.2 to 0.76 where an alphabet was moved by any number of letters.
_USUAL = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (88, 15, 37, 47, 139, 15, 20, 30, 77, 3, 7, 46, 28, 84, 66, 20, 3, 68, 67, 67, 36, 10, 10, 2, 9, 5),
        strict=True,
    )
)
_USUAL_LENGTH = math.sqrt(sum(often * often for often in _USUAL.values()))
_FEW, _ENOUGH = 60, 100  # letters that tell something, and much
_UNUSUAL, _IMPOSSIBLE = 0.78, 0.65
_MOSTLY = 0.6  # of all letters
_ACCENTED = 0.1  # of the letters: a language that is written otherwise, say Vietnamese; no moved alphabet has accents
_LOOKED_AT = 3000  # characters of a page
_ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f!\"#&'+;<>?@\[\\\]^`{}~]")
_MUCH_ODD, _MOST_ODD = 0.25, 0.5  # of what is visible; in pages of program text it is 0.04 to 0.15
_WORD = re.compile(r"\w{2,}")
_SAME = 0.3  # of the words


class Doubt(IntEnum):
    """How far a text is to be doubted: not at all, so that its page is looked at, or even if nothing is seen there."""

    NONE = 0
    SOME = 1
    GREAT = 2


def doubt(text: str) -> Doubt:
    """Return how far a page's text is to be doubted, by its letters and signs; short texts are not.

    It takes no dictionary, knows languages in Latin letters only, and lists of codes look doubtful to it as well.
    """
    visible = "".join(text[:_LOOKED_AT].split())
    if len(visible) < _FEW:
        return Doubt.NONE
    odd = len(_ODD.findall(visible)) / len(visible)
    if odd >= _MUCH_ODD:
        return Doubt.GREAT if odd >= _MOST_ODD else Doubt.SOME
    alphabetic = sum(map(str.isalpha, visible))
    accented = sum("\u00c0" <= character <= "\u024f" for character in visible)
    letters = Counter(character for character in unicodedata.normalize("NFD", visible.lower()) if character in _USUAL)
    if accented >= _FEW and accented >= _MOSTLY * alphabetic:  # another code page's letters
        return Doubt.GREAT
    if accented >= _ACCENTED * alphabetic > 0 or letters.total() < max(_FEW, _MOSTLY * alphabetic):
        return Doubt.NONE
    length = math.sqrt(sum(count * count for count in letters.values())) * _USUAL_LENGTH
    likeness = sum(count * _USUAL[letter] for letter, count in letters.items()) / length
    if likeness < _IMPOSSIBLE and letters.total() >= _ENOUGH:
        return Doubt.GREAT
    return Doubt.SOME if likeness < _UNUSUAL else Doubt.NONE


def agrees(text: str, seen: str) -> bool:
    """Whether a text layer says what was recognised on its page, as far as recognition can tell."""
    words, there = (Counter(_WORD.findall(side.lower())) for side in (text, seen))
    return (words & there).total() >= _SAME * words.total()
