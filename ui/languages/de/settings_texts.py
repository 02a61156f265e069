"""The texts of the page of settings."""

from __future__ import annotations

SETTINGS = "Einstellungen"
LEAD = "Worauf dieser Assistent eingestellt ist. Geheimes ist verdeckt, Erklärungen sind auf Englisch."
HOW = "Einstellungen werden beim Start gelesen"
SEARCH, SEARCH_PLACEHOLDER = "Einstellung suchen", "Name, Variable oder Bedeutung"
ONLY_SET = "Nur was von der Vorgabe abweicht"
NONE, NONE_HINT = "Keine solche Einstellung", "Nach einem anderen Wort suchen oder alle zeigen."
VALUE, DEFAULT, CHOICES = "Wert", "Vorgabe", "Eines von"
EMPTY = "(leer)"
AS_VARIABLE = "Als Variable oder als Zeile der .env"
IN_CHART = "In den Werten des Helm-Charts"
IN_HIDDEN = "Geheim: in der Einstellungsdatei, die das Helm-Chart aus seinem Secret nimmt"
NO_VARIABLE = "Eine Tabelle der Einstellungsdatei."
ORIGINS = {"default": "Vorgabe", "file": "Einstellungsdatei", "environment": "Variable oder Befehlszeile"}
GROUPS = {
    "folders": "Ordner",
    "catalog": "Katalog und Index",
    "embedding": "Einbettung",
    "models": "Modelle",
    "documents": "Dokumente",
    "tools": "Werkzeuge und Plugins",
    "answers": "Antworten",
    "conversations": "Unterhaltungen",
    "search": "Suche",
    "addresses": "Adressen",
    "work": "Arbeit im Hintergrund",
    "audit": "Prüfprotokoll und Aufzeichnungen",
    "sign_in": "Anmeldung",
    "rights": "Rechte",
    "logs": "Logs",
}


def how(file: str, *, there: bool) -> str:
    """Say how settings are changed."""
    place = f"`{file}`" + ("" if there else " (noch nicht vorhanden)")
    return f"Keine ändert sich im Betrieb: Variable oder Zeile in {place} setzen und alle Prozesse neu starten."


def group(name: str, number: int) -> str:
    """Name a group with the number of its settings."""
    return f"{GROUPS.get(name, name)} ({number})"
