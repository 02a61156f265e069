"""Tells questions that one passage answers from questions that ask for whole documents."""

from __future__ import annotations

import re
from typing import Literal

Scope = Literal["pinpoint", "across"]

_ACROSS = re.compile(
    r"""
      \bsummar(?:y|ies|i[sz]e|i[sz]ing)\b | \boverview\b | \btl;?dr\b | \b(?:in\ general|overall|as\ a\ whole)\b
    | \bcompar(?:e|es|ing|ison)\b | \bdiffer(?:s|ences?)?\b | \bcontrast\b | \bversus\b | \bvs\b
    | \b(?:list|name|enumerate|collect|give\ me)\s+(?:all|every|each|the)\b
    | \b(?:all|every|each)\s+(?:of\s+)?(?:the\s+|our\s+)?(?:\w+\s+){0,2}
        (?:documents?|files?|reports?|contracts?|policies|pages|meetings?)\b
    | \bacross\s+(?:all|the|our|every|these|those)\b
    | \b(?:main|key|most\ important)\s+
        (?:points?|ideas?|topics?|themes?|takeaways?|findings?|conclusions?|changes)\b
    | \b(?:everything|all)\s+(?:about|on|we\ know)\b | \bwhat\s+changed\b | \btrends?\b
    | \bhow\s+many\s+(?:documents|files|reports)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def question_scope(question: str) -> Scope:
    """Return `across` if the question asks to summarise, compare or list over whole documents, else `pinpoint`."""
    return "across" if _ACROSS.search(question) else "pinpoint"
