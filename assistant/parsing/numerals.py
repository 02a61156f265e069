"""Writes a number the way a list counts: `3`, `c`, `C`, `iii`, `III`."""

from __future__ import annotations

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MAX_SPELLED = 5000


def numeral(number: int, like: str) -> str:
    """Return a number as one of the kind of `like`: `1`, `a`, `A`, `i` or `I`; of any other kind as digits."""
    if like not in {"a", "A", "i", "I"} or not 0 < number <= _MAX_SPELLED:
        return str(number)
    text = ""
    if like in "aA":
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    else:
        for value, letters in _ROMAN:
            text += letters * (number // value)
            number %= value
    return text.upper() if like.isupper() else text
