"""Tells questions that one passage answers from questions that ask for whole documents."""

from __future__ import annotations

import re
from typing import Literal

Scope = Literal["pinpoint", "across"]

_ACROSS = re.compile(
    r"""
      \bsummar(?:y|ies|i[sz]e|i[sz]ing)\b | \boverview\b | \btl;?dr\b | \b(?:in\ general|overall|as\ a\ whole)\b
    | \bcompar(?:e|es|ed|ing|ison)\b | \bdiffer(?:s|ences?)?\b | \bcontrast\b | \bversus\b | \bvs\b
    | \b(?:list|name|enumerate|collect|give\ me)\s+(?:all|every|each|the)\b
    | \b(?:all|every|each)\s+(?:of\s+)?(?:the\s+|our\s+)?(?:\w+\s+){0,2}
        (?:documents?|files?|reports?|contracts?|policies|pages|meetings?)\b
    | \bacross\s+(?:all|the|our|every|these|those)\b
    | \b(?:main|key|most\ important)\s+
        (?:points?|ideas?|topics?|themes?|takeaways?|findings?|conclusions?|changes)\b
    | \b(?:everything|all)\s+(?:about|on|we\ know)\b | \bwhat\s+changed\b | \btrend(?:s|ed|ing)?\b
    | \bover\s+(?:time|the\s+(?:reporting\s+)?(?:years|quarters|months|periods?))\b
    | \b(?:across|in|over)\s+(?:(?:the|these|those|previous|reported)\s+){1,2}
        (?:quarters|periods|years|months|versions|reports|filings|documents|contracts|meetings|10-[kq]s)\b
    | \b(?:each|every)\s+(?:\w+\s+){0,2}(?:quarter|period|year|month|version)\b
    | \bhow\s+many\s+(?:documents|files|reports)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def question_scope(question: str) -> Scope:
    """Return `across` if the question asks to summarise, compare or list over whole documents, else `pinpoint`."""
    return "across" if _ACROSS.search(question) else "pinpoint"
