"""The German texts on asking: what is read, what it would take, what is attached, what could be asked, keys."""

from __future__ import annotations

from collections.abc import Sequence

from ui.languages.de.formats import number as _number
from ui.models import Plan

# what is read
SOURCES, SOURCES_ALL = "Quellen", "Alle Quellen"
FOLDERS, FOLDERS_ALL = "Ordner", "Alle Ordner"
FOLDERS_HELP = "Einen Ordner wählen oder seinen Pfad schreiben, etwa hr/policies."
TYPES, TYPES_ALL = "Dateitypen", "Alle Typen"
SINCE, UNTIL = "Geändert ab", "Geändert bis"
DATES_HELP = "Dokumente ohne Datum werden dann nicht gelesen."
RESET = "Wieder alles lesen"
OWN_UPLOADS = "Meine Dateien"
DATES_ODD = "Der erste Tag liegt nach dem letzten, dazwischen kann nichts liegen."
ABOUT = "Gefragt wird zu"
ABOUT_DROP = "Nicht mehr nur zu diesem Dokument fragen"
ASK_ABOUT = "Zu diesem Dokument fragen"
NARROWED = "Die Auswahl hier gilt nicht, solange zu einzelnen Dokumenten gefragt wird."

# estimates
ESTIMATE = "Was würde gelesen?"
ESTIMATING = "Wird geplant"
ESTIMATE_HELP = (
    "Plant die Frage im Feld, ohne sie zu stellen. Ist das Feld leer, wird gezählt, was die Auswahl enthält."
)
ESTIMATE_OLD = "Die Auswahl hat sich seither geändert: bitte neu schätzen."

# attachments
UNASKED, UNASKED_DROP = "In Worten schreiben, was hieran von Interesse ist:", "Nicht zu dieser Datei fragen"
TAKING, TAKING_HINT = "Die Dateien werden aufgenommen", "Niemand sonst sieht sie; sie bleiben unter Dokumente erhalten."
UPLOAD_STATES = {
    "sending": "wird gesendet",
    "waiting": "wird gelesen",
    "indexed": "bereit",
    "failed": "fehlgeschlagen",
}
NOT_TAKEN = "Nicht alle Dateien waren lesbar"
ASK_WITHOUT, DROP_QUESTION = "Ohne sie fragen", "Nicht fragen"
REPLACED = "an der Stelle der bisherigen Datei dieses Namens"
BACK_TO_QUESTION = "Dorthin zurück"
NOT_TAKEN_ANY = "Keine der Dateien war lesbar"

# suggestions
GO_ON = "Weiter fragen"

# keys
KEYS = "Tastenkürzel"
KEY_FOCUS, KEY_STOP, KEY_NEW = "Zum Fragefeld", "Antwort anhalten", "Neuer Chat"
KEY_EDIT, KEY_HELP = "Letzte Frage bearbeiten, im leeren Feld", "Diese Liste zeigen"
KEY_SEND, KEY_LINE = "Frage senden", "Neue Zeile"

# the first start
STEPS_NAME = "Drei Schritte"
STEPS = ("Dokumente hinzufügen", "Sie werden gelesen", "Fragen")
WAY, WAY_FOLDER, WAY_FILES = "Wo liegen sie?", "In einem Ordner dieses Rechners", "Auf meinem Gerät"
FILES, FILES_HELP = "Dateien", "PDF, Office, Text, Mail, Bilder von Text, Archive. Niemand sonst sieht sie."
BRING = "Diese Dateien aufnehmen"
BRING_OWN = "Oder eigene Dateien mitbringen: Niemand sonst sieht sie."
NO_FILES = "Mindestens eine Datei wählen."
READING = "Die Dokumente werden gelesen"
ADD_MORE = "Mehr hinzufügen"


def _count(number: int, one: str, many: str) -> str:
    return f"{_number(number)} {one if number == 1 else many}"


def _documents(number: int) -> str:
    return _count(number, "Dokument", "Dokumente")


def replaced(names: Sequence[str]) -> str:
    """Name the files that took the place of others."""
    return f"An der Stelle bisheriger Dateien desselben Namens: {', '.join(names)}."


def waits_elsewhere(question: str) -> str:
    """Name a question of another chat that waits for its files."""
    return f"\u201e{question}\u201c wartet in einem anderen Chat auf ihre Dateien."


def only_these(documents: int) -> str:
    """Say that single documents are asked about."""
    return "Dieses Dokument" if documents == 1 else f"Diese {_documents(documents)}"


def changed(since: str, until: str) -> str:
    """Say in which time documents were changed; either day may be empty."""
    if since and until:
        return f"{since} bis {until}"
    return f"ab {since}" if since else f"bis {until}"


def folders(paths: Sequence[str]) -> str:
    """Name the chosen folders, short."""
    return paths[0] if len(paths) == 1 else f"{_number(len(paths))} Ordner"


def held(name: str, documents: int) -> str:
    """Return a choice with how many documents it holds."""
    return f"{name} ({_number(documents)})"


def within(documents: int, tokens: int) -> str:
    """Say how much there is in the scope."""
    if not documents:
        return "In dieser Auswahl gibt es nichts zu lesen."
    return f"In dieser Auswahl: {_documents(documents)}, etwa {_count(tokens, 'Token', 'Token')}."


def would_read(plan: Plan) -> str:
    """Say what an answer would read."""
    holders = len({(item.document.source, item.document.key) for item in plan.passages})
    whole = f"{_documents(len(plan.documents))} ganz" if plan.documents else ""
    of = "1 Dokument" if holders == 1 else f"{_number(holders)} Dokumenten"
    parts = f"{_count(len(plan.passages), 'Passage', 'Passagen')} aus {of}" if plan.passages else ""
    read = " und ".join(filter(None, (whole, parts)))
    if not read:
        return "Zu dieser Frage wurde nichts gefunden."
    left = f"; {_documents(len(plan.left_out))} ohne Platz" if plan.left_out else ""
    return f"Gelesen würden {read}: {_number(plan.tokens)} von {_number(plan.budget)} Token{left}."


def no_room(plan: Plan) -> str:
    """Say why documents were left out."""
    free = max(0, plan.budget - plan.tokens)
    return f"Dafür war kein Platz: {_number(free)} von {_number(plan.budget)} Token waren frei."


def question(title: str, heading: str, index: int) -> str:
    """Return a question on a section of the document `title`, or on the whole of it; a heading may be one already."""
    if heading.endswith("?"):
        return heading
    if heading:
        return f"Was steht in \u201e{title}\u201c über \u201e{heading}\u201c?"
    forms = ("Was steht in \u201e{}\u201c?", "Was sind die wichtigsten Punkte von \u201e{}\u201c?")
    return forms[index % len(forms)].format(title)


def file_failed(name: str, error: str) -> str:
    """Say why a file was not taken."""
    return f"{name}: {error}" if name and name not in error else error


def brought(number: int) -> str:
    """Say that files are being read."""
    return f"{_count(number, 'Datei', 'Dateien')} aufgenommen. Gleich kann dazu gefragt werden."
