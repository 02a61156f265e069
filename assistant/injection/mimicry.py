"""Takes from a text what imitates the marks of a prompt or of a model's chat template."""

from __future__ import annotations

import re

from assistant.injection.folding import UNSEEN, folded

_LONGEST = 64  # characters of a mark that are looked at, unseen ones left out
_WINDOW = 400  # with unseen ones between them
_OPENING = re.compile("[<\uff1c\ufe64\u2039\u3008\u27e8\u276e\u02c2\u1438\\[\uff3b]")
_NAMES = (
    "documents?|attached|results?|conversation|found|places|question|system|bos|eos|s|think|tool_?calls?|"
    "tool_?response|tool_?results?|start_of_turn|end_of_turn|im_start|im_end|python_start|python_end"
)
_MARK = re.compile(
    rf"<\s*(?:/\s*)?(?:{_NAMES})(?![\w-])"  # ours, and tags that chat templates have
    r"|<\s*/?\s*\|"  # <|im_start|>, <|eot|>, <|header_start|>
    r"|<\s*<\s*/?\s*sys\b"
    r"|\[\s*/?\s*(?:inst|system_prompt|available_tools|tool_calls|tool_results)\s*\]"
)
_NAMED = re.compile(r"[<\[]\s*/?\s*(?!\w*[^\x00-\x7f])[a-z0-9_]+[\s>\]=:\"/.,;-]", re.IGNORECASE | re.ASCII)


def disarmed(text: str) -> str:
    """Return a text of somebody else as a model may be given it.

    Characters that nobody sees are left out. A bracket that opens one of a prompt's own marks, or of those that chat
    templates have, becomes a `(`, however it is disguised: by letters that look alike, wide ones, unseen ones within.
    """
    plain = UNSEEN.sub("", text)
    if not _OPENING.search(plain):
        return plain
    parts: list[str] = []
    done = 0
    for found in _OPENING.finditer(plain):
        at = found.start()
        if _opens_mark(plain, at):
            parts += (plain[done:at], "(")
            done = at + 1
    return "".join(parts) + plain[done:] if parts else plain


def _opens_mark(text: str, at: int) -> bool:
    near = text[at : at + _LONGEST]
    if near.isascii() or _NAMED.match(near):  # nothing in the name is disguised
        return bool(_MARK.match(near.lower()))
    return bool(_MARK.match(folded(text[at : at + _WINDOW])[:_LONGEST]))


__all__ = ["disarmed"]
