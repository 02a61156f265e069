"""The texts of the pages of documents, beside those of `texts`, in German."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ui.inventory import Block, Chunk, Known, Warned
from ui.languages.de.formats import number as _number

SHOW = "Zeigen"
SCOPES = {"mine": "Was ich lesen darf", "all": "Alle Dokumente der Quellen"}
SCOPES_HELP = "Alle Dokumente sind mit Name, Art und Zustand zu sehen. Zum Lesen braucht es ein Leserecht."
TYPE, ANY_TYPE = "Art", "Alle Arten"
STATE, ANY_STATE = "Zustand", "Jeder Zustand"
STATES = {"current": "Aktuell", "waiting": "In Arbeit", "failed": "Fehlgeschlagen", "flagged": "Verdächtig"}
NO_MATCH_HINT = "Den Filter kürzen oder eine andere Quelle, Art oder einen anderen Zustand wählen."
NOT_YOURS = "Nicht zum Lesen freigegeben"
NOT_YOURS_BODY = (
    "Wer für die Quelle dieses Dokuments zuständig ist, darf es deshalb noch nicht lesen. Was außer dem Text bekannt"
    " ist, steht hier."
)

TABS = {
    "text": "Text",
    "page": "Seite",
    "blocks": "Blöcke",
    "chunks": "Abschnitte",
    "about": "Angaben",
    "readers": "Leser",
    "history": "Verlauf",
}
PART = "Was davon"
KINDS = {
    "heading": "Überschrift",
    "text": "Text",
    "table": "Tabelle",
    "image": "Bild",
    "code": "Code",
    "notice": "Vermerk beim Einlesen",
}
NO_BLOCKS = "Für dieses Format wurden keine Blöcke gefunden: Der Text wird genommen, wie er dasteht."
NO_CHUNKS = "Der Index enthält keinen Abschnitt der jetzigen Fassung."
NO_PAGES = "Dokumente dieser Art haben keine Seiten zum Ansehen."
PAGE, DRAWING = "Seite", "Die Seite wird gezeichnet, und ihre Blöcke werden gesucht"
NOT_PLACED = "Diese Seite druckt LibreOffice: Wo ihre Blöcke darauf stehen, ist nicht zu sagen."
PAGE_ALT = "Die Seite, mit einem Rahmen in der Farbe seiner Art um jeden Block"
BOXES = "Rahmen zeigen"
CHUNK_HELP = "Wie der Index sie enthält: was eine Suche findet und was ein Modell zu lesen bekommt."
CAPTIONS, TABLE_HEADER = "Beschrieben", "Kopf der Tabelle"

# about
TITLE, KEY, SOURCE, MEDIA_TYPE, SIZE, AUTHORS, CREATED, MODIFIED, LANGUAGE, URI, UPDATED, VERSION, INSIDE, MEMBERS = (
    "Titel",
    "Schlüssel",
    "Quelle",
    "Art",
    "Umfang",
    "Verfasst von",
    "Erstellt",
    "Geändert",
    "Sprache",
    "Original",
    "Aufgenommen",
    "Fassung",
    "Steckt in",
    "Enthält",
)
READERS, READERS_FROM, FROM_SOURCE, FROM_RULE = "Lesen dürfen es", "Das sagt", "die Quelle", "die Regel der Quelle hier"
BUT_NOT = "Aber nicht"
NOBODY = "niemand"
WHY = "Warum darf diese Person es lesen?"
WHO, WHO_PLACEHOLDER = "Person oder Gruppe", "anna oder group:hr"
LOOK = "Nachsehen"

# injection
SUSPICIOUS_TITLE = "Es klingt wie Befehle an einen Assistenten"
REVIEWED = "Angesehen: durchlassen"
REVIEW_DONE = "Davor wird nicht mehr gewarnt, bis sich der Inhalt ändert."
SIGNS = {
    "override": "verlangt, Anweisungen zu ignorieren",
    "addressed": "spricht einen Assistenten an",
    "answer": "sagt, was zu antworten ist",
    "role": "gibt sich als Teil der Anfrage aus",
    "send": "verlangt, etwas zu senden",
    "address": "führt über eine Adresse hinaus",
    "tool": "nennt Werkzeuge zum Aufrufen",
    "secrecy": "verlangt Verschwiegenheit",
    "unseen": "hat Zeichen, die niemand sieht",
    "hidden": "versteckt solche Wörter",
}
NO_SIGNS = "Nichts darin klingt wie Befehle an einen Assistenten."

# history
RUNS, RUNS_HELP = "Läufe der Quelle", "Jeder sah nach, ob sich dieses Dokument geändert hat."
FAILURES, NO_FAILURES = "Läufe, die es nicht aufnehmen konnten", "Keiner ist verzeichnet."

# what is done with it
INGEST, INGEST_HELP = "Neu aufnehmen", "Holt nur dieses Dokument und verarbeitet es neu, auch wenn sich nichts änderte."
INGEST_DONE = "Es wird geholt und neu verarbeitet; das dauert einen Moment."
DELETE = "Löschen"
DELETE_TITLE = "Dieses Dokument löschen?"
DELETE_BODY = (
    "Sein Text, seine Bilder und seine Abschnitte gehen jetzt, mit allen Dokumenten, die darin stecken; Antworten, die"
    " es zitierten, zeigen, dass es weg ist. Das Original bleibt, wo es ist. Mit dem nächsten Abgleich, der es nennt,"
    " kommt es wieder, außer es wird vorher aus der Quelle entfernt oder durch ihre Einstellungen ausgelassen."
)
DELETE_DONE = "Es wird gelöscht."

# break-glass
OPEN, OPEN_TITLE = "Notzugriff", "Dieses Dokument für mich öffnen"
OPEN_BODY = (
    "Kein Leserecht erlaubt, es zu lesen. Es lässt sich für eine Weile öffnen, mit dem, was darin steckt. Wer es wann"
    " und warum geöffnet hat, bleibt verzeichnet, und Prüfer/innen sehen es."
)
REASON, REASON_PLACEHOLDER = "Warum es gelesen werden muss", "Der Betriebsrat verlangt die Liste vom 12. März"
REASON_HELP = "Mindestens zehn Zeichen; er bleibt verzeichnet, und Prüfer/innen sehen ihn."
REASON_SHORT = "Den Grund in mindestens zehn Zeichen nennen."
MINUTES, MINUTES_HELP = "Minuten", "Höchstens eine Stunde. Es endet von selbst."
OPEN_NOW, END_NOW = "Öffnen", "Jetzt beenden"
OPENED, ENDED = "Es ist geöffnet.", "Es ist wieder geschlossen."


def type_of(media_type: str, documents: int) -> str:
    """Return a type with how many documents are of it."""
    return f"{media_type} ({_number(documents)})"


def sizes(known: Known) -> str:
    """Say how long a document is."""
    parts = [_count(known.pages, "Seite", "Seiten")] if known.pages else []
    parts += [_count(known.chunks, "Abschnitt", "Abschnitte"), f"{_number(known.characters)} Zeichen"]
    return ", ".join([*parts, f"{_number(known.tokens)} Token"])


def length(known: Known) -> str:
    """Say how long a document is, in a word."""
    if known.pages:
        return _count(known.pages, "Seite", "Seiten")
    return _count(known.chunks, "Abschnitt", "Abschnitte")


def members(number: int) -> str:
    """Say how many documents are in one."""
    return _count(number, "Dokument", "Dokumente") if number else ""


def work(known: Known) -> tuple[str, str]:
    """Say what is to be done on a document, or failed."""
    one = known.work
    if one is None:
        return "", ""
    if one.state != "failed":
        said = {"delete": "Es wird gelöscht.", "rewrite": "Es wird neu verarbeitet."}
        return said.get(one.action, "In Arbeit."), ""
    again = "Es ruht, bis sich der Inhalt ändert." if one.ignored else "Von selbst wird es nicht noch einmal versucht."
    if one.next_try is not None and not one.ignored:
        again = f"Es wird {_soon(one.next_try)} noch einmal versucht."
    return one.error, again


def warned(one: Warned) -> str:
    """Say what was met in a document that reads like orders, and who looked at it."""
    found = [sign(name, number) for name, number in sorted(one.signs.items())]
    score = f"{one.score:.2f}".replace(".", ",")
    looked = ""
    if one.reviewed_at is not None:
        looked = f" Angesehen von {one.reviewed_by}, {time.strftime('%d.%m.%Y', time.localtime(one.reviewed_at))}."
    return f"Wert {score}: {'; '.join(found) or 'kein einzelnes Anzeichen'}.{looked}"


def sign(name: str, number: int) -> str:
    """Return a sign in words."""
    if name.startswith("hidden:"):
        return f"{_number(number)} Zeichen, die niemand sieht ({name.removeprefix('hidden:').replace('_', ' ')})"
    return f"{SIGNS.get(name, name)} ({number}\u00d7)" if number > 1 else SIGNS.get(name, name)


def block(one: Block) -> str:
    """Return the head of a block."""
    level = f" {one.level}" if one.level else ""
    page = f", Seite {_number(one.page)}" if one.page is not None else ""
    return f"{KINDS.get(one.kind, one.kind)}{level}{page}, Zeichen {_number(one.start)} bis {_number(one.end)}"


def chunk(one: Chunk) -> str:
    """Return the head of a chunk."""
    page = f", Seite {_number(one.page)}" if one.page is not None else ""
    place = f"Zeichen {_number(one.start)} bis {_number(one.end)}"
    return f"{_number(one.ordinal + 1)} \u00b7 {_number(one.tokens)} Token{page}, {place}"


def opened(until: float, zone: str) -> tuple[str, str]:
    """Return the banner above a document that is open by break-glass, with the time in this zone."""
    when = f"{datetime.fromtimestamp(until, ZoneInfo(zone)):%H:%M}"
    return (
        f"Durch Notzugriff offen bis {when}",
        "Kein Leserecht erlaubt, dieses Dokument zu lesen. Wer es geöffnet hat und warum, bleibt verzeichnet.",
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{_number(number)} {one if number == 1 else many}"


def _soon(moment: float) -> str:
    wait = max(0.0, moment - time.time())
    minutes = max(1, round(wait / 60))
    return f"in etwa {_count(minutes, 'Minute', 'Minuten')}" if wait < 5400 else f"in {wait / 3600:.0f} Stunden"
