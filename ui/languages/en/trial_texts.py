"""The texts of trying a call of a tool."""

from __future__ import annotations

CALL_TITLE = "Try a call"
CALL = "Call it"
TOOL = "Tool"
AGREE = "I agree that this call is made"
AGREE_WRITES = "It changes something outside of the assistant."
AGREE_OUT = "Its arguments leave the machine."
NO_ARGUMENTS = "It takes no arguments."
NOTHING_SAID = "It said nothing."
CALLING = "The tool is called"


def took(seconds: float) -> str:
    """Say how long a call took."""
    return f"It took {seconds:.2f} s."
