"""The key is changed while everything can be read, wherever it is killed, and beside processes that go on writing."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from assistant.app import App, build
from assistant.app.rotating import rotate
from assistant.catalog import Catalog, Keyring, ToolRecord, revealed
from assistant.catalog.keyring import Ciphertext, KeyUnusableError
from assistant.catalog.secrets import Secret
from assistant.errors import ConfigurationError, StorageError
from assistant.settings import load_settings


class Config(BaseModel):
    """A configuration with a secret."""

    token: SecretStr


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with build(load_settings(home=tmp_path / "home")) as app:
        app.registry.add_source("wiki", Config, lambda _: None)  # type: ignore[arg-type, return-value]
        app.catalog.sources.add("w", "wiki", {"token": Secret.of("tok-1234")}, {}, None, ["hunter2"])
        record = ToolRecord("t", "wiki", {"nested": [{"key": Secret.of("key-1234")}]}, (), enabled=True, described=())
        app.catalog.tools.add(record)
        yield app


def assert_readable(app: App) -> None:
    source = app.catalog.sources.get("w")
    assert revealed(source.config) == {"token": "tok-1234"}
    assert source.passwords == ("hunter2",)
    assert revealed(app.catalog.tools.get("t").config) == {"nested": [{"key": "key-1234"}]}


def names(app: App) -> list[str]:
    return [key.name for key in app.catalog.keyring.all()]


def test_everything_comes_under_a_new_key_and_the_old_one_goes(app: App) -> None:
    (old,) = names(app)
    file = app.catalog.keyring.file
    text = file.read_text()
    waits: list[float] = []
    done = rotate(app, sleep=waits.append)
    assert (done.former, names(app)) == ((old,), [done.key])
    assert (done.key != old, done.rows, waits) == (True, 2, [5.0])
    assert_readable(app)
    assert text.strip() not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {one.key for one in app.catalog.rotation.uses()} == {done.key}
    stored = app.catalog.sources.get("w").config["token"].stored
    with pytest.raises(KeyUnusableError, match="it needs the key"):
        Keyring(file.parent / "other", text.strip()).decrypt(stored)


def test_it_goes_on_where_it_was_killed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any) -> Any:
        raise StorageError("the process was killed")

    keyring, rotation = app.catalog.keyring, app.catalog.rotation
    steps: list[tuple[Any, str]] = [(rotation, "renew"), (rotation, "uses"), (keyring, "keep"), (keyring, "put_new")]
    for owner, name in steps:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, killed)
            with pytest.raises(StorageError):
                rotate(app, pause=0)
        assert_readable(app)
        assert len(names(app)) in {1, 2}
    kept = names(app)
    done = rotate(app, pause=0)
    assert names(app) == [done.key] == kept[:1], "no third key is made"
    assert_readable(app)


def test_what_another_process_wrote_by_the_old_key_is_seen(app: App) -> None:
    old = Keyring(app.catalog.keyring.file.parent / "x", app.catalog.keyring.file.read_text())
    late = Catalog(app.settings.catalog, old)  # it has read the old key, and knows of no other
    try:
        writes = iter([lambda: late.sources.set_passwords("w", ["written late"])])
        done = rotate(app, sleep=lambda _: next(writes, lambda: None)())
        assert names(app) == [done.key]
        assert app.catalog.sources.get("w").passwords == ("written late",)
    finally:
        late.close()


def test_processes_beside_it_read_and_write_all_the_time(app: App) -> None:
    other = Catalog(app.settings.catalog, Keyring(app.catalog.keyring.file))
    failures: list[Exception] = []
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                other.sources.set_passwords("w", [f"word {number}"])
                assert other.sources.get("w").passwords == (f"word {number}",)
                assert revealed(other.tools.get("t").config)
            except Exception as error:  # noqa: BLE001 (told below)
                failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(3):
            rotate(app, pause=1.0)
    finally:
        stop.set()
        thread.join()
        other.close()
    assert failures == []


def test_a_key_that_something_needs_is_kept(app: App) -> None:
    (old,) = names(app)
    damaged = {"token": {"$encrypted": "gAAAAdamaged", "key": old}}
    tools = app.catalog.tools
    tools.add(ToolRecord("d", "wiki", {"token": _Raw(damaged["token"])}, (), enabled=True, described=()))
    with pytest.raises(ConfigurationError, match="1 in tools"):
        rotate(app, pause=0)
    assert names(app)[1:] == [old]
    assert [(one.table, one.closed) for one in app.catalog.rotation.uses() if one.closed] == [("tools", 1)]
    tools.remove("d")
    rotate(app, pause=0)
    assert_readable(app)


def _Raw(stored: dict[str, str]) -> Secret:  # noqa: N802 (reads like a value)
    return Secret(lambda: "", Ciphertext(stored["$encrypted"], stored["key"]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secret_key": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="}, "in the setting secret_key"),
        ({}, "there is no key yet"),
    ],
)
def test_what_cannot_be_changed_is_told(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with build(load_settings(home=tmp_path, **given)) as app, pytest.raises(ConfigurationError, match=message):
        rotate(app, pause=0)
