"""The texts of the page of plugins, in German."""

from __future__ import annotations

PLUGINS = "Plugins"
LEAD = "Was dem Assistenten Quellen, Werkzeuge, Formate und Pakete bringt, und ob es läuft."
FILTER, FILTER_PLACEHOLDER = "Filter", "Name oder was es bietet"
KIND, ANY_KIND = "Art", "Alle Arten"
STATE, ANY_STATE = "Zustand", "Alle Zustände"
KINDS = {
    "source": "Quellen",
    "tool": "Werkzeuge",
    "tool kind": "Werkzeuge zum Einrichten",
    "parser": "Formate",
    "pack": "Pakete",
    "post-processor": "Nachbearbeitung",
}
STATES = {
    "enabled": "Ein",
    "disabled": "Aus",
    "new": "Neu",
    "changed": "Seit dem Einschalten geändert",
    "broken": "Defekt",
    "gone": "Verschwunden",
}
NONE, NONE_HINT = "Kein Plugin passt", "Den Filter kürzen oder eine andere Art oder einen anderen Zustand wählen."
ENABLE, DISABLE, HEALTH, LOOK = "Einschalten", "Ausschalten", "Wie geht es ihm?", "Was will es?"
ENABLE_CHANGED = "Diese Version verwenden"
ASKING = "Das Plugin wird gefragt"
WELL = "Es läuft."
EXPERIMENTAL = "Experimentell: Noch niemand hat es mit dem echten Gegenüber betrieben."
UNDECLARED = "Es sagt nicht, was es verwenden will."
VERSION, HOSTS, PATHS, SECRETS, WRITES = (
    "Version",
    "Spricht mit",
    "Liest die Ordner",
    "Verwendet die Geheimnisse",
    "Ändert Dinge außerhalb",
)
ANYTHING, NOTHING, YES, NO = "allem", "nichts", "ja", "nein"
ORIGINS = {"built-in": "eingebaut", "folder": "aus dem Ordner der Plugins"}
DISABLE_TITLE = "Dieses Plugin ausschalten?"
DISABLE_BODY = (
    "Quellen und Werkzeuge seiner Art stehen still: Durch sie kommt nichts Neues. Was aus seinen Quellen indiziert ist,"
    " bleibt und wird gefunden. Es kann wieder eingeschaltet werden."
)
GROUPS, GROUPS_HELP = "Wer dieses Paket hat", "Gruppen, oder user:KENNUNG, durch Kommas getrennt."
GROUPS_MISSING = "Die Gruppen nennen, die das Paket haben sollen."
DOCUMENTS = "In welchen Dokumenten es Struktur findet"
DOCUMENTS_HELP = "Je Zeile eine Quelle und ein Muster ihrer Schlüssel, etwa `contracts: 2026/**`. Leer: in keinen."
SAVE = "Speichern"
SET_UP_TOOL, ADD_SOURCE = "Ein Werkzeug davon einrichten", "Eine Quelle davon hinzufügen"


def wrong_line(line: str) -> str:
    """Say that a line names no documents."""
    return f"Eine Quelle, einen Doppelpunkt und ein Muster schreiben: {line}"


def number(shown: int) -> str:
    """Return how many plugins are shown."""
    return f"{shown} {'Plugin' if shown == 1 else 'Plugins'}"


def package(origin: str) -> str:
    """Return where a plugin comes from."""
    return ORIGINS.get(origin, origin.replace("package ", "Paket "))


def changed(name: str, state: str) -> str:
    """Say what a plugin is now."""
    return f"{name}: {STATES.get(state, state)}."
