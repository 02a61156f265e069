"""Die Texte über Läufe: ihr Fortschritt, wohin die Zeit geht, und was nicht indiziert werden konnte."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ui.languages.de.formats import number as _number
from ui.runs import OpenFailure, Run

RUNS = "Läufe"
SOURCE, ALL_SOURCES = "Quelle", "Alle Quellen"
STATE, ALL_STATES = "Zustand", "Alle Zustände"
PERIOD = "Begonnen"
PERIODS = {
    "always": "Jederzeit",
    "day": "In den letzten 24 Stunden",
    "week": "In den letzten 7 Tagen",
    "month": "In den letzten 30 Tagen",
}
STATES = {
    "running": "Läuft",
    "done": "Fertig",
    "failed": "Fehlgeschlagen",
    "interrupted": "Unterbrochen",
    "cancelled": "Abgebrochen",
}
NO_MATCH, NO_MATCH_HINT = "Kein Lauf passt", "Einen Filter weglassen oder einen längeren Zeitraum wählen."
TRIGGERS = {
    "api": "in der Oberfläche oder über die API verlangt",
    "cli": "an der Kommandozeile verlangt",
    "schedule": "nach Zeitplan",
    "retry": "Fehlgeschlagenes neu versucht",
    "upload": "nach einem Upload",
    "watch": "nach einer Änderung im Ordner",
    "removal": "Entfernen der Quelle",
}
LISTING, INDEXING, CANCELLING = "Listet", "Indiziert", "Endet nach den Dokumenten, an denen gerade gearbeitet wird"
CANCEL = "Lauf abbrechen"
CANCEL_HELP = "Er endet nach den Dokumenten, an denen gerade gearbeitet wird; der nächste Lauf macht den Rest."
PASSAGES, FETCHED, PACE = "Passagen", "geholt", "Tempo"
PHASES = "Wohin die Zeit ging"
PHASES_HELP = "Arbeitszeit je Phase, über alle Worker zusammengezählt."
PHASE_NAMES = {
    "list": "Listen",
    "fetch": "Holen",
    "parse": "Lesen",
    "embed": "Vektoren rechnen",
    "write": "In den Index schreiben",
}
ERROR_HINTS = {
    "failed": "Die Einstellungen der Quelle prüfen, dann neu versuchen.",
    "interrupted": "Neu versuchen: was schon getan ist, wird nicht noch einmal getan.",
}
MEND, MEND_SECRET = "Einstellungen der Quelle ansehen", "Anmeldung neu eingeben"
RETRY_SYNC = "Neu versuchen"
FAILURES = "Was nicht indiziert werden konnte"
RETRY_ALL, RETRY_ONE, IGNORE_ONE = "Alle neu versuchen", "Neu versuchen", "Ruhen lassen"
IGNORE_HELP = "Es zählt nicht mehr als Fehler, bis sich der Inhalt ändert."
DOWNLOAD = "Als CSV herunterladen"
OTHER_CAUSE = "Andere Ursachen"
OTHER_ADVICE = "Bei jedem Dokument steht, warum; neu versuchen oder an der Quelle beheben."
CAUSES = {
    "DocumentUnreadableError": (
        "Die Quelle gibt sie nicht heraus",
        "Dem Konto, das sich anmeldet, das Recht zum Lesen geben, dann neu versuchen.",
    ),
    "DocumentChangedError": (
        "Sie änderten sich während des Lesens",
        "Neu versuchen: beim zweiten Mal klappt es meistens.",
    ),
    "UnsupportedFormatError": (
        "Kein Parser liest ihren Typ",
        "An der Quelle in einem anderen Format speichern, ein Plugin für den Typ einschalten, oder ruhen lassen.",
    ),
    "EmptyDocumentError": (
        "In ihnen fand sich kein Text",
        "Scans brauchen Texterkennung: prüfen, ob sie installiert ist. Sonst ruhen lassen.",
    ),
    "EncryptedDocumentError": (
        "Sie verlangen ein Passwort",
        "Ihre Passwörter in den Einstellungen der Quelle hinzufügen, dann neu versuchen.",
    ),
    "DamagedDocumentError": (
        "Sie sind beschädigt",
        "An der Quelle öffnen und neu speichern; der nächste Lauf liest sie.",
    ),
    "DocumentTooLargeError": (
        "Sie sind zu groß",
        "Die Grenze in den Einstellungen der Quelle erhöhen, oder ruhen lassen.",
    ),
    "ParserCrashedError": (
        "Das Lesen brauchte zu viel Zeit oder Speicher",
        "Neu versuchen, wenn weniger los ist, die Grenzen des Parsers erhöhen, oder ruhen lassen.",
    ),
    "WorkerLostError": (
        "Ein Worker endete, während er sie hatte",
        "Neu versuchen; kommt es wieder, das Protokoll des Workers ansehen.",
    ),
    "SourceUnreachableError": (
        "Die Quelle antwortete nicht",
        "Sie werden von selbst neu versucht; oder jetzt versuchen.",
    ),
    "IndexUnavailableError": (
        "Der Index antwortete nicht",
        "Sie werden von selbst neu versucht; oder jetzt versuchen.",
    ),
    "StorageFullError": ("Der Datenträger ist voll", "Auf dem Server Platz schaffen, dann neu versuchen."),
}


def state(run: Run) -> str:
    """Return a run's state in words."""
    if run.running:
        return "Endet" if run.cancelled else STATES["running"]
    if run.state == "done" and run.counts["failed"]:
        return f"Fertig, {run.counts['failed']} fehlgeschlagen"
    return STATES.get(run.state, run.state)


def trigger(name: str) -> str:
    """Say who or what asked for a run."""
    return TRIGGERS.get(name, name)


def title(run: Run) -> str:
    """Name a run."""
    return f"Lauf von {run.source}"


def began(seconds: float, zone: str) -> str:
    """Return when a run began, in seconds since the epoch, as a date and a time of the zone."""
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%d.%m.%Y, %H:%M}"


def took(seconds: float) -> str:
    """Return a length of time."""
    if seconds < 60:
        return f"{seconds:.1f} s".replace(".", ",")
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def phase(run: Run) -> str:
    """Say what a run is doing."""
    if run.cancelled:
        return "Endet"
    return LISTING if run.listing else INDEXING


def pace(run: Run) -> str:
    """Return how far a run is: counts, pace and time left."""
    if run.listing:
        return "sucht, was neu ist"
    jobs = run.worked + run.pending
    parts = [f"{_number(run.worked)} von {documents(jobs)}" if jobs else documents(run.done)]
    if run.counts["failed"]:
        parts.append(f"{_number(run.counts['failed'])} fehlgeschlagen")
    rate = run.per_minute(time.time())
    if rate is not None:
        parts.append(per_minute(rate))
    if run.seconds_left is not None:
        parts.append(f"noch etwa {took(run.seconds_left)}")
    return ", ".join(parts)


def per_minute(rate: float) -> str:
    """Return documents a minute."""
    return f"{_number(round(rate))} pro Minute" if rate >= 10 else f"{rate:.1f} pro Minute".replace(".", ",")


def size(number: int) -> str:
    """Return bytes in words."""
    for unit, worth in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= worth:
            return f"{number / worth:.1f} {unit}".replace(".", ",")
    return f"{number} Bytes"


def to_source(name: str) -> str:
    """Name the way to the source."""
    return f"Quelle {name}"


def retried(name: str) -> str:
    """Say that a source is synced again."""
    return f"{name} wird neu versucht."


def failing_so_far(number: int) -> str:
    """Say how many failed so far."""
    return f"Bisher nicht indiziert: {documents(number)}; die Liste kommt, wenn der Lauf zu Ende ist."


def documents(number: int) -> str:
    """Count documents."""
    return "1 Dokument" if number == 1 else f"{_number(number)} Dokumente"


def retry(number: int) -> str:
    """Name the button that tries the documents of a cause again."""
    return f"{_number(number)} neu versuchen" if number else "Nichts mehr zu versuchen"


def ignore(number: int) -> str:
    """Name the button that lets the documents of a cause rest."""
    return f"{_number(number)} ruhen lassen" if number else "Nichts mehr übrig"


def retrying(number: int) -> str:
    """Say that documents are tried again."""
    return f"{documents(number)} {'wird' if number == 1 else 'werden'} neu versucht."


def ignored(number: int) -> str:
    """Say that documents rest."""
    return f"{documents(number)} {'ruht' if number == 1 else 'ruhen'}, bis sich der Inhalt ändert."


def now(failure: OpenFailure | None, zone: str) -> str:
    """Say how it is with a document that failed in a run; times are of the zone."""
    if failure is None:
        return "Seither erledigt: indiziert, oder nicht mehr in der Quelle."
    if failure.ignored:
        return "Ruht, bis sich der Inhalt ändert."
    if failure.next_try is not None:
        at = datetime.fromtimestamp(failure.next_try, ZoneInfo(zone))
        return f"Wird von selbst neu versucht, am {at:%d.%m. um %H:%M}."
    return "Wird nicht neu versucht, bevor sich etwas ändert."


NOT_KNOWN = "Zu viele zum Nachsehen: Wie es jetzt steht, ist hier nicht bekannt."
RETRYING_ALL = "Alles, was an dieser Quelle fehlgeschlagen ist, wird noch einmal versucht."


def not_looked_up(listed: int, count: int) -> tuple[str, str]:
    """Say that more failed of a source than can be looked up."""
    return (
        f"{_number(count)} Dokumente dieser Quelle sind nicht indiziert; nach {_number(listed)} davon ist gesehen",
        "Alles noch einmal zu versuchen, versucht jedes von ihnen. Am besten zuerst die häufigste Ursache beheben.",
    )


def more(number: int) -> str:
    """Say how many are not shown."""
    return f"und {_number(number)} weitere: die Datei enthält alle"


def file_name(run: Run) -> str:
    """Name the file of a run's failures."""
    return f"fehler-{run.source}-{datetime.fromtimestamp(run.started_at).astimezone():%Y-%m-%d}.csv"
