"""Webhooks from the command line, and a sync that is told to a receiver."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run, assert_one_clear_line, json_of
from tests.fakes.receiver import Receiver

HOSTS = {"ASSISTANT_WEBHOOK_HOSTS": "127.0.0.1"}


def test_a_webhook_is_added_tried_seen_and_removed(assistant: Run) -> None:
    receiver = Receiver()
    add = ("webhooks", "add", receiver.url, "--name", "ops", "--events", "run.finished,run.failed")
    assert_one_clear_line(assistant(*add), "without TLS", "ASSISTANT_WEBHOOK_HOSTS")
    made = json_of(assistant(*add, "--json", **HOSTS))
    tried = assistant("webhooks", "test", "ops", **HOSTS)
    assert (tried.returncode, tried.stdout) == (0, "ops: delivered 200 thanks\n"), tried.stderr
    assert receiver.verified(made["secret"])[0]["type"] == "webhook.test"
    receiver.down()
    assert json_of(assistant("webhooks", "list", "--json"))["webhooks"][0]["delivered"] == 1
    assert made["secret"] not in assistant("webhooks", "list").stdout
    assert assistant("webhooks", "test", "ops", **HOSTS).returncode == 1
    sent = json_of(assistant("webhooks", "deliveries", "ops", "--state", "failed", "--json"))["deliveries"]
    assert [one["event"] for one in sent] == ["webhook.test"]
    assert "again" in assistant("webhooks", "redeliver", "ops", sent[0]["id"]).stdout
    assert "is off" in assistant("webhooks", "edit", "ops", "--off").stdout
    assert assistant("webhooks", "remove", "ops", "--yes").stdout == "removed ops\n"
    assert_one_clear_line(assistant("webhooks", "deliveries", "ops"), "no webhook 'ops'", "webhooks list")


def test_what_a_command_does_is_recorded_for_the_webhook(assistant: Run, folder: Path) -> None:
    added = assistant("webhooks", "add", "https://hooks.example.org/a", "--name", "ops", "--events", "run.finished")
    assert "shown this once: whsec_" in added.stdout, added.stderr
    json_of(assistant("ingest", folder, "--source", "docs", "--json"))
    sent = json_of(assistant("webhooks", "deliveries", "ops", "--json"))["deliveries"]
    assert [(one["event"], one["state"]) for one in sent] == [("run.finished", "waiting")]
