"""The texts of trying a call of a tool, in German."""

from __future__ import annotations

CALL_TITLE = "Einen Aufruf versuchen"
CALL = "Aufrufen"
TOOL = "Werkzeug"
AGREE = "Dieser Aufruf darf gemacht werden"
AGREE_WRITES = "Er ändert etwas außerhalb des Assistenten."
AGREE_OUT = "Seine Angaben verlassen die Maschine."
NO_ARGUMENTS = "Es nimmt keine Angaben."
NOTHING_SAID = "Es hat nichts gesagt."
CALLING = "Das Werkzeug wird aufgerufen"


def took(seconds: float) -> str:
    """Say how long a call took."""
    return f"Es dauerte {_seconds(seconds)} s."


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f}".replace(".", ",")
