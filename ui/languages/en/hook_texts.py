"""The texts about webhooks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

WEBHOOKS = "Webhooks"
LEAD = (
    "Addresses of yours that are told of events: signed, and again until they have it. "
    "No text of questions, answers or documents is sent."
)
NONE, NONE_HINT = "No webhooks yet", "Add one, and tell its receiver the signing secret."
ON, OFF = "On", "Off"
ADDRESS, EVENTS, DELIVERIES, LAST = "Address", "Events", "Deliveries", "Last delivery"
TEST, TESTING = "Send a test", "Waiting for the receiver"
SWITCH_ON, SWITCH_OFF = "Switch on", "Switch off"
NEW_SECRET = "New secret"  # noqa: S105
RENEW_TITLE = "Make a new signing secret?"
RENEW_BODY = (
    "For a day, messages are signed by the secret of now as well; then a receiver that does not have the new one"
    " refuses them. The new one is shown once."
)
REMOVE_TITLE = "Remove this webhook?"
REMOVE_BODY = "Nothing more is sent to it; its secret and the record of its deliveries are removed."
ADD, NAME, NAME_HELP = "Add a webhook", "Name", "a-z, 0-9, _ and -"
URL, URL_HELP = "Address", "https://…; a host within your network has to be in the setting webhook_hosts."
ADD_THIS = "Add"
EVENT_NAMES = {
    "run.started": "a run begins",
    "run.finished": "a run ends",
    "run.failed": "a run fails",
    "feedback.given": "feedback is given",
    "source.paused": "a source is paused",
    "source.resumed": "a source goes on",
    "webhook.test": "test",
}
STATES = {"waiting": "waits", "delivered": "arrived", "failed": "given up"}
SHOW = "What was sent last"
NOTHING_SENT = "Nothing was sent yet."
EVENT, WHEN, TRIES, STATE, ANSWER = "Event", "Happened", "Tries", "State", "Last answer"
SEND_AGAIN = "Send again"
CHOOSE_DELIVERY = "One that came to its end"
CHOOSE_PLACEHOLDER = "Choose a delivery"


def secret_of(name: str) -> str:
    """Head the secret that is shown once."""
    return f"The signing secret of {name}, shown this once: give it to the receiver now."


def counts(waiting: int, delivered: int, failed: int) -> str:
    """Say how many deliveries are where."""
    return f"{delivered} arrived, {waiting} wait, {failed} given up"


def moment(seconds: float, zone: str) -> str:
    """Return a moment, in seconds since the epoch, to the second as a clock of the zone shows it."""
    return f"{datetime.fromtimestamp(seconds, ZoneInfo(zone)):%d %b %Y, %H:%M:%S}"


def delivery(event: str, when: str, delivery_id: str) -> str:
    """Name a delivery so that no other has the name."""
    return f"{event}, {when} ({delivery_id[:8]})"


def arrived(name: str) -> str:
    """Say that a test arrived."""
    return f"The test arrived at {name}."


def not_arrived(name: str) -> str:
    """Say that a test did not arrive."""
    return f"The test did not arrive at {name}."


def switched(name: str, *, on: bool) -> str:
    """Say that a webhook was switched on or off."""
    return f"{name} is told of events again." if on else f"{name} is told of nothing any more."


def changed(name: str) -> str:
    """Say that a webhook was changed."""
    return f"{name} was changed."


def again(name: str) -> str:
    """Say that something is sent again."""
    return f"It is sent to {name} again in a moment."
