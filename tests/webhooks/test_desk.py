"""Webhooks as admins register them: what is refused, what is shown, and to whom."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from assistant.catalog import Catalog
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.types import LOCAL_OPERATOR, User
from assistant.webhooks import WebhookDesk
from tests.fakes.receiver import Receiver

ADMIN = User("ada", frozenset(), role="admin")


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://hooks.example.org/a", "without TLS"),
        ("ftp://hooks.example.org/a", "no address of http"),
        ("https:///a", "no address of http"),
        ("https://hooks.example.org/a b", "no address of http"),
        ("https://user:word@hooks.example.org/a", "no user, password"),
        ("https://hooks.example.org/a#b", "no user, password or fragment"),
        ("https://hooks.example.org:99999/", "url: "),
        ("file:///etc/passwd", "no address of http"),
    ],
)
def test_an_address_that_nothing_is_sent_to_is_refused(desk: WebhookDesk, url: str, cause: str) -> None:
    with pytest.raises(ConfigurationError, match=cause):
        desk.add("ops", url, ["run.failed"], ADMIN)
    assert desk.all(ADMIN) == []


@pytest.mark.parametrize("host", ["10.0.0.7", "169.254.169.254", "localhost", "[::1]", "2130706433", "0x7f.1"])
def test_nothing_is_sent_into_a_network_of_the_servers_own(desk: WebhookDesk, catalog: Catalog, host: str) -> None:
    desk.add("ops", f"https://{host}/a", ["run.failed"], ADMIN)
    tried = desk.test("ops", ADMIN)
    assert (tried.state, tried.status) == ("failed", None)
    assert "private network" in tried.answer or "cannot be found" in tried.answer


def test_a_name_that_turns_to_an_address_within_after_it_was_checked_gains_nothing(
    desk: WebhookDesk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def resolves(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", ("10.0.0.7" if len(asked) == 1 else "127.0.0.1", port))]

    desk.add("ops", receiver.url.replace("http://127.0.0.1", "https://hooks.example.org"), ["run.failed"], ADMIN)
    monkeypatch.setattr("socket.getaddrinfo", resolves)
    assert "private network (10.0.0.7)" in desk.test("ops", ADMIN).answer
    assert (asked, receiver.came) == (["hooks.example.org"], [])


def test_names_and_events_are_checked(desk: WebhookDesk, receiver: Receiver) -> None:
    with pytest.raises(ConfigurationError, match="name of a webhook"):
        desk.add("Ops!", receiver.url, ["run.failed"], ADMIN)
    with pytest.raises(ConfigurationError, match=r"no event 'run\.flown'"):
        desk.add("ops", receiver.url, ["run.failed", "run.flown"], ADMIN)
    with pytest.raises(ConfigurationError, match="no event is given"):
        desk.add("ops", receiver.url, [], ADMIN)
    desk.add("ops", receiver.url, ["run.failed"], ADMIN)
    with pytest.raises(ConfigurationError, match="already"):
        desk.add("ops", receiver.url, ["run.failed"], ADMIN)
    with pytest.raises(ConfigurationError, match="without TLS"):
        desk.change("ops", ADMIN, url="http://hooks.example.org/")
    assert desk.change("ops", ADMIN, events=["source.paused"]).record.events == ("source.paused",)
    assert desk.remove("ops", ADMIN).record.name == "ops"
    with pytest.raises(NotFoundError, match="no webhook 'ops'"):
        desk.test("ops", ADMIN)


def test_a_test_is_sent_once_and_seen(desk: WebhookDesk, receiver: Receiver) -> None:
    _, secret = desk.add("ops", receiver.url, ["run.failed"], ADMIN)
    assert desk.test("ops", ADMIN).state == "delivered"
    assert [(one["type"], one["data"]) for one in receiver.verified(secret)] == [("webhook.test", {})]
    receiver.status, receiver.body = 500, b"\x00\xff<b>no</b>\nmore"
    failed = desk.test("ops", ADMIN)
    assert (failed.state, failed.status, failed.tries) == ("failed", 500, 1)
    assert failed.answer.endswith("<b>no</b>")
    assert desk.show("ops", ADMIN).last == failed


def test_the_secret_is_encrypted_and_shown_once(desk: WebhookDesk, receiver: Receiver, tmp_path: Path) -> None:
    info, secret = desk.add("ops", receiver.url, ["run.failed"], ADMIN)
    assert secret.startswith("whsec_")
    assert secret not in repr(info)
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as database:
        (stored,) = database.execute("SELECT secrets FROM webhooks").fetchone()
    database.close()
    assert secret not in stored
    assert json.loads(stored)["secret"]["$encrypted"]


def test_a_new_key_is_for_the_secrets_of_webhooks_too(desk: WebhookDesk, catalog: Catalog, receiver: Receiver) -> None:
    desk.add("ops", receiver.url, ["run.failed"], ADMIN)
    assert [(use.table, use.count, use.closed) for use in catalog.rotation.uses()] == [("webhooks", 1, 0)]


@pytest.mark.parametrize("role", ["employee", "curator", "auditor"])
def test_who_is_no_admin_learns_nothing(desk: WebhookDesk, receiver: Receiver, role: str) -> None:
    desk.add("ops", receiver.url, ["run.failed"], LOCAL_OPERATOR)
    delivery = desk.test("ops", LOCAL_OPERATOR)
    somebody = User("bob", frozenset({"admins"}), role=role)  # type: ignore[arg-type]
    for attempt in (
        lambda: desk.all(somebody),
        lambda: desk.show("ops", somebody),
        lambda: desk.show("gone", somebody),
        lambda: desk.add("more", receiver.url, ["run.failed"], somebody),
        lambda: desk.change("ops", somebody, enabled=False),
        lambda: desk.new_secret("ops", somebody),
        lambda: desk.test("ops", somebody),
        lambda: desk.deliveries("ops", somebody, 10),
        lambda: desk.redeliver("ops", delivery.id, somebody),
        lambda: desk.remove("ops", somebody),
    ):
        with pytest.raises(AccessDeniedError, match="only admins"):
            attempt()
    assert len(receiver.came) == 1
    assert [info.record.name for info in desk.all(LOCAL_OPERATOR)] == ["ops"]
