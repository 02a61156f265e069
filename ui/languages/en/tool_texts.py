"""The texts of the web UI about tools that a model calls while it answers."""

from __future__ import annotations

STATES = {
    "waiting": "Waits for you",
    "approved": "Agreed to",
    "running": "At work",
    "done": "Done",
    "failed": "Failed",
    "rejected": "Not made",
}
UNSURE = "It is not known whether this was done: the answer broke off. Look before you do it yourself."
ARGUMENTS, PROPOSED, RESULT, ERROR, REASON = "With", "Proposed", "Result", "Why not", "Your reason"
PLACES = "Places found"
NO_ARGUMENTS, NO_RESULT = "nothing", "nothing"
WORKING = "Working with tools"
WAITING = "The answer waits for your decision."
APPROVAL_HELP = "This changes something outside of the assistant. It runs once, with your rights, if you agree."
OUTWARD_HELP = (
    "This sends what stands below to a server outside of the assistant. Look whether it holds what is not to leave the"
    " house. It is sent once, if you agree."
)
APPROVE, REJECT = "Do it", "Do not"
WHY = "Reason, if you do not agree"
WHY_PLACEHOLDER = "Told to the assistant; may stay empty"
NOT_JSON_HINT = "Write it as JSON, as it was, then try again."


def wants(name: str) -> str:
    """Return the heading of a call that waits."""
    return f"May the assistant call {name}?"


def called(name: str, state: str) -> str:
    """Return what a screen reader says of a call."""
    return f"{name}: {STATES.get(state, state)}"


def not_json(name: str) -> str:
    """Say that an argument cannot be read."""
    return f"{name} is not JSON"


def more(characters: int) -> str:
    """Say how much of a text is not shown."""
    return f"and {characters:,} more characters"
