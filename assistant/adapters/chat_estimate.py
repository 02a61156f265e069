"""An over-estimate of tokens for models whose tokenizer is neither served nor here.

Byte-level and byte-fallback tokenizers never make more tokens of a text than it has bytes of UTF-8 (and one that they
put before it), so that is the bound for everything but ordinary words: letters of ASCII in words of at most
`_LONGEST_WORD` count half a token each, rounded up, for even vocabularies of a few thousand tokens hold the common
pairs. Single blanks between words count nothing: they are part of the word that follows.
"""

from __future__ import annotations

import re

_LONGEST_WORD = 16  # letters; what is longer is rarely a word: a digest, a key, a chain of names
_WORDS = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+")
_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
_BLANK = re.compile(rb"(?<=[^ ]) (?=[^ ])")
_BEFORE = 1


def estimate_tokens(text: str) -> int:
    """Return no fewer tokens than common tokenizers make of the text; of English about twice as many."""
    data = text.encode("utf-8", "replace")
    others = len(data.translate(None, _LETTERS)) - len(_BLANK.findall(data))
    words = 0
    for word in _WORDS.findall(data):
        letters = len(word)
        words += letters if letters > _LONGEST_WORD else (letters + 1) // 2
    return words + others + (_BEFORE if text else 0)
