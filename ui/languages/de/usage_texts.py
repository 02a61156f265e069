"""The texts of the page of figures of use."""

from __future__ import annotations

USAGE = "Nutzung"
LEAD = "Wie viel in Unterhaltungen gefragt wird und wie es läuft. Ohne Namen; Zahlen weniger Personen fehlen."
PERIOD = "Zeitraum"
COUNTING = "Wird gezählt \u2026"
NOTHING = "In diesem Zeitraum wurde nichts gefragt"
NOTHING_HINT = "Einen längeren Zeitraum wählen oder wiederkommen, wenn etwas gefragt wurde."
QUESTIONS, PEOPLE, FIRST, WHOLE = "Fragen", "Personen", "Erste Wörter", "Ganze Antwort"
VERIFIED, CACHED, NOT_FOUND, FAILED = "Bestätigte Zitate", "Aus dem Cache gelesen", "Nicht gefunden", "Fehlgeschlagen"
FALLBACK = "Ersatzweise beantwortet"
TOKENS_READ, TOKENS_WRITTEN = "Token gelesen", "Token geschrieben"
MEDIAN, MOST = "Median", "95 %"
BY_DAY, BY_MODE, BY_MODEL, BY_SOURCE = "Nach Tag", "Nach Modus", "Nach Modell", "Meistzitierte Quellen"
QUESTIONS_A_DAY, SECONDS_A_DAY = "Fragen und Personen am Tag", "Sekunden am Tag, Median und 95 %"
TOKENS_A_DAY = "Token am Tag"
DAY, MODE, MODEL, SOURCE, CITATIONS, ANSWERS = "Tag", "Modus", "Modell", "Quelle", "Zitate", "Antworten"
SECONDS, NUMBER = "Sekunden", "Anzahl"
AS_TABLE = "Als Tabelle"
DOWNLOAD = "Als CSV herunterladen"
OTHERS = "Übrige"
NO_MODEL, NO_MODE = "Ohne Modell", "Ohne Plan"
NONE = "\u2013"
COLUMNS = {
    "key": "",
    "questions": QUESTIONS,
    "people": PEOPLE,
    "not_found": NOT_FOUND,
    "failed": FAILED,
    "first_p50": "Erste Wörter, s",
    "whole_p50": "Ganz, s",
    "whole_p95": "Ganz, 95 %, s",
    "prompt_tokens": TOKENS_READ,
    "completion_tokens": TOKENS_WRITTEN,
    "verified": "Bestätigt",
}


def days(number: int) -> str:
    """Name a period."""
    return f"{number} Tage"


def fewer_than(few: int) -> str:
    """Say that there are people, and not how many."""
    return f"weniger als {few}"


def share(part: float | None) -> str:
    """Return a share of one as a percentage."""
    return NONE if part is None else f"{part * 100:.0f} %"


def seconds(value: float | None) -> str:
    """Return seconds."""
    return NONE if value is None else f"{value:.1f} s".replace(".", ",")


def withheld(few: int) -> str:
    """Say why figures of some days and models are missing."""
    return (
        f"Für Tage, Modi und Modelle mit weniger als {few} Personen wird nur die Zahl der Fragen gezeigt, "
        "damit niemand erkennbar ist."
    )
