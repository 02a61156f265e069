"""Events on their way to a receiver over real HTTP: signed, once per id, and later where it was down."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from assistant.adapters.poster import Posted
from assistant.catalog import Catalog, Keyring
from assistant.catalog.events import EVENTS
from assistant.catalog.webhooks import LOST
from assistant.types import LOCAL_OPERATOR, User
from assistant.webhooks import Courier, Pace, WebhookDesk
from tests.fakes.receiver import Receiver
from tests.webhooks.conftest import make_courier

_DIES = """
import os, sys
from pathlib import Path
from assistant.catalog import Catalog, Keyring
home = Path(sys.argv[1])
catalog = Catalog(f"sqlite:///{home / 'catalog.sqlite3'}", Keyring(home / "secret.key"))
run = catalog.runs.start("handbook", "cli", "somebody")
catalog.runs.finish(run.id, "failed", "the folder is gone")
for delivery in catalog.deliveries.due(2e10, 10):
    catalog.deliveries.take(delivery, 0.0)  # the last moment of a process that dies while it sends
os._exit(9)
"""


def added(desk: WebhookDesk, receiver: Receiver, *events: str) -> str:
    return desk.add("ops", receiver.url, events or EVENTS, LOCAL_OPERATOR)[1]


def run(catalog: Catalog, state: str = "done") -> str:
    record = catalog.runs.start("handbook", "cli", "somebody")
    if state == "done":
        catalog.runs.count(record.id, seen=3, added=2, failed=1)
        catalog.runs.listed(record.id)
        assert catalog.runs.finish_if_complete(record.id)
    else:
        catalog.runs.finish(record.id, "failed", "SECRET-ERROR of the folder")
    return record.id


def test_a_run_is_told_signed_and_without_a_word_of_what_it_read(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver
) -> None:
    secret = added(desk, receiver)
    done, failed = run(catalog), run(catalog, "failed")
    assert courier.turn() == 4
    told = receiver.verified(secret)
    assert [one["type"] for one in told] == ["run.started", "run.finished", "run.started", "run.failed"]
    assert told[1]["data"] == {
        "run": done,
        "source": "handbook",
        "trigger": "cli",
        "state": "done",
        "started_at": told[1]["data"]["started_at"],
        "finished_at": told[1]["data"]["finished_at"],
        "documents": {"seen": 3, "added": 2, "updated": 0, "unchanged": 0, "deleted": 0, "failed": 1},
        "link": f"https://assistant.example/runs?run={done}",
    }
    assert told[1]["timestamp"].endswith("Z")
    assert told[3]["data"]["run"] == failed
    assert all(b"SECRET-ERROR" not in body for _, body in receiver.came)
    assert len(set(receiver.ids())) == 4
    assert courier.turn() == 0
    headers, body = receiver.came[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"handbook", b"handbags"), dict(headers))


def test_feedback_is_told_without_the_question_the_answer_the_words_and_the_person(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver
) -> None:
    secret = added(desk, receiver, "feedback.given")
    anna = User("anna-kowalski", frozenset({"sales"}))
    said = catalog.feedback.add(
        anna, "QUESTION-1", "ANSWER-1", "down", "REASON-1", [("handbook", "KEY-1")], cause="wrong"
    )
    run(catalog)  # nobody asked for that
    courier.turn()
    assert [one["data"] for one in receiver.verified(secret)] == [
        {"feedback": said.id, "verdict": "down", "cause": "wrong", "link": "https://assistant.example/quality"}
    ]
    for word in (b"QUESTION-1", b"ANSWER-1", b"REASON-1", b"KEY-1", b"kowalski"):
        assert word not in receiver.came[0][1]


def test_a_receiver_that_was_down_gets_everything_later_and_once(
    desk: WebhookDesk, catalog: Catalog, receiver: Receiver
) -> None:
    secret, courier = added(desk, receiver, "run.finished", "run.failed"), make_courier(catalog, tries=9)
    receiver.down()
    run(catalog), run(catalog, "failed")
    assert courier.turn() == 0
    first, second = reversed(catalog.deliveries.newest("ops", 10))
    # after one that did not arrive, the other is left alone in that turn
    assert (first.state, first.tries, first.status) == ("waiting", 1, None)
    assert (second.state, second.tries) == ("waiting", 0)
    assert "ConnectError" in first.answer
    receiver.up()
    receiver.status = 503
    assert courier.turn() == 0
    assert catalog.deliveries.get("ops", first.id).status == 503
    receiver.came.clear()
    receiver.status = 200
    while courier.turn():
        pass
    assert sorted(receiver.ids()) == sorted([first.message, second.message])
    assert len(receiver.verified(secret)) == 2
    delivered = catalog.deliveries.get("ops", first.id)
    assert (delivered.state, delivered.status, delivered.answer) == ("delivered", 200, "thanks")  # one line is kept


def test_a_process_that_dies_between_the_event_and_its_delivery_loses_nothing(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver, tmp_path: Path
) -> None:
    secret = added(desk, receiver, "run.failed")
    died = subprocess.run([sys.executable, "-c", _DIES, str(tmp_path)], check=False, env={**os.environ})
    assert died.returncode == 9
    assert courier.turn() == 1
    assert [one["type"] for one in receiver.verified(secret)] == ["run.failed"]


def test_an_event_that_was_rolled_back_is_not_told(desk: WebhookDesk, catalog: Catalog, receiver: Receiver) -> None:
    added(desk, receiver)
    record = catalog.runs.start("handbook", "cli", "somebody")
    catalog.runs.discard(record.id)  # it turned out not to be wanted, and nobody has been told
    assert catalog.deliveries.newest("ops", 10) == []


def test_it_is_given_up_after_so_many_tries_and_can_be_sent_again_by_hand(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver
) -> None:
    added(desk, receiver, "run.finished")
    receiver.status, receiver.body = 500, b""
    run(catalog)
    for _ in range(5):
        courier.turn()
    (given_up,) = catalog.deliveries.newest("ops", 10)
    assert (given_up.state, given_up.tries, given_up.status, len(receiver.came)) == ("failed", 3, 500, 3)
    assert desk.show("ops", LOCAL_OPERATOR).failed == 1
    receiver.status = 204
    assert desk.redeliver("ops", given_up.id, LOCAL_OPERATOR).state == "waiting"
    assert courier.turn() == 1
    assert set(receiver.ids()) == {given_up.message}


def test_waits_get_longer_up_to_a_limit_and_what_the_receiver_asks_for_counts() -> None:
    pace = Pace(first=5.0, factor=4.0, longest=1000.0)
    for tries, least in ((1, 5.0), (2, 20.0), (3, 80.0), (9, 1000.0)):
        assert least <= pace.wait(tries) <= least * 1.2
    assert pace.wait(1, asked=300.0) == 300.0
    assert pace.wait(1, asked=1e9) == 1000.0


def test_a_redirect_is_not_followed(desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver) -> None:
    other = Receiver()
    added(desk, receiver, "run.finished")
    receiver.status, receiver.headers = 307, {"Location": other.url}
    run(catalog)
    assert courier.turn() == 0
    assert (len(receiver.came), other.came) == (1, [])
    assert catalog.deliveries.newest("ops", 1)[0].status == 307
    other.down()


def test_a_receiver_that_is_gone_is_told_nothing_more(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver
) -> None:
    added(desk, receiver, "run.finished")
    receiver.status = 410
    run(catalog), run(catalog)
    courier.turn()
    shown = desk.show("ops", LOCAL_OPERATOR)
    assert (shown.record.enabled, "gone" in shown.record.error, shown.failed) == (False, True, 1)
    run(catalog)
    assert len(catalog.deliveries.newest("ops", 10)) == 2  # switched off: nothing is recorded for it
    receiver.status = 200
    desk.change("ops", LOCAL_OPERATOR, enabled=True)
    courier.turn()
    assert desk.show("ops", LOCAL_OPERATOR).delivered == 1  # what waited


def test_one_receiver_that_is_down_holds_up_no_other(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver
) -> None:
    dead = Receiver()
    dead.down()
    desk.add("a-dead-one", dead.url, ["run.started"], LOCAL_OPERATOR)
    desk.add("lives", receiver.url, ["run.started"], LOCAL_OPERATOR)
    run(catalog)
    assert courier.turn() == 1
    assert len(receiver.came) == 1
    # the same event has the same id for everybody
    assert {one.message for name in ("a-dead-one", "lives") for one in catalog.deliveries.newest(name, 5)} == set(
        receiver.ids()
    )


def test_two_processes_send_each_delivery_once(desk: WebhookDesk, catalog: Catalog, receiver: Receiver) -> None:
    added(desk, receiver, "run.started", "run.finished")
    for _ in range(10):
        run(catalog)
    couriers = [make_courier(catalog) for _ in range(4)]

    def work(courier: Courier) -> None:
        while any(one.state == "waiting" for one in catalog.deliveries.newest("ops", 100)):
            courier.turn()
            time.sleep(0.01)

    threads = [threading.Thread(target=work, args=(courier,)) for courier in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.came) == len(set(receiver.ids())) == 20


def test_receivers_that_hang_and_slow_ones_hold_up_nobody(
    desk: WebhookDesk, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]  # a machine that has other work decides nothing
    monkeypatch.setattr("assistant.webhooks.courier.time", SimpleNamespace(time=time.time, monotonic=lambda: clock[0]))
    for name in ("a", "b", "slow", "z"):
        desk.add(name, f"http://127.0.0.1/{name}", ["run.started"], LOCAL_OPERATOR)
    for _ in range(3):
        run(catalog)
    told: list[str] = []

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        name = url.rpartition("/")[2]
        clock[0] += 0 if name == "z" else 0.06
        if name in {"a", "b"}:
            return Posted(None, "no answer within 15 s")
        told.append(name)
        return Posted(200, "")

    courier = Courier(catalog, post, Pace(first=0.0, turn=0.1), "https://assistant.example")
    assert courier.turn() == 0  # the two took all of its time
    courier.turn()
    assert told[:2] == ["slow", "z"]
    courier.turn()
    assert told.count("z") >= 2


def test_a_try_that_nobody_settled_counts_and_the_last_one_is_given_up(
    desk: WebhookDesk, catalog: Catalog, receiver: Receiver
) -> None:
    added(desk, receiver, "run.started")
    run(catalog)
    (delivery,) = catalog.deliveries.due(time.time(), 10)
    for _ in range(2):
        taken = catalog.deliveries.take(delivery, 0.0)
        assert taken is not None
        assert catalog.deliveries.take(delivery, 0.0) is None  # another one had it
        delivery = taken
    make_courier(catalog, tries=2).turn()
    (lost,) = catalog.deliveries.newest("ops", 10)
    assert (lost.state, lost.answer, receiver.came) == ("failed", LOST, [])


def test_a_new_secret_signs_and_for_a_day_so_does_the_former(
    desk: WebhookDesk, catalog: Catalog, courier: Courier, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = added(desk, receiver, "run.started")
    _, secret = desk.new_secret("ops", LOCAL_OPERATOR)
    assert secret != former
    run(catalog)
    courier.turn()
    assert receiver.verified(secret) == receiver.verified(former)
    _, third = desk.new_secret("ops", LOCAL_OPERATOR)  # the second one never reached the receiver
    run(catalog)
    courier.turn()
    del receiver.came[0]
    assert receiver.verified(third) == receiver.verified(secret) == receiver.verified(former)
    secret = third
    record = catalog.webhooks.get("ops")
    expired = dataclasses.replace(record, former_until=time.time() - 1)
    monkeypatch.setattr(catalog.webhooks, "get", lambda _: expired)
    run(catalog)
    courier.turn()
    del receiver.came[0]
    assert receiver.verified(secret)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(former)


def test_without_the_key_of_its_secret_a_webhook_waits(
    desk: WebhookDesk, catalog: Catalog, receiver: Receiver, tmp_path: Path
) -> None:
    added(desk, receiver, "run.started")
    run(catalog)
    (tmp_path / "secret.key").rename(tmp_path / "away")
    with_other_key = Catalog(catalog.database.url, Keyring(tmp_path / "secret.key"))
    make_courier(with_other_key).turn()
    with_other_key.close()
    (waiting,) = catalog.deliveries.newest("ops", 1)
    assert (waiting.state, receiver.came) == ("waiting", [])
    assert "webhook 'ops'" in waiting.answer
