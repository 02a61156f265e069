"""The texts of the forms and pages of admins; `texts` has all others."""

from __future__ import annotations

from collections.abc import Sequence

from ui.languages.de.texts import count

# forms made from schemas
MORE_FIELDS = "Mehr"
OPTIONAL = "(optional)"
KEPT = "Bleibt, wie es ist, solange das hier leer ist"
FORGET_STORED = "Vergessen, was gespeichert ist"
EDIT, SAVE = "Ändern", "Speichern"
A_LINE_EACH, A_PAIR_EACH, AS_JSON = "Je Zeile eins", "Name: Wert, je Zeile ein Paar", "Als JSON"
KIND, CHOOSE_KIND = "Art", "Wählen, was hinzukommt"
CHOOSE = "Wählen"
NOT_SAID, YES, NO = "Keine Angabe", "Ja", "Nein"
ADD_THIS, TEST = "Hinzufügen", "Testen"

# sources of any kind
SOURCE_NAME, SOURCE_NAME_HELP = "Name der Quelle", "So heißt sie in Listen und in Belegen."

# tools
NO_TOOLS = "Es sind keine Werkzeuge eingerichtet"
NO_TOOLS_HINT = "Mit einem Werkzeug schlägt das Modell beim Antworten etwas nach oder führt etwas aus."
ADD_TOOL = "Werkzeug hinzufügen"
TOOL_NAME, TOOL_NAME_HELP = "Name", "Kleinbuchstaben, Ziffern und _; das Modell sieht ihn."
TOOL_GROUPS = "Wer es benutzen darf"
TOOL_GROUPS_PLACEHOLDER = "vertrieb, user:anna"
TOOL_GROUPS_HELP = "Gruppen oder user:KENNUNG, durch Kommas getrennt; everyone für alle. Leer: nur der Betrieb."
ENABLE, DISABLE = "Einschalten", "Ausschalten"
TOOL_STATES = {"enabled": "An", "disabled": "Aus", "failing": "Gestört", "stopped": "Plugin ist abgeschaltet"}
WRITES, REACHES_OUT = " (fragt vor der Ausführung)", " (geht nach außen; fragt vor der Ausführung)"
FROM_SETTINGS = "aus der Einstellungsdatei"
REMOVE_TOOL_TITLE = "Dieses Werkzeug entfernen?"
REMOVE_TOOL_BODY = "Seine Einstellungen und Geheimnisse werden vergessen. Womit es verbunden ist, bleibt, wie es ist."
_TOOL_DONE = {
    "add": "wurde hinzugefügt",
    "test": "funktioniert",
    "edit": "wurde geändert",
    "enable": "ist an",
    "disable": "ist aus",
}


def asks(*, writes: bool, reaches_out: bool) -> str:
    """Say of a tool that a person is asked before it runs, if one is."""
    return WRITES if writes else REACHES_OUT if reaches_out else ""


def field_missing(label: str) -> str:
    """Say that a field has to be filled in."""
    return f"{label} muss ausgefüllt sein."


def field_no_json(label: str) -> str:
    """Say that a field holds no JSON."""
    return f"{label} ist kein JSON."


def field_no_pair(label: str) -> str:
    """Say that a line of a field is no pair."""
    return f"{label}: in jede Zeile einen Namen, einen Doppelpunkt und einen Wert schreiben."


def offered(number: int) -> str:
    """Name what a configured tool offers."""
    return f"Bietet {count(number, 'Werkzeug', 'Werkzeuge')}"


def for_groups(groups: Sequence[str]) -> str:
    """Say for whom a tool is."""
    return f"für {', '.join(groups)}" if groups else "nur für den Betrieb"


def works(tried: str) -> str:
    """Say that a configuration was tried, and how."""
    return f"Das funktioniert: {tried}."


def tool_done(name: str, action: str, tried: str) -> str:
    """Say what was done with a tool, and what was tried for it."""
    return f"{name} {_TOOL_DONE[action]}{f': {tried}' if tried else ''}."


# what two people change at once


def changed(now: Sequence[str]) -> str:
    """Say what somebody else made of what a form was drawn from, a line for each part."""
    return f"Jetzt steht dort: {'; '.join(now)}. Noch einmal drücken, um Eigenes an diese Stelle zu setzen."
