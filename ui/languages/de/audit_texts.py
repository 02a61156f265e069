"""The texts of the page of the audit log."""

from __future__ import annotations

from ui.audit import Entry, Verdict
from ui.languages.de.formats import number
from ui.languages.de.texts import document_count

AUDIT = "Prüfprotokoll"
LEAD = "Wer hat was getan, wann und von wo. Auch das Lesen dieser Seite wird festgehalten."
WHO, WHO_HELP = "Person", "Kennung einer Person, die es tat oder der es galt; auch operator, system und nobody."
ACTION, ACTION_HELP = "Vorgang", "Der Vorgang oder seine ersten Wörter: searched, document, source."
OUTCOME, ANY_OUTCOME = "Ausgang", "Alle"
OUTCOMES = {"begun": "Begonnen", "done": "Erledigt", "refused": "Verweigert", "failed": "Fehlgeschlagen"}
DOCUMENT_SOURCE = "Wer ein Dokument sah: seine Quelle"
DOCUMENT_KEY = "Sein Pfad in der Quelle"
SINCE, UNTIL, DATE_HELP = "Von", "Bis", "Ein Tag wie 2026-01-31 oder ein Zeitpunkt; UTC."
TEXT, TEXT_HELP = "Enthält", "Was irgendwo im Eintrag steht."
SHOW, OLDER, NEWEST = "Anzeigen", "Ältere", "Neueste"
NO_ENTRIES, NO_ENTRIES_HINT = "Keine solchen Einträge", "Einige Felder leer lassen oder ältere Einträge ansehen."
COLUMNS = ("", "Wann (UTC)", "Wer", "Was", "Ausgang", "Einzelheiten")
ERASED, UNREADABLE = "gelöschte Person", "unlesbar"
EXPORT, DOWNLOAD = "Export erstellen", "Export herunterladen"
CHECK, HEAD = "Protokoll prüfen", "Anderswo aufbewahrte Nummer und Prüfsumme"
HEAD_HELP = "Was eine frühere Prüfung oder `assistant audit head` genannt hat; darf leer bleiben."
GOOD = "Das Protokoll ist unversehrt: Nichts darin wurde geändert"
BAD = "Das Protokoll ist nicht unversehrt"


def who(entry: Entry) -> str:
    """Name who did it, and from where."""
    name = ERASED if entry.erased else entry.who or UNREADABLE
    return f"{name} ({entry.place})" if entry.place else name


def told(entry: Entry) -> str:
    """Say what else is known of an entry."""
    subject = ERASED if entry.subject_erased else entry.subject
    parts = [f"betrifft {subject}"] if subject else []
    parts += [f"{name.replace('_', ' ')} {value}" for name, value in entry.told]
    if entry.documents and not any(name == "key" for name, _ in entry.told):
        parts.append(document_count(entry.documents))
    return ", ".join([*parts, *([entry.unreadable] if entry.unreadable else [])])


def verdict(found: Verdict) -> str:
    """Say what a check found."""
    parts = []
    if found.broken is not None:
        parts.append(f"Eintrag {found.broken}: {found.why}.")
    elif found.entries:
        parts.append(f"{number(found.entries)} Einträge ab {found.first} wurden geprüft.")
    if found.seal not in {"good", "none"}:
        parts.append(f"Das Siegel stimmt nicht: {found.seal}.")
    if found.seal_breaks:
        parts.append(f"Das Siegel stimmte schon früher nicht: {', '.join(map(str, found.seal_breaks))}.")
    parts.append(f"Für die nächste Prüfung anderswo aufbewahren: {found.head}")
    return " ".join(parts)
