"""An over-estimate of tokens for models whose tokenizer is neither served nor here.

Byte-level and byte-fallback tokenizers never make more tokens of a text than it has bytes of UTF-8 (and one that they
put before it), so that is the bound for everything but ordinary words. Of these, which even vocabularies of a few
thousand tokens hold in pieces of two letters and more, every two letters count one. A word is ordinary if it has 3 to
16 letters of ASCII with a vowel among them, no digit beside them, and nowhere five consonants in a row; parts of names
in camel case are words. A single blank before a letter counts nothing: it is part of the word.
"""

from __future__ import annotations

import re
from collections import Counter

_RUNS = re.compile(rb"[A-Za-z0-9]+")
_PARTS = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_ORDINARY = re.compile(rb"(?i)(?=.*[aeiouy])(?!.*[bcdfghjklmnpqrstvwxz]{5})[a-z]{3,16}")
_BLANK = re.compile(rb"(?<=[^ ]) (?=[A-Za-z])")
_NAME = 40  # letters; what is longer is a digest or a key
_BEFORE = 1


def estimate_tokens(text: str) -> int:
    """Return no fewer tokens than common tokenizers make of the text; of English about twice as many."""
    data = text.encode("utf-8", "replace")
    runs = Counter(_RUNS.findall(data))
    plain = sum(len(run) * times for run, times in runs.items())
    others = len(data) - plain - len(_BLANK.findall(data))
    return sum(_run_tokens(run) * times for run, times in runs.items()) + others + (_BEFORE if text else 0)


def _run_tokens(run: bytes) -> int:
    """Return the tokens of a run of letters and digits of ASCII."""
    if len(run) > _NAME or not run.isalpha():
        return len(run)
    return sum((len(part) + 1) // 2 if _ORDINARY.fullmatch(part) else len(part) for part in _PARTS.findall(run))
