"""The texts of the web UI about tools that a model calls while it answers."""

from __future__ import annotations

from ui.languages.de.formats import number

STATES = {
    "waiting": "Wartet",
    "approved": "Zugestimmt",
    "running": "Läuft",
    "done": "Fertig",
    "failed": "Fehlgeschlagen",
    "rejected": "Abgelehnt",
}
UNSURE = "Es ist nicht bekannt, ob das geschehen ist: Die Antwort brach ab. Erst nachsehen, dann selbst tun."
ARGUMENTS, PROPOSED, RESULT, ERROR, REASON = "Mit", "Vorgeschlagen", "Ergebnis", "Warum nicht", "Begründung"
PLACES = "Gefundene Stellen"
NO_ARGUMENTS, NO_RESULT = "nichts", "nichts"
WORKING = "Arbeitet mit Werkzeugen"
WAITING = "Die Antwort wartet auf eine Entscheidung."
APPROVAL_HELP = (
    "Das ändert etwas außerhalb des Assistenten. Bei Zustimmung läuft es einmal, mit den Rechten der fragenden Person."
)
OUTWARD_HELP = (
    "Das schickt, was unten steht, an einen Server außerhalb des Assistenten. Bitte prüfen, ob etwas dabei ist, das das"
    " Haus nicht verlassen soll. Bei Zustimmung wird es einmal geschickt."
)
APPROVE, REJECT = "Ausführen", "Ablehnen"
WHY = "Begründung bei Ablehnung"
WHY_PLACEHOLDER = "Erfährt der Assistent; darf leer bleiben"
NOT_JSON_HINT = "Wie vorher als JSON schreiben, dann erneut versuchen."


def wants(name: str) -> str:
    """Return the heading of a call that waits."""
    return f"Darf der Assistent {name} aufrufen?"


def called(name: str, state: str) -> str:
    """Return what a screen reader says of a call."""
    return f"{name}: {STATES.get(state, state)}"


def not_json(name: str) -> str:
    """Say that an argument cannot be read."""
    return f"{name} ist kein JSON"


def more(characters: int) -> str:
    """Say how much of a text is not shown."""
    return f"und {number(characters)} Zeichen mehr"
