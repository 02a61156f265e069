"""The German texts of the page on which documents are searched for."""

from __future__ import annotations

from ui.languages.de.formats import number

SEARCH = "Suche"
QUERY = "Dokumente durchsuchen"
QUERY_PLACEHOLDER = "Wörter, ein Name, eine Zahl oder eine Frage"
SEARCHING = "Suche läuft"
FACETS = {"sources": "Quelle", "folders": "Ordner", "types": "Typ", "dates": "Datum"}
YEAR, SINCE, UNTIL = "Geändert im Jahr", "Geändert ab", "Geändert bis"
NOTHING_TO_CHOOSE = "Hier gibt es nichts auszuwählen."
REMOVE_FILTER = "Diesen Filter entfernen"
CLEAR = "Alle Filter entfernen"
SORT = "Reihenfolge"
SORTS = {"relevance": "Beste zuerst", "date": "Neueste zuerst"}
PLACES = "Stellen darin"
TIPS_TITLE = "Ein Dokument finden"
TIPS_BODY = "Gesucht wird in allen Dokumenten, die zugänglich sind, nach Wörtern und nach Bedeutung."
TIPS = (
    "Einige Wörter aus dem Dokument genügen; auch eine Frage ist möglich.",
    "Wörter in Anführungszeichen werden in dieser Reihenfolge gesucht: „Frist zur Kündigung“.",
    "Nummern, Codes und Dateinamen werden so gefunden, wie sie geschrieben sind: SF-182.",
    "Treffer lassen sich nach Quelle, Ordner, Typ und Datum eingrenzen; der Link hält die Suche fest und lässt sich"
    " verschicken.",
)
NONE_FOUND = "Kein Dokument gefunden"
NONE_FOUND_HINT = "Weniger oder andere Wörter versuchen, oder die Schreibweise prüfen."
NONE_FOUND_NARROWED = "Die Suche ist eingegrenzt. Vielleicht ist etwas davon zu eng:"
PICTURE = "Mit einem Bild suchen"
PICTURE_BODY = "Ein Foto oder einen Screenshot ablegen: Gefunden werden Bilder in den Dokumenten, die ihm ähneln."
PICTURE_FILE = "Gesuchtes Bild"
LIKE_PICTURE = "Ähnliche Bilder"
NO_PICTURE_FOUND = "Kein Bild in den Dokumenten ähnelt diesem"
OTHER_SEARCH = "Wieder nach Wörtern suchen"
PAST_THE_END = "Diese Ergebnisseite gibt es nicht"
FIRST_PAGE = "Zur ersten Seite"
OPEN_PLACE = "Diese Stelle öffnen"


def found(total: int, *, more: bool) -> str:
    """Return how many documents were found, e.g. `12 Dokumente`; `more`: the best were looked at alone."""
    if more:
        return f"Die {number(total)} besten Dokumente" if total > 1 else "Das beste Dokument"
    return f"{number(total)} Dokument" if total == 1 else f"{number(total)} Dokumente"


def chip(facet: str, value: str) -> str:
    """Return what a filter is set to, e.g. `Typ: pdf`."""
    return f"{FACETS[facet]}: {value}"


def chosen(facet: str, count: int) -> str:
    """Return the label of a filter with so many values chosen."""
    return f"{FACETS[facet]} ({count})" if count else FACETS[facet]


def option(name: str, count: int) -> str:
    """Return a value with how many documents would be left."""
    return f"{name} ({number(count)})"


def period(after: str, before: str) -> str:
    """Return a stretch of days in words; both are days, or empty."""
    if after and before:
        return f"{after} bis {before}"
    return f"ab {after}" if after else f"bis {before}"


def changed(day: str) -> str:
    """Return when a document was changed."""
    return f"geändert {day}"
