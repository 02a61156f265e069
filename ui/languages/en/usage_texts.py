"""The texts of the page of figures of use."""

from __future__ import annotations

USAGE = "Usage"
LEAD = "How much is asked in conversations, and how it goes. Figures have no names; those of few people are left out."
PERIOD = "Period"
COUNTING = "Counting\u2026"
NOTHING = "Nothing was asked in this period"
NOTHING_HINT = "Choose a longer period, or come back when people have asked something."
QUESTIONS, PEOPLE, FIRST, WHOLE = "Questions", "People", "First words", "Whole answer"
VERIFIED, CACHED, NOT_FOUND, FAILED = "Verified citations", "Read from cache", "Not found", "Failed"
FALLBACK = "Answered by a fallback"
TOKENS_READ, TOKENS_WRITTEN = "Tokens read", "Tokens written"
MEDIAN, MOST = "median", "95 %"
BY_DAY, BY_MODE, BY_MODEL, BY_SOURCE = "By day", "By mode", "By model", "Sources cited most"
QUESTIONS_A_DAY, SECONDS_A_DAY = "Questions and people a day", "Seconds a day, median and 95 %"
TOKENS_A_DAY = "Tokens a day"
DAY, MODE, MODEL, SOURCE, CITATIONS, ANSWERS = "Day", "Mode", "Model", "Source", "Citations", "Answers"
SECONDS, NUMBER = "Seconds", "Number"
AS_TABLE = "As a table"
DOWNLOAD = "Download as CSV"
OTHERS = "Others"
NO_MODEL, NO_MODE = "No model", "No plan"
NONE = "\u2013"
COLUMNS = {
    "key": "",
    "questions": QUESTIONS,
    "people": PEOPLE,
    "not_found": NOT_FOUND,
    "failed": FAILED,
    "first_p50": "First words, s",
    "whole_p50": "Whole, s",
    "whole_p95": "Whole, 95 %, s",
    "prompt_tokens": TOKENS_READ,
    "completion_tokens": TOKENS_WRITTEN,
    "verified": "Verified",
}


def days(number: int) -> str:
    """Name a period."""
    return f"{number} days"


def fewer_than(few: int) -> str:
    """Say that there are people, and not how many."""
    return f"fewer than {few}"


def share(part: float | None) -> str:
    """Return a share of one as a percentage."""
    return NONE if part is None else f"{part:.0%}"


def seconds(value: float | None) -> str:
    """Return seconds."""
    return NONE if value is None else f"{value:.1f} s"


def withheld(few: int) -> str:
    """Say why figures of some days and models are missing."""
    return (
        f"Of days, modes and models with fewer than {few} people only the number of questions is shown, "
        "so that nobody is singled out."
    )
