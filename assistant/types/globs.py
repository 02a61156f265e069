"""Globs over keys as patterns that take time in proportion to a key, however many stars a glob has.

A star that has found the first place of what stands behind it needs no other one, as long as another star follows: from
there on that one can take whatever an earlier choice left over. So such choices are made once and for all (atomic
groups), and only the last star of each stretch tries several places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|.", flags=re.DOTALL)
_SPANS = {"**/": "(?:[^/]*/)*?", "**": ".*?"}  # of any number of folders


@lru_cache(maxsize=1024)
def glob_pattern(glob: str) -> re.Pattern[str]:
    """Compile a glob over keys: `*` and `?` stay within a folder, `**` spans any number of folders, none included.

    Raises:
        re.error: it is none.
    """
    spans, stretches = [""], [list[str]()]
    for token in _TOKEN.findall(glob.strip("/")):
        if token not in _SPANS:
            stretches[-1].append(token)
        elif stretches[-1] or spans[-1] != token:  # a span twice is the span
            spans.append(token)
            stretches.append([])
    pattern = ""
    for at, (span, stretch) in enumerate(zip(spans, stretches, strict=True)):
        piece = _SPANS.get(span, "") + _stretch(stretch)
        following = spans[at + 1] if at + 1 < len(spans) else ""
        # a span of folders begins where a folder does, so that it takes over from the end of one only
        settled = following == "**" or (following == "**/" and stretch[-1:] == ["/"])
        pattern += f"(?>{piece})" if span and settled else piece
    return re.compile(pattern, flags=re.DOTALL)


def _stretch(tokens: Sequence[str]) -> str:
    """Return the pattern of what stands between two spans of folders."""
    pieces = [""]
    for token in tokens:
        if token != "*":  # noqa: S105 - a sign of a glob
            pieces[-1] += _one(token)
        elif pieces[-1] or len(pieces) == 1:
            pieces.append("")
    first, *rest = pieces
    return first + "".join(
        f"(?>[^/]*?{piece})" if number < len(rest) else f"[^/]*?{piece}" for number, piece in enumerate(rest, 1)
    )


def _one(token: str) -> str:
    """Return the pattern of one sign."""
    if token == "?":  # noqa: S105 - a sign of a glob
        return "[^/]"
    if len(token) == 1:
        return re.escape(token)
    begin = "(?!/)[^" if token[1] in "!^" else "(?!/)["  # as `?`, it stays within a folder
    return begin + re.escape(token[1:-1].lstrip("!^")).replace(r"\-", "-") + "]"
