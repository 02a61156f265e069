"""What `assistant doctor` says of the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.app import build
from assistant.cli import doctor
from assistant.cli.doctor import Check
from assistant.errors import BrokerUnavailableError
from assistant.settings import load_settings

ONE, TWO = ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", "MjIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")


@pytest.fixture(autouse=True)
def only_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other looks load models, and are tested by whole processes."""
    monkeypatch.setattr(doctor, "_looks", lambda app: [("secrets", lambda: doctor._secrets(app))])


def finding() -> Check:
    return next(check for check in doctor.examine().checks if check.name == "secrets")


def store_a_password(name: str = "s") -> None:
    with build(load_settings()) as app:
        app.catalog.sources.add(name, "folder", {"path": "/x"}, {}, None, ["hunter2"])


def test_no_key_is_needed_before_there_is_a_secret(assistant_home: Path) -> None:
    found = finding()
    assert (found.state, found.hint) == ("ok", "")
    assert found.detail == f"no key yet; the first secret makes {assistant_home}/secret.key; 0 sources hold secrets"


def test_the_key_of_the_file(assistant_home: Path) -> None:
    store_a_password()
    found = finding()
    assert found.state == "ok"
    assert found.detail.startswith("key ")
    assert found.detail.endswith(f" of the file {assistant_home}/secret.key; 1 sources hold secrets")
    assert found.hint == ""


def test_the_keys_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", f"{ONE},{TWO}")
    store_a_password()
    found = finding()
    assert "of the setting secret_key (older: " in found.detail
    assert ONE not in str(found)


def test_a_secret_that_cannot_be_opened_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", ONE)
    store_a_password()
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", TWO)
    found = finding()
    assert found.state == "broken"
    assert "a secret of the source 's' (passwords.0) cannot be decrypted: it needs the key" in found.detail
    assert "assistant sources passwords s FILE" in found.hint


def test_a_webhook_whose_secret_cannot_be_opened_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", ONE)
    with build(load_settings()) as app:
        app.catalog.webhooks.add("ops", "http://127.0.0.1:1/", ["run.finished"], "whsec_1")
        key = app.catalog.keyring.all()[0].name
    assert finding().state == "ok"
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", TWO)
    found = finding()
    assert found.state == "broken"
    assert found.detail.endswith(f"cannot be opened: 1 of webhooks (by the key {key})")
    assert "assistant secrets check" in found.hint


def test_a_setting_that_is_no_key_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", "hunter2")
    found = finding()
    assert (found.state, "hunter2" in str(found)) == ("broken", False)
    assert "secret_key" in found.detail


def test_the_broker() -> None:
    assert doctor._broker(load_settings()) == "in the process of the assistant"
    with pytest.raises(BrokerUnavailableError, match=r"redis://.*127\.0\.0\.1:1/.* does not answer") as caught:
        doctor._broker(load_settings(broker_url="redis://:hunter2@127.0.0.1:1/0"))
    assert "hunter2" not in str(caught.value)
