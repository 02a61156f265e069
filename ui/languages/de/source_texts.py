"""Die Texte über Datenquellen, ihre Zustände, Einstellungen und Tests."""

from __future__ import annotations

from ui.runs import Sampled, Trial

ADD_SOURCE, ALL_RUNS = "Quelle hinzufügen", "Alle Läufe"
NO_SOURCES_HINT = (
    "Einen Ordner, eine Website oder eine andere Quelle hinzufügen: dann lässt sich nach dem Inhalt fragen."
)
FIND, FIND_PLACEHOLDER = "Quelle finden", "Teil des Namens"
KIND, ALL_KINDS, STATE = "Art", "Alle Arten", "Zustand"
NO_MATCH, NO_MATCH_HINT = (
    "Keine Quelle passt",
    "Einen Filter weglassen oder nach einem kürzeren Teil des Namens suchen.",
)
NO_KINDS, NO_KINDS_HINT = "Keine Art von Quelle verfügbar", "Ein Plugin einschalten, das Dokumente liest."
GONE_HINT = "Vielleicht wurde sie entfernt, oder jemand anderes betreut sie."
CONDITIONS = {
    "failing": "Fehlerhaft",
    "partial": "Teilweise gelistet",
    "first": "Erster Lauf",
    "running": "Läuft",
    "never": "Nie gelaufen",
    "paused": "Angehalten",
    "removing": "Wird entfernt",
    "healthy": "In Ordnung",
}
KIND_NAMES = {
    "confluence": "Confluence",
    "feed": "Nachrichten-Feed (RSS, Atom)",
    "folder": "Ordner auf dem Server",
    "git": "Git-Repository",
    "github": "GitHub",
    "gitlab": "GitLab",
    "google_drive": "Google Drive",
    "imap": "Postfach (IMAP)",
    "jira": "Jira",
    "llamaindex": "LlamaIndex-Reader",
    "s3": "Bucket (S3)",
    "sharepoint": "SharePoint, OneDrive",
    "slack": "Slack",
    "sql": "Datenbank (SQL)",
    "uploads": "Uploads einer Person",
    "web": "Website",
    "webdav": "WebDAV, Nextcloud",
}
NO_SUCCESS = "kein erfolgreicher Lauf bekannt"
ASKED = "Wartet auf einen Worker"
FULL_SYNC, FULL_SYNC_HELP = (
    "Alles neu lesen",
    "Holt jedes Dokument noch einmal, was auch immer die Quelle über Änderungen sagt",
)
FULL_SYNC_TITLE = "Jedes Dokument dieser Quelle noch einmal holen?"
FULL_SYNC_BODY = (
    "Ein Abgleich holt, was sich laut der Quelle geändert hat. Dieser holt jedes Dokument und vergleicht es mit dem, "
    "was hier ist: er findet, was übersehen wurde, und dauert etwa so lange wie der erste Abgleich. Antworten "
    "funktionieren währenddessen weiter, und ein Dokument mit demselben Inhalt wird nicht neu indiziert."
)
PARTIAL_HINT = "Was bis dahin gelistet wurde, wird gelesen; der nächste Lauf macht dort weiter."
MEND = "Einstellungen ansehen"
LOOK_HERE = "Die Quelle lehnt die Anmeldung ab: hier neu ausfüllen."
FOLLOW_RUN = "Diesen Lauf verfolgen"
VIEW = "Was gezeigt wird"
VIEWS = {"runs": "Läufe", "settings": "Einstellungen", "schedule": "Zeitplan", "readers": "Wer lesen darf"}
FOR_GOOD = "Das lässt sich hier nicht rückgängig machen: neu hinzugefügt wird alles neu gelesen."
NOT_EDITED = "Diese Quelle wird nicht von Hand geändert"
NOT_EDITED_HINT = "Sie gehört zu hochgeladenen Dateien, oder ihr Plugin fehlt."
TRYING = "Die Quelle wird gefragt"
PACE, PACE_HELP = "Tempo", "Einen langsamen Server schonen. Leer: so schnell es geht."
AT_ONCE, PER_MINUTE = "Dokumente zugleich", "Dokumente pro Minute"
PASSWORDS, PASSWORD = "Passwörter verschlüsselter Dokumente", "Weiteres Passwort"
ADD_PASSWORD, FORGET = "Passwort hinzufügen", "Alle vergessen"
FORGET_TITLE = "Diese Passwörter vergessen?"
FORGET_BODY = "Dokumente, die sie brauchen, werden bei Änderungen nicht mehr gelesen. Was indiziert ist, bleibt."
READERS_RULES = "Andere Leser für manche Dokumente"
READERS_TEST = "„Testen“ zeigt für die ersten Dokumente, wer sie lesen würde."


def kind_name(kind: str) -> str:
    """Return what a kind of source is called."""
    return KIND_NAMES.get(kind, kind)


def documents(number: int) -> str:
    """Count documents."""
    return "1 Dokument" if number == 1 else f"{number:,} Dokumente".replace(",", ".")


def last_success(ago: str) -> str:
    """Say when the last run began that came to its end."""
    return f"zuletzt erfolgreich {ago}"


def next_sync(until: str) -> str:
    """Say when the next run is due."""
    return f"nächster Lauf {until}"


def gone(name: str) -> str:
    """Say that there is no such source."""
    return f"Es gibt keine Quelle {name}"


def saved(name: str) -> str:
    """Say that changes of a source are kept."""
    return f"{name} wurde geändert."


def mended(name: str) -> str:
    """Say that a failing source was changed and is tried again."""
    return f"{name} wurde geändert und wird neu versucht."


def worked(trial: Trial) -> str:
    """Say that a test went well."""
    found = f": {trial.found}" if trial.found else ""
    return f"Das funktioniert{found}"


def trial_hint(trial: Trial) -> str:
    """Say what the list beneath a test is."""
    if not trial.listed:
        return "Bisher wird kein Dokument gelistet."
    if trial.more:
        return f"Zuerst würde gelesen ({documents(len(trial.listed))}):"
    return f"Alles, was gelesen würde ({documents(len(trial.listed))}):"


def read_by(sampled: Sampled) -> str:
    """Say who would read a document."""
    allowed = ", ".join(one.removeprefix("group:") for one in sampled.allow) or "niemand"
    denied = ", ".join(one.removeprefix("group:") for one in sampled.deny)
    origin = " (laut Quelle)" if sampled.from_source else ""
    return f"Liest: {allowed}{f', nicht: {denied}' if denied else ''}{origin}"


def stored_passwords(number: int) -> str:
    """Say how many passwords are tried."""
    return f"{number} gespeichert, verschlüsselt; jedes wird an Dokumenten versucht, die eines verlangen."


def full_sync_asked(name: str) -> str:
    """Sagt, dass alles einer Quelle noch einmal geholt wird."""
    return f"{name} wird neu gelesen"
