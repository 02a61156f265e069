"""The German texts of the list of chats, of feedback and of sharing."""

from __future__ import annotations

from ui.languages.de.formats import number as _number

# the list of chats
FIND = "In Chats suchen"
NOT_FOUND = "Kein Chat enthält diese Wörter."
NO_CHATS = "Hier stehen die eigenen Fragen, für niemand anderen sichtbar."
GROUPS = {
    "pinned": "Angeheftet",
    "today": "Heute",
    "yesterday": "Gestern",
    "week": "Letzte 7 Tage",
    "month": "Letzte 30 Tage",
    "older": "Älter",
}
RENAME, PIN, UNPIN, SHARE, EXPORT, DELETE = "Umbenennen", "Anheften", "Lösen", "Teilen", "Exportieren", "Löschen"
NAME, SAVE = "Name", "Speichern"
EXPORT_BODY = "Die gezeigten Fassungen mit ihren Belegen und deren Prüfung, so weit sie jetzt lesbar sind."
MARKDOWN, PDF, JSON = "Markdown", "PDF", "JSON, mit allen Fassungen"
EARLIER = "Frühere Fragen zeigen"

# an answer
COPY, COPIED = "Mit Belegen kopieren", "Kopiert"
COPY_FAILED = "Der Browser lässt das Kopieren nicht zu. Text bitte markieren und von Hand kopieren."
UP, DOWN = "Gute Antwort", "Schlechte Antwort"
THANKS = "Danke. Das hilft, die Antworten zu verbessern."
TAKEN_BACK = "Zurückgenommen."
WHY = "Was stimmt an der Antwort nicht?"
CAUSES = {
    "wrong": "Sie ist falsch",
    "incomplete": "Es fehlt etwas",
    "sources": "Die Quellen passen nicht",
    "outdated": "Sie ist veraltet",
    "unclear": "Sie ist schwer zu verstehen",
    "other": "Etwas anderes",
}
REASON, REASON_PLACEHOLDER = "In eigenen Worten", "Was hätte da stehen sollen?"
SEND, TAKE_BACK = "Senden", "Zurücknehmen"
WHO_SEES = (
    "Die Admins sehen die Frage und diese Rückmeldung; die Antwort nur, wer alles lesen darf, woraus sie gemacht ist."
)
LOST = "Die Verbindung zum Assistenten ist weg. Neuer Versuch läuft; die Antwort entsteht derweil weiter."

# sharing
SHARE_BODY = (
    "Wer den Link öffnet, sieht den Chat bis zu diesem Stand. Von jeder Antwort ist nur zu sehen, was die lesende"
    " Person selbst lesen darf; angehängte Bilder bleiben hier."
)
WITH, WITH_EVERYONE, WITH_SOME = "Wer ihn öffnen darf", "Alle, die sich anmelden", "Gruppen und Personen"
READER_GROUPS, READER_PEOPLE = "Eigene Gruppen", "Personen"
PEOPLE_PLACEHOLDER = "anna@example.org, bob@example.org"
PEOPLE_HELP = "Die Namen, mit denen sie sich anmelden, durch Kommas getrennt."
FOR_HOW_LONG = "Wie lange"
DAYS = {7: "Eine Woche", 30: "30 Tage", 90: "90 Tage", 365: "Ein Jahr"}
MAKE_LINK = "Link erstellen"
NOBODY = "Bitte eine Gruppe oder Person nennen."
COPY_LINK = "Link kopieren"
SHARED_NOW, NOT_SHARED = "Derzeit geteilt", "Der Chat ist nicht geteilt."
END_SHARE = "Zurücknehmen"
EVERYONE = "allen"

# what others share
SHARED = "Mit mir geteilt"
SHARED_BODY = "Chats, die andere teilen. Von jeder Antwort ist zu sehen, was selbst gelesen werden darf."
NOTHING_SHARED = "Noch nichts geteilt"
NOTHING_SHARED_HINT = "Hier stehen Chats, die jemand direkt oder mit einer eigenen Gruppe teilt."
BACK = "Alle geteilten Chats"
ASKED = "Gefragt:"
WITHHELD = "Zurückgehalten"
WITHHELD_HELP = (
    "Sie stützt sich auf etwas, das hier nicht gezeigt wird: Dokumente, die nicht freigegeben sind, angehängte Bilder,"
    " Ergebnisse von Werkzeugen oder frühere Antworten. Die Frage bitte selbst stellen."
)
NO_ANSWER, NO_ANSWER_HELP = "Es gibt keine Antwort", "Das Antworten ist fehlgeschlagen."
UNFINISHED = "Diese Antwort wurde nicht fertig"
UNFINISHED_HELP = "Von einem geteilten Chat sind nur fertige Antworten zu sehen."
ASK_YOURSELF = "Selbst fragen"


def earlier(number: int) -> str:
    """Offer the questions that are not drawn yet."""
    return f"{EARLIER} ({number})"


def menu_of(title: str) -> str:
    """Name the menu of a chat."""
    return f"Mehr zu \u201e{title}\u201c"


def share_title(title: str) -> str:
    """Name the dialog that shares a chat."""
    return f"\u201e{title}\u201c teilen"


def shared_by(owner: str, day: str) -> str:
    """Say who shares a chat and until when."""
    return f"Geteilt von {owner} bis {day}"


def shared_with(readers: str, day: str) -> str:
    """Say whom a chat is shared with and until when."""
    return f"Mit {readers}, bis {day}"


def withheld(number: int, total: int) -> str:
    """Say how many answers are withheld."""
    return f"{number} von {total} Antworten sind zurückgehalten: Sie stützen sich auf hier nicht Gezeigtes."


def find_others(shown: int, total: int) -> str:
    """Say that not all chats are listed."""
    listed = f"Die neuesten {_number(shown)} von {_number(total)} sind aufgeführt."
    return f"{listed} Andere lassen sich durch Wörter darin finden."
