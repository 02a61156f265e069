"""The texts of the chat, documents and sources; sentences with numbers in them are functions."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ui.languages.de.formats import decimal
from ui.languages.de.formats import number as written
from ui.models import Plan, Planned, Status
from ui.runs import Run

PRODUCT = "Assistant"

# navigation and sidebar
MANAGE = "Verwaltung"
CHAT, DOCUMENTS, SOURCES, TOOLS = "Chat", "Dokumente", "Quellen", "Werkzeuge"
NEW_CHAT = "Neuer Chat"
CHATS = "Chats"
MORE_CHATS = "Mehr anzeigen"
UNDO = "Rückgängig"
HAVE_IT, DISMISS = "Ich habe es", "Verstanden"
NOT_CONNECTED = "Nicht verbunden"
ANSWERS, EMBEDDER, VERSION, SIGNED_IN = "Antworten", "Embedder", "Version", "Angemeldet"

# errors
RETRY = "Erneut versuchen"
CHANGED_MEANWHILE = "Das hat inzwischen jemand anderes geändert"
CHANGED_MEANWHILE_BODY = "Die Felder zeigen den Stand beim Öffnen. Gespeichert wird nur, was Sie darin ändern."
ONLY_YOURS = "Inzwischen hatte jemand anderes etwas geändert; gespeichert wurde nur Ihre Änderung."
UNREACHABLE_HINT = "Mit `assistant up` starten oder ASSISTANT_API_URL prüfen, dann erneut versuchen."
SLOW_HINT = "Vielleicht ist gerade viel zu tun. Gleich noch einmal versuchen."
NOT_UNDERSTOOD_HINT = "Oberfläche und API haben vielleicht verschiedene Versionen, oder etwas steht dazwischen."
ANSWER_BROKE_OFF = "Die Antwort brach ab, bevor sie vollständig war."
ANSWER_BROKE_OFF_HINT = "Noch einmal fragen; wenn es öfter geschieht, im Protokoll der API nachsehen."
UNEXPECTED = "In der Oberfläche ist etwas schiefgegangen."
UNEXPECTED_HINT = "Seite neu laden; die Ursache steht im Protokoll der Oberfläche."
SETTINGS_WRONG = "Die Einstellungen der Oberfläche sind nicht brauchbar."

NOTHING_TO_READ = "Noch ist kein Dokument zugänglich. Admins fügen Dokumente hinzu oder geben sie Gruppen frei."

# chat
QUESTION = "Frage zu den Dokumenten stellen"
FOLLOW_UP = "Nachfragen"
ANSWERING = "Antwort entsteht"
STOP = "Anhalten"
STOPPED = "Angehalten. Zu sehen ist, was bis dahin geschrieben war."
INTERRUPTED = "Die Antwort brach ab. Zu sehen ist, was bis dahin geschrieben war."
REGENERATE, EDIT = "Neu beantworten", "Frage bearbeiten"
EDITED_QUESTION, ASK_EDITED, CANCEL_EDIT = "Frage", "Fragen", "Abbrechen"
FORMER_VERSION, NEXT_VERSION = "Vorherige Fassung", "Nächste Fassung"
WITHDRAWN = "zurückgezogen"
WITHDRAWN_HELP = "Was hier stand, beruht auf einem Dokument, das fort, geändert oder nicht mehr zugänglich ist."
WITHDRAWN_NOTE = "Ein Teil der Antwort ist zurückgezogen: Ein Dokument ist fort, geändert oder nicht mehr zugänglich."
GONE = "Ein Dokument, das fort oder nicht zugänglich ist"
CHANGED = "Das steht nicht mehr in dem Dokument"
LOOKING = "Passende Stellen werden gesucht"
NOT_FOUND = "In den Dokumenten nicht gefunden"
NOT_FOUND_HINT = (
    "Andere Wörter versuchen, als Umfang \u201eAlles\u201c wählen oder prüfen, ob das Dokument in den Quellen ist."
)
CITED = "Belege"
VERIFIED = "Bestätigt"
VERIFIED_HELP = "Das Zitat steht Wort für Wort an dieser Stelle."
UNVERIFIED = "Nicht bestätigt"
UNVERIFIED_HELP = "Das Zitat war an dieser Stelle nicht Wort für Wort zu finden."
SUPPORTED = "Belegt"
SUPPORTED_HELP = "Soweit eine Regel das sagen kann, folgt der Satz der Antwort aus diesem Zitat."
FLAGGED = "Verdächtig"
FLAGGED_HELP = (
    "Dieses Dokument enthält Text, der sich wie Befehle an einen Assistenten liest, und noch niemand hat ihn geprüft."
    " Nichts davon ungeprüft tun."
)
UNSUPPORTED = "Nicht belegt"
UNSUPPORTED_HELP = "Das Zitat sagt nicht, was der Satz der Antwort sagt: erst lesen, dann darauf verlassen."
SEEN = {"picture": "Bild", "page": "Bild der Seite", "attachment": "Angehängtes Bild"}
SEEN_HELP = "Das Modell hat dieses Bild betrachtet. Was es dort sah, lässt sich nicht prüfen: selbst ansehen."
SEEN_QUOTE = "Im Bild gesehen, nicht im Text gelesen"
PLAN_PICTURES = "Gezeigte Bilder"
OPTIONS = "Was gelesen wird"
MODE = "Umfang"
MODES = {
    "auto": ("Automatisch", "Wählt, was zur Frage passt"),
    "chunks": ("Passagen", "Die besten Passagen, schnell und günstig"),
    "documents": ("Ganze Dokumente", "Die besten Dokumente von Anfang bis Ende"),
    "corpus": ("Alles", "Alles, was zugänglich ist, wenn es hineinpasst"),
}
MODEL, ANY_MODEL = "Modell", "Automatisch"
MODEL_HELP = "Automatisch nimmt das günstigste Modell, in dessen Kontext passt, was gelesen wird."
ALL_SOURCES = "Alle Quellen"
YOU = "Gefragt"

# the plan
HOW = "So entstand diese Antwort"
NOTHING_READ = "Nichts zum Lesen gefunden"
PLAN_MODES = {"chunks": "Passagen", "documents": "Ganze Dokumente", "corpus": "Alles"}
PLAN_MODE, PLAN_REASON, PLAN_READ, PLAN_PASSAGES = "Weg", "Warum", "Ganz gelesen", "Passagen aus"
PLAN_LEFT_OUT, PLAN_NOTHING_LEFT_OUT = "Ausgelassen", "nichts"
PLAN_QUESTION = "Verstanden als"
PLAN_MODEL, PLAN_TIME, PLAN_USAGE = "Beantwortet von", "Dauer", "Verbrauch"

# empty state
WELCOME = "Die eigenen Dokumente fragen"
WELCOME_BODY = (
    "Einen Ordner hinzufügen und in eigenen Worten fragen. Jeder Satz einer Antwort verweist auf die genaue Stelle, und"
    " die lässt sich öffnen."
)
GREETING = "Was gibt es zu klären?"
TRY_ONE = "Zum Ausprobieren"
ADD_FOLDER_BODY = (
    "Dokumente, Tabellen, Folien, Mails und Bilder von Text werden aufgenommen; der Rest wird mit Gründen aufgelistet."
)
FOLDER = "Ordner"
FOLDER_PLACEHOLDER = "/home/ich/dokumente"
FOLDER_HELP = "Der volle Pfad eines Ordners auf dem Rechner, auf dem der Assistent läuft."
NAME = "Name"
NAME_PLACEHOLDER = "Wie der Ordner"
NAME_HELP = "So heißt diese Quelle in Listen und in Belegen."
SCHEDULE = "Nach Änderungen sehen"
SCHEDULES = {
    "Alle 15 Minuten": "every 15m",
    "Jede Stunde": "every 1h",
    "Jeden Tag": "every 1d",
    "Nur auf Wunsch": "",
}
READERS = "Wer lesen darf"
READERS_PLACEHOLDER = "everyone"
READERS_HELP = "Namen von Gruppen, durch Kommas getrennt. Leer heißt everyone: alle."
ADD = "Ordner hinzufügen"
FOLDER_MISSING = "Es fehlt, welcher Ordner hinzugefügt werden soll."
FOLDER_RELATIVE = "Den vollen Pfad des Ordners angeben, von der Wurzel des Laufwerks an."
INDEXING = "Wird aufgenommen"
STARTING = "Beginnt"
FIRST_RESULTS = "Fragen geht, sobald die ersten Dokumente da sind."
NOTHING_INDEXED = "Noch konnte kein Dokument aufgenommen werden"
NOTHING_INDEXED_HINT = "Die Gründe stehen auf der Seite Quellen; oder einen anderen Ordner hinzufügen."

# the quoted place
PICTURE = "Ein Bild neben dem Zitat"
SHOW_BEFORE, SHOW_AFTER = "Mehr davor zeigen", "Mehr danach zeigen"
OPEN_DOCUMENT = "Dokument hier öffnen"
DOCUMENT_CHANGED = "Das Dokument hat sich seit dieser Antwort geändert: Das Zitat steht nicht mehr an dieser Stelle."

# documents
FILTER = "Filter"
FILTER_PLACEHOLDER = "Titel oder Pfad"
SOURCE = "Quelle"
NO_DOCUMENTS = "Noch keine Dokumente"
NO_DOCUMENTS_HINT = "Auf der Seite Quellen einen Ordner hinzufügen."
NO_MATCH = "Kein Dokument passt"
PREVIOUS, NEXT = "Zurück", "Weiter"
BACK = "Alle Dokumente"

# sources
NO_SOURCES = "Noch keine Quellen"
SYNC, PAUSE, RESUME, REMOVE, CANCEL = "Jetzt abgleichen", "Anhalten", "Fortsetzen", "Entfernen", "Abbrechen"
REMOVE_TITLE = "Diese Quelle entfernen?"
RUNS = "Läufe"
NO_RUNS = "Noch kein Lauf"
COUNT_NAMES = {
    "seen": "gesehen",
    "added": "neu",
    "moved": "verschoben",
    "updated": "aktualisiert",
    "unchanged": "unverändert",
    "deleted": "gelöscht",
    "failed": "fehlgeschlagen",
}


def count(number: int, one: str, many: str = "") -> str:
    """Return e.g. `1 Dokument` or `1.024 Dokumente`; without `many` the word is the same for any number."""
    return f"{written(number)} {one if number == 1 else many or one}"


def document_count(number: int) -> str:
    """Return e.g. `1 Dokument`."""
    return count(number, "Dokument", "Dokumente")


def passage_count(number: int) -> str:
    """Return e.g. `2 Passagen`."""
    return count(number, "Passage", "Passagen")


def page_count(number: int) -> str:
    """Return e.g. `2 Seiten`."""
    return count(number, "Seite", "Seiten")


def unreachable(url: str) -> str:
    """Say that nothing answers at `url`."""
    return f"Der Assistent antwortet nicht unter {url}."


def slow(url: str) -> str:
    """Say that the API did not answer in time."""
    return f"Der Assistent unter {url} braucht zu lange für eine Antwort."


def refused(status: int) -> str:
    """Say that the API answered with an HTTP error and no reason."""
    return f"Der Assistent antwortete mit dem HTTP-Status {status}."


def not_understood(path: str) -> str:
    """Say that the API's JSON is not what the UI knows."""
    return f"Die Antwort von {path} war nicht zu lesen."


def plan_sentence(plan: Plan) -> str:
    """Return what was read in plain words, e.g. `3 Passagen aus 2 Dokumenten gelesen: 412 von 10.000.000 Token`."""
    whole = document_count(len(plan.documents))
    holders = len({(item.document.source, item.document.key) for item in plan.passages})
    parts = f"{passage_count(len(plan.passages))} aus {count(holders, 'Dokument', 'Dokumenten')}"
    if plan.documents and plan.passages:
        read = f"{whole} ganz und {parts} gelesen"
    elif plan.documents and plan.mode == "corpus":
        read = f"Alles gelesen, {whole}"
    elif plan.documents:
        read = f"{whole} ganz gelesen"
    elif plan.passages:
        read = f"{parts} gelesen"
    else:
        return NOTHING_READ
    sentence = f"{read}: {written(plan.tokens)} von {written(plan.budget)} Token"
    return f"{sentence}; {document_count(len(plan.left_out))} ausgelassen" if plan.left_out else sentence


def tokens(number: int) -> str:
    """Return e.g. `1.204 Token`."""
    return count(number, "Token")


def by_document(items: Sequence[Planned]) -> list[tuple[str, str]]:
    """Return each document's title once, with how many passages and tokens of it were read."""
    groups: dict[tuple[str, str], list[Planned]] = {}
    for item in items:
        groups.setdefault((item.document.source, item.document.key), []).append(item)
    return [
        (group[0].document.title, f"{passage_count(len(group))}, {tokens(sum(item.tokens for item in group))}")
        for group in groups.values()
    ]


def and_more(number: int) -> str:
    """Say how many entries a list leaves out."""
    return f"und {written(number)} mehr"


def page(number: int, pages: int = 0) -> str:
    """Return e.g. `Seite 3` or `Seite 3 von 12`."""
    return f"Seite {written(number)} von {written(pages)}" if pages else f"Seite {written(number)}"


def characters(start: int, end: int, length: int) -> str:
    """Return which characters of a text are shown, counted from 1."""
    return f"Zeichen {written(start + 1)} bis {written(end)} von {written(length)}" if length else "Leerer Text"


def range_of(first: int, last: int, total: int) -> str:
    """Return e.g. `1-50 von 288`."""
    return f"{written(first)}\u2013{written(last)} von {written(total)}"


def holdings(status: Status) -> str:
    """Return what the assistant holds, in one line."""
    return f"{document_count(status.documents)} \u00b7 {passage_count(status.chunks)}"


def greeting_body(status: Status) -> str:
    """Say what can be asked about."""
    return (
        f"{document_count(status.documents)} aus {count(status.sources, 'Quelle', 'Quellen')}. Antworten nennen die"
        " genaue Stelle."
    )


def scope(names: Sequence[str]) -> str:
    """Name the chosen sources, short."""
    if not names:
        return ALL_SOURCES
    return names[0] if len(names) == 1 else count(len(names), "Quelle", "Quellen")


def version(number: int, total: int) -> str:
    """Return e.g. `2 von 3`."""
    return f"{written(number)} von {written(total)}"


def forgotten(turns: int) -> str:
    """Say that there was no room for the oldest turns of the chat."""
    many = turns != 1
    return (
        f"{count(turns, 'frühere Frage', 'frühere Fragen')} dieses Chats {'passten' if many else 'passte'} nicht hinein"
        f" und {'spielten' if many else 'spielte'} für diese Antwort keine Rolle."
    )


def hidden(documents: int) -> str:
    """Say that the plan leaves out names."""
    return f"{document_count(documents)}, jetzt nicht zugänglich"


def chat_deleted(title: str) -> str:
    """Say that a chat was deleted."""
    return f"\u201e{title}\u201c wurde gelöscht."


def added(name: str) -> str:
    """Say that a source was added."""
    return f"{name} wurde hinzugefügt. Die Dokumente werden jetzt aufgenommen."


def removed(name: str) -> str:
    """Say that a source was removed."""
    return f"{name} wurde entfernt."


def remove_body(name: str, documents: int | None) -> str:
    """Say what removing the source does."""
    held = "alle Dokumente daraus" if documents is None else document_count(documents)
    return (
        f"{name} und {held} werden nicht mehr gefunden und nicht mehr für Antworten benutzt. Die Dateien selbst"
        " bleiben, wo sie sind."
    )


def schedule(line: str) -> str:
    """Return a schedule in words; one that the form does not offer is shown as it is."""
    for words, offered in SCHEDULES.items():
        if offered == line:
            return words if line else "Kein Zeitplan"
    return line


def run_progress(run: Run) -> str:
    """Return how far a run is, in words."""
    failed = f", {written(run.counts['failed'])} fehlgeschlagen" if run.counts["failed"] else ""
    return f"{written(run.done)} von {count(run.counts['seen'], 'Dokument', 'Dokumenten')}{failed}"


def run_counts(run: Run) -> str:
    """Return a run's outcome, the zero counts left out."""
    parts = [f"{written(run.counts[name])} {words}" for name, words in COUNT_NAMES.items() if run.counts[name]]
    return ", ".join(parts) or "nichts zu tun"


def ago(seconds: float, now: float | None = None) -> str:
    """Return a time in the past (seconds since the epoch) relative to now."""
    past = max(0.0, (time.time() if now is None else now) - seconds)
    for size, one, many in ((86400, "Tag", "Tagen"), (3600, "Stunde", "Stunden"), (60, "Minute", "Minuten")):
        if past >= size:
            return f"vor {count(int(past // size), one, many)}"
    return "gerade eben"


def timing(seconds: float) -> str:
    """Return a duration."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{decimal(seconds)} s"
