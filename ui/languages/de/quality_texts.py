"""The texts of the page of the quality of answers."""

from __future__ import annotations

from collections.abc import Sequence

QUALITY = "Qualität"
LEAD = "Was zu Antworten gesagt wird, was ohne gute Antwort blieb und wie der Prüfsatz über die Zeit beantwortet wird."
TABS = ("Rückmeldungen", "Unbeantwortet", "Prüfsatz", "Messungen")
# feedback
SHOW, VERDICTS = "Zeigen", {"": "Alle", "down": "Nicht gut", "up": "Gut"}
NO_FEEDBACK, NO_FEEDBACK_HINT = "Noch keine Rückmeldungen", "Sie kommen von den Daumen unter einer Antwort."
GOOD, BAD = "Gut", "Nicht gut"
WITHHELD = "Der Rest fehlt: Er wiederholt Dokumente, die hier nicht gelesen werden dürfen."
ANSWER, REASON, CITED = "Die Antwort", "Warum", "Zitiert"
KEEP, KEPT = "In den Prüfsatz aufnehmen", "Im Prüfsatz"
DELETE, DELETE_TITLE = "Löschen", "Diese Rückmeldung löschen?"
DELETE_BODY = "Sie ist endgültig weg. Eine daraus aufgenommene Frage bleibt."
# keeping
QUESTION = "Frage"
QUESTION_HELP = "So, wie sie jemand stellen würde."
DOCUMENTS, DOCUMENTS_HELP = "Dokumente, die sie beantworten", "Je Zeile eins: Quelle:Pfad, Titel oder Dateiname."
FACTS, FACTS_HELP = "Was die Antwort enthalten muss", "Je Zeile eins: Wörter oder Aussagen."
UNANSWERABLE = "Die Dokumente sagen es nicht: Die Antwort muss das sagen"
ADD, ADDED, CANCEL = "Aufnehmen", "Die Frage ist im Prüfsatz", "Abbrechen"
ADD_OWN = "Eine eigene Frage aufnehmen"
# unanswered
PERIOD = "Zeitraum"
WHY = {"not_found": "Nicht gefunden", "failed": "Fehlgeschlagen", "unverified": "Überwiegend unbestätigt"}
WHY_HELP = {
    "not_found": "Laut Antwort steht es nicht in den Dokumenten.",
    "failed": "Die Antwort endete mit einem Fehler oder brach ab.",
    "unverified": "Weniger als die Hälfte der Zitate steht dort, wo die Antwort sagt.",
}
NOT_SHOWN = "Die Fragen selbst werden nicht gezeigt"
NOT_SHOWN_BODY = (
    "Eine Unterhaltung gehört ihrer Person. Damit Admins Fragen ohne gute Antwort lesen können, ohne zu wissen, wer "
    "gefragt hat: `ASSISTANT_QUALITY_QUESTIONS=true` setzen, es allen sagen und neu starten."
)
NO_QUESTIONS, NO_QUESTIONS_HINT = "Jede Frage bekam eine gute Antwort", "In diesem Zeitraum, soweit erkennbar."
TOPICS, TOPICS_LEAD = "Lücken nach Thema", "Fragen mit einem gemeinsamen Wort. Mehr ist es nicht: bitte lesen."
NEWEST = "Die neuesten Fragen"
# the set
EMPTY_SET = "Der Prüfsatz ist leer"
EMPTY_SET_HINT = "Fragen hier aufnehmen, aus Rückmeldungen oder aus unbeantworteten Fragen."
REMOVE, REMOVE_TITLE = "Entfernen", "Diese Frage entfernen?"
REMOVE_BODY = "Sie wird nicht mehr gestellt. Vorhandene Messungen bleiben, wie sie sind."
EXPECTED, REFUSAL, NOTHING_EXPECTED = "Erwartet", "eine Absage", "nichts Bestimmtes"
# evaluations
START, STARTED = "Prüfsatz jetzt stellen", "Die Fragen werden gestellt"
START_HELP = (
    "Im Hintergrund, jede als ihre Leserin oder ihr Leser, sonst mit eigenen Rechten. Es kostet, was die Fragen kosten."
)
NO_EVALUATIONS = "Noch nichts gemessen"
NO_EVALUATIONS_HINT = "Den Prüfsatz stellen, und nach jeder Änderung wieder: Die Kurve zeigt, was besser wurde."
OVER_TIME, MEASURE, WHEN, SHARE, FIGURE = "Über die Zeit", "Kennzahlen", "Wann", "Anteil", "Kennzahl"
HISTORY = "Alle Messungen"
OPEN, CLOSE = "Fragen zeigen", "Fragen ausblenden"
STOP, STOPPING = "Abbrechen", "Nach der laufenden Frage ist Schluss"
STATES = {
    "running": "Läuft", "done": "Fertig", "failed": "Fehlgeschlagen", "cancelled": "Abgebrochen",
    "interrupted": "Unterbrochen",
}  # fmt: skip
FORGET_TITLE, FORGET_BODY = "Diese Messung löschen?", "Kennzahlen und Antworten sind endgültig weg."
GOT, NOTHING_GOT = "Bekommen", "Keine Antwort aufbewahrt."
RIGHT, WRONG = "erfüllt", "verfehlt"
AS_TABLE = "Als Tabelle"
SCORES = {
    "facts": "Fakten enthalten",
    "found": "Beantwortet",
    "refused": "Zu Recht abgesagt",
    "gold_cited": "Richtiges Dokument zitiert",
    "citation_precision": "Zitate aus richtigen Dokumenten",
    "verified": "Bestätigte Zitate",
    "gold_in_context": "Richtiges Dokument gelesen",
    "answer_f1": "Wörter gemeinsam mit der Musterantwort",
}


def kept_of(number: int) -> str:
    """Count the questions of the set."""
    return "1 Frage" if number == 1 else f"{number} Fragen"


def topic(words: Sequence[str], number: int) -> str:
    """Name a topic."""
    return f"{', '.join(words)}: {kept_of(number)}"


def progress(done: int, total: int) -> str:
    """Say how far an evaluation is."""
    return f"{done} von {kept_of(total)} gestellt"


def summary(total: int, by: str, when: str) -> str:
    """Say what an evaluation was."""
    return f"{kept_of(total)}, gestartet von {by} {when}"


def share(value: float | None) -> str:
    """Return a share of one as a percentage."""
    return "\u2013" if value is None else f"{value * 100:.0f} %"


def seconds(value: float) -> str:
    """Return seconds."""
    return f"{value:.1f} s".replace(".", ",")
