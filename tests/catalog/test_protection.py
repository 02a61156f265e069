"""What lies on the disk: the bytes of the catalog's files hold no secret, whatever was there before."""

from __future__ import annotations

import base64
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assistant.catalog import MASK, Catalog, Keyring, Secret, keep_masked, masked, revealed
from assistant.errors import ConfigurationError

PASSWORD, TOKEN = "correct horse battery", "tok-4f9a81c27be0"


def mark(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Play a plugin whose field `token` is secret."""
    token = config.get("token")
    return {**config, "token": Secret.of(token)} if isinstance(token, str) else config


def bytes_on_disk(folder: Path) -> bytes:
    files = sorted(path for path in folder.iterdir() if path.name.startswith("catalog.sqlite3"))
    return b"".join(path.read_bytes() for path in files)


@pytest.fixture
def sqlite(tmp_path: Path, keyring: Keyring) -> Iterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite3'}", keyring)
    yield catalog
    catalog.close()


def write_plain(catalog: Catalog, name: str = "old") -> None:
    """Store a source as versions before the encryption did."""
    catalog.sources.add(name, "wiki", {"path": "/x"}, {})
    statement = text("UPDATE sources SET config = :config, passwords = :passwords WHERE name = :name")
    values = {"path": "/x", "token": TOKEN, "more": [1, None]}
    with catalog.database.write() as session:
        session.execute(
            statement, {"config": json.dumps(values), "passwords": json.dumps([PASSWORD, "two"]), "name": name}
        )


def test_the_files_hold_no_secret_after_a_source_was_added(sqlite: Catalog, tmp_path: Path) -> None:
    record = sqlite.sources.add("s", "wiki", {"path": "/x/readable", "token": Secret.of(TOKEN)}, {}, None, [PASSWORD])
    assert (record.config["token"].reveal(), record.passwords) == (TOKEN, (PASSWORD,))
    sqlite.sources.set_passwords("s", [PASSWORD, *record.stored_passwords])
    sqlite.sources.set_config("s", {"path": "/x/readable", "token": Secret.of(f"{TOKEN}2")})
    data = bytes_on_disk(tmp_path)
    assert b"/x/readable" in data, "the test looks at the right bytes"
    assert b"$encrypted" in data
    assert TOKEN.encode() not in data
    assert PASSWORD.encode() not in data
    sqlite.close()
    assert TOKEN.encode() not in bytes_on_disk(tmp_path)


def test_a_source_is_read_back_with_its_secrets(catalog: Catalog) -> None:
    catalog.sources.add("s", "wiki", {"path": "/x", "token": Secret.of(TOKEN)}, {}, None, [PASSWORD])
    record = catalog.sources.get("s")
    assert revealed(record.config) == {"path": "/x", "token": TOKEN}
    assert masked(record.config) == {"path": "/x", "token": MASK}
    assert record.passwords == (PASSWORD,)
    assert TOKEN not in repr(record)
    assert PASSWORD not in repr(record)
    sources = catalog.sources
    sources.set_config("s", keep_masked(record.config, {"path": "/y", "token": MASK}))
    sources.set_passwords("s", keep_masked(record.stored_passwords, [MASK, "new"]))
    record = sources.get("s")
    assert revealed(record.config) == {"path": "/y", "token": TOKEN}
    assert record.passwords == (PASSWORD, "new")


def test_a_mask_is_no_password(catalog: Catalog) -> None:
    with pytest.raises(ConfigurationError, match="stands for a stored password"):
        catalog.sources.add("s", "wiki", {}, {}, None, [MASK])
    assert catalog.sources.all() == []


def test_the_mark_of_passwords_changes_with_them_and_needs_no_key(catalog: Catalog, keyring: Keyring) -> None:
    assert catalog.sources.add("s", "wiki", {}, {}).passwords_mark == ""
    catalog.sources.set_passwords("s", [PASSWORD])
    one = catalog.sources.get("s").passwords_mark
    catalog.sources.set_passwords("s", [PASSWORD, "two"])
    keyring.file.unlink()
    assert len({one, catalog.sources.get("s").passwords_mark, ""}) == 3


def test_plain_values_of_older_versions_are_read_and_encrypted_by_the_next_write(catalog: Catalog) -> None:
    write_plain(catalog)
    record = catalog.sources.get("old")
    assert (record.config["token"], record.passwords) == (TOKEN, (PASSWORD, "two"))
    catalog.sources.set_passwords("old", record.stored_passwords)
    with catalog.database.read() as session:
        stored = session.execute(text("SELECT CAST(passwords AS TEXT) FROM sources")).scalar()
    assert PASSWORD not in str(stored)
    assert catalog.sources.get("old").passwords == (PASSWORD, "two")


def test_plain_values_are_encrypted_by_one_pass_that_may_be_repeated(catalog: Catalog) -> None:
    write_plain(catalog)
    catalog.sources.add("fine", "folder", {"path": "/x"}, {})
    assert catalog.sources.protect(mark) == ["old"]
    assert catalog.sources.protect(mark) == []
    record = catalog.sources.get("old")
    assert masked(record.config) == {"path": "/x", "token": MASK, "more": [1, None]}
    assert (revealed(record.config)["token"], record.passwords) == (TOKEN, (PASSWORD, "two"))
    assert catalog.sources.get("fine").config == {"path": "/x"}


def test_a_catalog_without_secrets_needs_no_key(catalog: Catalog, keyring: Keyring) -> None:
    catalog.sources.add("s", "folder", {"path": "/x"}, {}, None, [])
    assert catalog.sources.protect(mark) == []
    assert not keyring.file.exists()


def test_the_pass_leaves_nothing_in_freed_pages_or_the_log(sqlite: Catalog, tmp_path: Path) -> None:
    for at in range(30):
        write_plain(sqlite, f"s{at:02}")
    for at in range(0, 30, 3):
        sqlite.sources.remove(f"s{at:02}")
    assert PASSWORD.encode() in bytes_on_disk(tmp_path)
    assert len(sqlite.sources.protect(mark)) == 20
    data = bytes_on_disk(tmp_path)
    assert PASSWORD.encode() not in data
    assert TOKEN.encode() not in data
    sqlite.close()
    with sqlite3.connect(tmp_path / "catalog.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_processes_may_do_the_pass_at_once(sqlite: Catalog, tmp_path: Path) -> None:
    for at in range(5):
        write_plain(sqlite, f"s{at}")
    code = (
        "import sys; from pathlib import Path; from assistant.catalog import Catalog, Keyring\n"
        "from tests.catalog.test_protection import mark\n"
        "folder = Path(sys.argv[1]); keyring = Keyring(folder / 'secret.key')\n"
        "catalog = Catalog(f'sqlite:///{folder}/catalog.sqlite3', keyring)\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(len(catalog.sources.protect(mark))); catalog.close()\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate(timeout=60)[0]) for process in started]
    assert sum(counts) == 5, "each was encrypted once"
    assert {record.passwords for record in sqlite.sources.all()} == {(PASSWORD, "two")}
    assert PASSWORD.encode() not in bytes_on_disk(tmp_path)


def test_rotation_encrypts_everything_under_the_first_key(catalog_url: str, tmp_path: Path) -> None:
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    for keys in (old, f"{new},{old}"):
        catalog = Catalog(catalog_url, Keyring(tmp_path / "none", keys))
        if keys == old:
            catalog.sources.add("s", "wiki", {"token": Secret.of(TOKEN)}, {}, None, [PASSWORD])
        assert catalog.sources.protect(mark) == ([] if keys == old else ["s"])
        assert catalog.sources.protect(mark) == []
        catalog.close()
    catalog = Catalog(catalog_url, Keyring(tmp_path / "none", new))
    record = catalog.sources.get("s")
    assert (revealed(record.config), record.passwords) == ({"token": TOKEN}, (PASSWORD,))
    catalog.close()


def test_another_key_costs_only_what_needs_the_secret(catalog: Catalog, keyring: Keyring) -> None:
    catalog.sources.add("s", "wiki", {"path": "/x", "token": Secret.of(TOKEN)}, {}, None, [PASSWORD])
    keyring.file.unlink()
    catalog.sources.add("other", "wiki", {}, {}, None, ["needs a key of its own"])
    assert [masked(record.config) for record in catalog.sources.all()] == [{}, {"path": "/x", "token": MASK}]
    record = catalog.sources.get("s")
    for needing in (lambda: record.passwords, lambda: revealed(record.config)):
        with pytest.raises(ConfigurationError, match=r"source 's' \(.*needs the key"):
            needing()
    with pytest.raises(ConfigurationError, match="assistant sources passwords s FILE"):
        _ = record.passwords
    catalog.sources.set_state("s", "paused")
    catalog.sources.set_schedule("s", "every 1h")
    assert catalog.sources.protect(mark) == []
    catalog.sources.set_passwords("s", ["given again"])
    assert catalog.sources.get("s").passwords == ("given again",)
    catalog.sources.remove("s")


def test_what_is_plain_is_encrypted_even_beside_what_is_lost(catalog: Catalog, keyring: Keyring) -> None:
    catalog.sources.add("old", "wiki", {"token": Secret.of("lost")}, {})
    before = catalog.sources.get("old").config["token"].stored
    with catalog.database.write() as session:
        session.execute(text("UPDATE sources SET passwords = :passwords"), {"passwords": json.dumps([PASSWORD])})
    keyring.file.unlink()
    assert catalog.sources.protect(mark) == ["old"]
    record = catalog.sources.get("old")
    assert record.passwords == (PASSWORD,)
    assert record.config["token"].stored == before
    assert catalog.sources.protect(mark) == []


def test_a_file_that_cannot_be_written_anew_is_said(
    sqlite: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_plain(sqlite)
    other = sqlite3.connect(tmp_path / "catalog.sqlite3", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM sources").fetchall()  # a reader of the old state keeps the log from being emptied
    raw = sqlite.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA busy_timeout=50")
    raw.close()
    with caplog.at_level(logging.WARNING):
        assert sqlite.sources.protect(mark) == ["old"]
    assert "still hold" in caplog.text
    assert PASSWORD not in caplog.text
    other.close()
