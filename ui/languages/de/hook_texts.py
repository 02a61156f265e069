"""The texts about webhooks, in German."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

WEBHOOKS = "Webhooks"
LEAD = (
    "Ihre Adressen, denen Ereignisse gemeldet werden: signiert, und wiederholt, bis sie ankommen. "
    "Texte von Fragen, Antworten oder Dokumenten werden nicht gesendet."
)
NONE, NONE_HINT = "Noch keine Webhooks", "Fügen Sie einen hinzu, und geben Sie seinem Empfänger das Signaturgeheimnis."
ON, OFF = "An", "Aus"
ADDRESS, EVENTS, DELIVERIES, LAST = "Adresse", "Ereignisse", "Zustellungen", "Letzte Zustellung"
TEST, TESTING = "Test senden", "Der Empfänger wird gefragt"
SWITCH_ON, SWITCH_OFF = "Einschalten", "Ausschalten"
NEW_SECRET = "Neues Geheimnis"  # noqa: S105
RENEW_TITLE = "Ein neues Signaturgeheimnis erstellen?"
RENEW_BODY = (
    "Einen Tag lang wird auch noch mit dem bisherigen signiert; danach weist ein Empfänger, der das neue nicht hat, die"
    " Nachrichten ab. Das neue ist nur einmal zu sehen."
)
REMOVE_TITLE = "Diesen Webhook entfernen?"
REMOVE_BODY = (
    "Es wird ihm nichts mehr gesendet; sein Geheimnis und das Verzeichnis seiner Zustellungen werden entfernt."
)
ADD, NAME, NAME_HELP = "Webhook hinzufügen", "Name", "a-z, 0-9, _ und -"
URL, URL_HELP = "Adresse", "https://…; ein Host in Ihrem Netz muss in der Einstellung webhook_hosts stehen."
ADD_THIS = "Hinzufügen"
EVENT_NAMES = {
    "run.started": "ein Lauf beginnt",
    "run.finished": "ein Lauf endet",
    "run.failed": "ein Lauf scheitert",
    "feedback.given": "Feedback wird gegeben",
    "source.paused": "eine Quelle wird angehalten",
    "source.resumed": "eine Quelle läuft weiter",
    "webhook.test": "Test",
}
STATES = {"waiting": "wartet", "delivered": "angekommen", "failed": "aufgegeben"}
SHOW = "Was zuletzt gesendet wurde"
NOTHING_SENT = "Es wurde noch nichts gesendet."
EVENT, WHEN, TRIES, STATE, ANSWER = "Ereignis", "Geschehen", "Versuche", "Stand", "Letzte Antwort"
SEND_AGAIN = "Erneut senden"
CHOOSE_DELIVERY = "Eine, die abgeschlossen ist"
CHOOSE_PLACEHOLDER = "Eine Zustellung wählen"


def secret_of(name: str) -> str:
    """Head the secret that is shown once."""
    return f"Das Signaturgeheimnis von {name}, nur dieses eine Mal gezeigt: Geben Sie es jetzt dem Empfänger."


def counts(waiting: int, delivered: int, failed: int) -> str:
    """Say how many deliveries are where."""
    return f"{delivered} angekommen, {waiting} warten, {failed} aufgegeben"


def moment(seconds: float, zone: str) -> str:
    """Return a moment, in seconds since the epoch, to the second as a clock of the zone shows it."""
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%d.%m.%Y, %H:%M:%S}"


def delivery(event: str, when: str, delivery_id: str) -> str:
    """Name a delivery so that no other has the name."""
    return f"{event}, {when} ({delivery_id[:8]})"


def arrived(name: str) -> str:
    """Say that a test arrived."""
    return f"Der Test ist bei {name} angekommen."


def not_arrived(name: str) -> str:
    """Say that a test did not arrive."""
    return f"Der Test ist bei {name} nicht angekommen."


def switched(name: str, *, on: bool) -> str:
    """Say that a webhook was switched on or off."""
    return f"{name} bekommt wieder Ereignisse gemeldet." if on else f"{name} bekommt nichts mehr gemeldet."


def changed(name: str) -> str:
    """Say that a webhook was changed."""
    return f"{name} wurde geändert."


def again(name: str) -> str:
    """Say that something is sent again."""
    return f"Es wird gleich erneut an {name} gesendet."
