"""Die Texte zu Fehlern und Hinweisen der API: auf Englisch schreibt sie sie selbst."""

from __future__ import annotations

import re

_ADMIN = "Sagen Sie der Administration Bescheid."
_LATER = "Versuchen Sie es gleich noch einmal."
_ERRORS = {
    # das Modell
    "ModelUnavailableError": ("Das Sprachmodell antwortet gerade nicht", f"{_LATER} Hält es an: {_ADMIN}"),
    "ModelOverloadedError": (
        "Gerade sind zu viele Anfragen unterwegs",
        "Warten Sie kurz und fragen Sie dann noch einmal.",
    ),
    "ModelInterruptedError": (
        "Die Antwort brach mittendrin ab",
        "Fragen Sie noch einmal; was schon da war, ist zu sehen.",
    ),
    "ModelServerError": ("Das Sprachmodell hat die Anfrage nicht angenommen", _ADMIN),
    "ModelAccessError": ("Das Sprachmodell verweigert den Zugang", _ADMIN),
    "ModelNotFoundError": ("Dieses Sprachmodell gibt es auf seinem Server nicht", _ADMIN),
    "PromptTooLongError": (
        "Frage und Unterlagen sind zusammen zu lang für das Sprachmodell",
        "Wählen Sie weniger Dokumente oder ein kleineres Budget, oder beginnen Sie einen neuen Chat.",
    ),
    # Rechte und Anmeldung
    "AccessDeniedError": ("Dafür fehlt Ihnen das Recht", "Fragen Sie jemanden, dessen Rolle es erlaubt."),
    "RightsLostError": (
        "Sie dürfen nicht mehr alles lesen, worauf diese Antwort beruht",
        "Fragen Sie noch einmal: geantwortet wird aus dem, was Sie jetzt lesen dürfen.",
    ),
    "NotSignedInError": ("Sie sind nicht mehr angemeldet", "Melden Sie sich noch einmal an."),
    "PasswordChangeNeededError": ("Ihr Passwort muss zuerst geändert werden", "Wählen Sie ein eigenes."),
    "TooManyAttemptsError": ("Zu viele Versuche in kurzer Zeit", "Warten Sie so lange, wie unten steht."),
    "NotFoundError": (
        "Das gibt es nicht, oder Sie dürfen es nicht lesen",
        "Prüfen Sie den Namen; vielleicht wurde es inzwischen entfernt.",
    ),
    # Chats
    "ConversationBusyError": (
        "In diesem Chat wird schon eine Frage beantwortet",
        "Warten Sie, oder halten Sie sie an.",
    ),
    "AlreadyDecidedError": ("Darüber ist schon entschieden", "Laden Sie die Seite neu, um zu sehen, was daraus wurde."),
    "ChangedMeanwhileError": (
        "Das ist inzwischen ein anderes",
        "Sehen Sie es noch einmal an, und entscheiden Sie dann.",
    ),
    "ToolError": ("Das Werkzeug konnte das nicht ausführen", ""),
    # Dateien
    "DocumentTooLargeError": ("Die Datei ist zu groß", "Teilen Sie sie, oder entfernen Sie zuerst andere Dateien."),
    "UnsupportedFormatError": ("Diese Art von Datei wird nicht gelesen", "Speichern Sie sie zum Beispiel als PDF."),
    "EmptyDocumentError": ("In der Datei steht nichts", "Sehen Sie nach, ob es die richtige ist."),
    "EncryptedDocumentError": ("Die Datei ist mit einem Passwort geschützt", "Speichern Sie sie ohne Passwort."),
    "DamagedDocumentError": (
        "Die Datei ist beschädigt",
        "Öffnen Sie sie mit ihrem eigenen Programm und speichern Sie sie neu.",
    ),
    "DocumentUnreadableError": ("Das Dokument kann nicht geholt werden", _ADMIN),
    "ParserCrashedError": ("Die Datei ließ sich nicht lesen", "Speichern Sie sie mit ihrem eigenen Programm neu."),
    # das System
    "CatalogUnavailableError": ("Die Datenbank antwortet gerade nicht", f"{_LATER} Hält es an: {_ADMIN}"),
    "AuditUnavailableError": ("Das Protokoll kann gerade nicht geschrieben werden", f"{_LATER} Hält es an: {_ADMIN}"),
    "StorageFullError": ("Es ist kein Speicherplatz mehr frei", _ADMIN),
    "IndexUnavailableError": ("Der Suchindex antwortet gerade nicht", f"{_LATER} Hält es an: {_ADMIN}"),
    "VectorIndexError": ("Der Suchindex kann das gerade nicht", _ADMIN),
    "SourceBusyError": ("Diese Quelle wird gerade gelesen", "Warten Sie, bis der Lauf zu Ende ist."),
    "InternalError": ("Das hat nicht geklappt", _ADMIN),
}
_NOTES = (
    (
        r"the language model did not answer, so that sentences of the documents are quoted instead: (.*)",
        r"Das Sprachmodell hat nicht geantwortet; deshalb sind Sätze aus den Dokumenten zitiert. Der Server sagte: \1",
    ),
    (
        r"no language model goes on with the answer that waited, .*",
        "Kein Sprachmodell schreibt die wartende Antwort weiter; deshalb sind Sätze aus den Dokumenten zitiert",
    ),
    (
        r"the attached pictures were not looked at; .*",
        "Die angehängten Bilder wurden nicht angesehen; gesucht wurde nach den Wörtern, die darin erkannt wurden",
    ),
    (
        r"the passages did not answer it, so whole documents were read in a second step",
        "Die Textstellen genügten nicht; deshalb wurden in einem zweiten Schritt ganze Dokumente gelesen",
    ),
    (
        r"the passages did not answer it, so more of the documents was read in a second step",
        "Die Textstellen genügten nicht; deshalb wurde in einem zweiten Schritt mehr gelesen",
    ),
    (
        r"the answer ends where the longest answer ends .*",
        "Die Antwort endet hier, weil sie die größte erlaubte Länge erreicht hat",
    ),
    (
        r"the model was given no tools, .*",
        "Das Sprachmodell bekam keine Werkzeuge, weil neben der Frage kein Platz dafür war",
    ),
)


def error(code: str) -> tuple[str, str]:
    """Gibt zurück, was schiefging und was zu tun ist, nach dem Wort der API dafür; leer: ihre eigenen Worte gelten."""
    return _ERRORS.get(code, ("", ""))


def in_its_words(detail: str) -> str:
    """Sagt, was die API selbst dazu sagte."""
    return f"Der Server sagte: {detail}"


def note(said: str) -> str:
    """Gibt einen Hinweis zu einer Antwort in dieser Sprache zurück, oder wie er ist, wo er nicht bekannt ist."""
    for pattern, words in _NOTES:
        if re.fullmatch(pattern, said, re.DOTALL):
            return re.sub(pattern, words, said, flags=re.DOTALL)
    return said
