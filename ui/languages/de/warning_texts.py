"""The texts of the page of warnings."""

from __future__ import annotations

WARNINGS = "Warnungen"
LEAD = (
    "Dokumente, die sich wie Befehle an einen Assistenten lesen oder Text verstecken. Antworten, die sie zitieren, "
    "weisen darauf hin, bis jemand sie geprüft hat und solange der Inhalt gleich bleibt."
)
ALSO_REVIEWED = "Auch bereits geprüfte"
NONE, NONE_HINT = "Keine Warnungen", "Kein betreutes Dokument liest sich wie ein Befehl an einen Assistenten."
OPEN, REVIEW = "Dokument öffnen", "Als geprüft markieren"
REVIEW_TITLE = "Dieses Dokument als geprüft markieren?"
REVIEW_BODY = "Danach wird nicht mehr davor gewarnt, bis sich der Inhalt ändert. Die Entscheidung wird festgehalten."
SIGNS = {
    "override": "setzt frühere Anweisungen außer Kraft",
    "addressed": "spricht einen Assistenten an",
    "answer": "gibt eine Antwort vor",
    "role": "weist dem Assistenten eine Rolle zu",
    "send": "verlangt, etwas zu verschicken",
    "address": "führt zu einer Adresse",
    "tool": "verlangt den Aufruf eines Werkzeugs",
    "secrecy": "verlangt Verschwiegenheit",
    "unseen": "enthält unsichtbare Zeichen",
    "hidden": "versteckt, was es sagt",
}
HIDDEN = "versteckter Text"


def score(value: float) -> str:
    """Say how sure the rules are."""
    return f"Wert {value:.2f}".replace(".", ",")


def sign(name: str, number: int) -> str:
    """Say what was met, and how often."""
    kind, _, how = name.partition(":")
    said = f"{HIDDEN} ({how.replace('_', ' ')})" if how else SIGNS.get(kind, kind.replace("_", " "))
    return said if number == 1 else f"{said}, {number}-mal"


def reviewed(by: str, when: str) -> str:
    """Say who looked at it, and when."""
    return f"geprüft von {by} {when}"


def done(key: str) -> str:
    """Say that a document was marked."""
    return f"Vor {key} wird nicht mehr gewarnt"
