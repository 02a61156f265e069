"""Die Texte über die eigenen Dateien einer Person."""

from __future__ import annotations

from ui.languages.de.run_texts import size

MY_FILES = "Meine Dateien"
INTRO = (
    "Nach hier hinzugefügten Dateien lässt sich in Sekunden fragen. Niemand sonst liest sie, außer sie werden geteilt."
)
CHOOSE = "Dateien hinzufügen"
CHOOSE_HELP = "Auch mehrere zugleich; eine Datei mit einem vorhandenen Namen tritt an deren Stelle."
SEND = "Zu meinen Dateien"
NONE, NONE_HINT = "Noch keine eigenen Dateien", "Oben ein PDF, eine Office-Datei, einen Text oder ein Bild hinzufügen."
STATES = {"waiting": "Wird gelesen", "indexed": "Bereit", "failed": "Fehlgeschlagen"}
SHARE, SHARED_WITH = "Teilen", "Wer sie außerdem lesen darf"
SHARE_PLACEHOLDER = "niemand"
SHARE_HELP = "Gruppen, oder user:KENNUNG für eine Person, durch Kommas getrennt. Leer: niemand sonst."
SAVE = "Speichern"
REMOVE_TITLE = "Diese Datei entfernen?"
PRIVATE = "liest sonst niemand"


def limits(largest: int, used: int, quota: int | None) -> str:
    """Say how large a file may be, and how much room there is."""
    room = f"{size(used)} von {size(quota)} belegt" if quota else f"{size(used)} belegt"
    return f"Bis zu {size(largest)} je Datei; {room}."


def uploading(name: str, number: int, total: int) -> str:
    """Say which file is sent."""
    return f"{name} ({number} von {total})"


def taken(number: int) -> str:
    """Say how many files were taken."""
    return "1 Datei hochgeladen." if number == 1 else f"{number} Dateien hochgeladen."


def read_by(readers: tuple[str, ...]) -> str:
    """Say who reads a file beside its owner."""
    return f"geteilt mit {', '.join(readers)}" if readers else PRIVATE


def remove_body(name: str) -> str:
    """Say what removing a file does."""
    return f"{name} wird hier gelöscht, auch für alle, mit denen die Datei geteilt ist. Die eigene Kopie bleibt."


def removed(name: str) -> str:
    """Say that a file was removed."""
    return f"{name} wurde entfernt."


def shared(name: str) -> str:
    """Say that the readers of a file were changed."""
    return f"Die Leser von {name} wurden geändert."
