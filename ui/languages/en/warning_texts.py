"""The texts of the page of warnings."""

from __future__ import annotations

WARNINGS = "Warnings"
LEAD = (
    "Documents that read like orders to an assistant, or hide text. Answers that cite them say so, "
    "until somebody has looked and their content stays the same."
)
ALSO_REVIEWED = "Also those that were looked at"
NONE, NONE_HINT = "No warnings", "No document that you look after reads like orders to an assistant."
OPEN, REVIEW = "Open the document", "Mark as reviewed"
REVIEW_TITLE = "Mark this document as reviewed?"
REVIEW_BODY = "Nobody is warned of it any more, until its content changes. It is recorded that you decided so."
SIGNS = {
    "override": "sets earlier instructions aside",
    "addressed": "speaks to an assistant",
    "answer": "says what to answer",
    "role": "gives the assistant a role",
    "send": "asks to send something",
    "address": "leads to an address",
    "tool": "asks to call a tool",
    "secrecy": "asks to keep something secret",
    "unseen": "holds signs that nobody sees",
    "hidden": "hides what it says",
}
HIDDEN = "hidden text"


def score(value: float) -> str:
    """Say how sure the rules are."""
    return f"score {value:.2f}"


def sign(name: str, number: int) -> str:
    """Say what was met, and how often."""
    kind, _, how = name.partition(":")
    said = f"{HIDDEN} ({how.replace('_', ' ')})" if how else SIGNS.get(kind, kind.replace("_", " "))
    return said if number == 1 else f"{said}, {number:,} times"


def reviewed(by: str, when: str) -> str:
    """Say who looked at it, and when."""
    return f"reviewed by {by} {when}"


def done(key: str) -> str:
    """Say that a document was marked."""
    return f"Nobody is warned of {key} any more"
