"""The wiring: every part is made once."""

from __future__ import annotations

import base64
import json
import logging
import os
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.app import build
from assistant.catalog import Secret, ToolRecord
from assistant.errors import StorageError
from assistant.registry import PluginRegistry
from assistant.settings import load_settings


def test_a_part_is_made_once_for_all_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_slowly(**_: object) -> PluginRegistry:
        time.sleep(0.1)
        return PluginRegistry()

    monkeypatch.setattr("assistant.app.plugging.load_registry", load_slowly)
    found: list[PluginRegistry] = []
    with build(load_settings(home=tmp_path / "home")) as app:
        threads = [threading.Thread(target=lambda: found.append(app.registry)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [part is app.registry for part in found] == [True] * 4


def test_closing_ends_the_thread_that_owes_the_catalog_something(tmp_path: Path) -> None:
    def fail() -> None:
        raise StorageError("the catalog is away")

    def owing() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "owed" and thread not in others]

    others = set(threading.enumerate())  # one of another test may come to its end only now
    with build(load_settings(home=tmp_path / "home")) as app:
        app.ingestor._pipeline.owed.pay("a note", fail)
        (thread,) = owing()
    thread.join(60)
    assert not thread.is_alive()


def test_secrets_of_an_older_version_are_encrypted_at_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with build(load_settings(home=home)) as app:
        app.catalog.sources.add("s", "folder", {"path": "/x"}, {})
        with app.catalog.database.write() as session:
            session.execute(text("UPDATE sources SET passwords = :p"), {"p": json.dumps(["hunter2hunter2"])})
        app.protect_secrets()
        app.protect_secrets()
        assert app._passwords("s") == ("hunter2hunter2",)
    assert b"hunter2hunter2" not in b"".join(path.read_bytes() for path in home.glob("catalog.sqlite3*"))


def test_a_new_key_of_the_setting_opens_every_secret_after_a_start(tmp_path: Path) -> None:
    home, (old, new) = tmp_path / "home", (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    with build(load_settings(home=home, secret_key=old)) as app:
        app.catalog.sources.add("s", "folder", {"path": "/x"}, {}, None, ["hunter2"])
        app.catalog.tools.add(ToolRecord("t", "x", {"key": Secret.of("k")}, (), enabled=True, described=()))
        app.catalog.webhooks.add("ops", "http://127.0.0.1:1/", ["run.finished"], "whsec_1")
    with build(load_settings(home=home, secret_key=f"{new},{old}")) as app:
        app.protect_secrets()
    with build(load_settings(home=home, secret_key=new)) as app:
        assert {one.table for one in app.catalog.rotation.uses()} >= {"sources", "tools", "webhooks"}
        assert sum(one.closed for one in app.catalog.rotation.uses()) == 0
        assert app.catalog.webhooks.get("ops").secret.reveal() == "whsec_1"


def test_a_key_that_cannot_be_used_does_not_stop_what_needs_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = tmp_path / "home"
    with build(load_settings(home=home)) as app:
        app.catalog.sources.add("s", "folder", {"path": "/x"}, {}, None, ["hunter2"])
        (home / "secret.key").write_text("no key")
        with caplog.at_level(logging.WARNING):
            app.protect_secrets()
            assert app._passwords("s") == ()
        assert "holds something that is not a key" in caplog.text
        assert [record.name for record in app.catalog.sources.all()] == ["s"]
