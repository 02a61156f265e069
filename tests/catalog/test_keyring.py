"""The keys: where they come from, how they are made, and what is said when the right one is missing."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.catalog.keyring import Ciphertext, Keyring, KeyUnusableError
from assistant.errors import ConfigurationError, HomeNotWritableError


def new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def test_the_file_is_made_when_something_is_first_encrypted_and_only_then(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret.key"
    keyring = Keyring(file)
    assert keyring.all() == ()
    with pytest.raises(KeyUnusableError, match=r"is not here: there is no .*secret\.key"):
        keyring.decrypt(Ciphertext("x", "0badcafe"))
    assert not file.exists()
    sealed = keyring.encrypt(b"hunter2")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]
    assert keyring.decrypt(sealed) == Keyring(file).decrypt(sealed) == b"hunter2"
    assert "hunter2" not in sealed.token
    assert keyring.is_current(sealed)
    assert not keyring.is_exposed()


def test_a_key_never_shows(tmp_path: Path) -> None:
    key = new_key()
    keyring = Keyring(tmp_path / "k", key)
    assert key not in repr(keyring.all())
    assert key not in repr(vars(keyring))
    assert keyring.place == "the setting secret_key"


def test_processes_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    code = (
        "import sys, time; from pathlib import Path; from assistant.catalog.keyring import Keyring\n"
        "import cryptography.fernet\n"
        "ring = Keyring(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.readline()\n"
        "print(ring.encrypt(sys.argv[2].encode()).token, flush=True)\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(file), f"value {at}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for at in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    tokens = [process.communicate(timeout=60)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    (key,) = Keyring(file).all()
    values = [Keyring(file).decrypt(Ciphertext(token, key.name)) for token in tokens]
    assert values == [b"value 0", b"value 1", b"value 2"]
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_threads_that_make_the_key_at_once_get_the_same(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "secret.key")
    with ThreadPoolExecutor(16) as pool:
        sealed = list(pool.map(keyring.encrypt, [b"x"] * 64))
    assert len({one.key for one in sealed}) == 1
    assert {keyring.decrypt(one) for one in sealed} == {b"x"}


def test_rotation(tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    sealed = Keyring(tmp_path / "k", old).encrypt(b"hunter2")
    both = Keyring(tmp_path / "k", f"{new}, {old}")
    assert both.decrypt(sealed) == b"hunter2"
    assert not both.is_current(sealed)
    again = both.encrypt(b"hunter2")
    assert Keyring(tmp_path / "k", new).decrypt(again) == b"hunter2"
    with pytest.raises(KeyUnusableError, match=rf"needs the key {sealed.key}, and the setting secret_key holds \w+$"):
        Keyring(tmp_path / "k", new).decrypt(sealed)


def test_a_file_may_hold_several_keys_and_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    keyring = Keyring(file)
    sealed = keyring.encrypt(b"hunter2")
    file.write_text(f"{new_key()}\n{file.read_text()}")
    assert len(keyring.all()) == 2
    assert keyring.decrypt(sealed) == b"hunter2"
    assert not keyring.is_current(sealed)
    file.unlink()
    with pytest.raises(KeyUnusableError, match="is not here"):
        keyring.decrypt(sealed)


ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
SERVICE = 12345


def test_a_new_key_leaves_the_file_its_mode(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "secret.key")
    keyring.encrypt(b"x")
    keyring.file.chmod(0o640)
    keyring.keep(keyring.put_new()[:1])
    assert stat.S_IMODE(keyring.file.stat().st_mode) == 0o640


@ROOT_ONLY
def test_root_makes_and_changes_the_key_for_the_owner_of_the_home(tmp_path: Path) -> None:
    os.chown(tmp_path, SERVICE, SERVICE + 1)
    keyring = Keyring(tmp_path / "secret.key")
    keyring.encrypt(b"x")
    made = keyring.file.stat()
    keyring.keep(keyring.put_new()[:1])
    changed, lock = keyring.file.stat(), (tmp_path / "secret.key.lock").stat()
    assert [(one.st_uid, one.st_gid) for one in (made, changed, lock)] == [(SERVICE, SERVICE + 1)] * 3
    assert stat.S_IMODE(changed.st_mode) == 0o600


@ROOT_ONLY
def test_a_key_file_that_cannot_be_given_to_its_owner_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    keyring = Keyring(tmp_path / "secret.key")
    keyring.encrypt(b"x")
    before = keyring.all()
    os.chown(keyring.file, SERVICE, SERVICE)
    monkeypatch.setattr(os, "fchown", refused)
    with pytest.raises(HomeNotWritableError, match="is of another user or group") as caught:
        keyring.put_new()
    assert "as its owner" in caught.value.hint
    assert keyring.all() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["secret.key", "secret.key.lock"]


def test_base64_of_either_alphabet_is_one_key(tmp_path: Path) -> None:
    raw = b"\xfb\xff" * 16
    plain, safe = base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
    assert plain != safe
    assert Keyring(tmp_path / "k", plain).all() == Keyring(tmp_path / "k", safe).all()


@pytest.mark.parametrize(
    "text",
    ["hunter2hunter2", "ÄÖÜ" * 15, new_key()[:-5], f"{new_key()},hunter2hunter2"],
    ids=["short", "no base64", "cut", "one of two"],
)
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"secret_key holds something that is not a key") as caught:
        Keyring(tmp_path / "k", text)
    assert "hunter2" not in str(caught.value)
    file = tmp_path / "secret.key"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"secret\.key holds something that is not a key") as caught:
        Keyring(file).encrypt(b"x")
    assert "hunter2" not in str(caught.value)


def test_an_empty_file_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.touch()
    with pytest.raises(ConfigurationError, match="is empty"):
        Keyring(file).encrypt(b"x")
    assert file.read_bytes() == b""


def test_a_damaged_value_is_not_taken_for_another_key(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "secret.key")
    sealed = keyring.encrypt(b"hunter2")
    with pytest.raises(KeyUnusableError, match="damaged"):
        keyring.decrypt(Ciphertext(sealed.token[:-8] + "AAAAAAA=", sealed.key))


def test_a_place_that_takes_no_file_is_named() -> None:
    with pytest.raises(HomeNotWritableError, match=r"/proc/secret\.key.*ASSISTANT_SECRET_KEY"):
        Keyring(Path("/proc/secret.key")).encrypt(b"x")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_use_is_noticed(tmp_path: Path, mode: int) -> None:
    keyring = Keyring(tmp_path / "secret.key")
    keyring.encrypt(b"x")
    keyring.file.chmod(mode)
    assert keyring.is_exposed()
    assert not Keyring(keyring.file, new_key()).is_exposed()
