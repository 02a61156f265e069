"""The German texts about a quoted place: its panel, its card, and how citations are marked."""

from __future__ import annotations

from collections.abc import Sequence

PANEL = "Beleg"
CLOSE = "Schließen"
FORMER_PLACE, NEXT_PLACE = "Voriger Beleg", "Nächster Beleg"
FORMER_PAGE, NEXT_PAGE = "Vorige Seite", "Nächste Seite"
SMALLER, LARGER = "Seite verkleinern", "Seite vergrößern"
KEY_LEAF, KEY_CLOSE = "Nächste oder vorige Quelle", "Quelle schließen"
LOADING = "Das Dokument wird geöffnet"
DRAWING = "Die Seite wird gezeichnet"
MARKED_PAGE = "Die Seite mit dem markierten Zitat"
OTHER_PAGE = "Eine Seite ohne das Zitat"
TO_THE_QUOTE = "Zurück zum Zitat"
DOWNLOAD = "Original herunterladen"
ASK_ABOUT = "Zu diesem Dokument fragen"
QUOTE = "Das Zitat im Text"
PLACE = "Die Stelle im Text"
GONE = "Dieses Dokument gibt es nicht mehr, oder es ist nicht mehr zugänglich"
GONE_HINT = "Den Chat neu laden, um zu sehen, was von der Antwort noch gilt."
GONE_SHORT = "gelöscht oder nicht mehr zugänglich"
NOT_VERIFIED = "nicht bestätigt"
SAYS_OTHERWISE = "sagt etwas anderes"
LOOKED_AT = "ein Bild"
LEGEND = (
    "! heißt: Dieser Beleg ließ sich nicht prüfen oder sagt etwas anderes. Vor dem Verwenden bitte selbst nachlesen."
)


def counted(at: int, total: int) -> str:
    """Return where one is among the places, e.g. `2 von 5`."""
    return f"{at} von {total}"


def quoted_on(pages: Sequence[int]) -> str:
    """Say on which pages a quote stands that does not stand on one."""
    return f"Das Zitat steht auf den Seiten {', '.join(map(str, pages[:-1]))} und {pages[-1]}."


def source_named(number: int, title: str, remark: str) -> str:
    """Return the name of a citation's number for those who do not see it."""
    return f"Beleg {number}: {title}, {remark}" if remark else f"Beleg {number}: {title}"
