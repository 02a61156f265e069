"""The keys that the catalog's secrets are encrypted with: from the setting, or a file that is made on first need."""

from __future__ import annotations

import base64
import binascii
import contextlib
import errno
import fcntl
import hashlib
import hmac
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import ConfigurationError, HomeNotWritableError, StorageFullError

_BYTES = 32
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Key:
    """One key; `name` tells it from others and gives nothing of it away."""

    name: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An encrypted value, and the name of the key that opens it."""

    token: str
    key: str


class KeyUnusableError(Exception):
    """Why a ciphertext cannot be opened; whoever knows what it is of makes an error for people of it."""


class Keyring:
    """Encrypts with the first key, decrypts with any.

    The file is read whenever it is needed: another process may just have made it, or a person put a key before the old.

    Args:
        file: holds the key where the setting does not; made, for its owner only, when something is first encrypted.
        setting: the keys of the setting `secret_key`, separated by commas, the newest first; empty: use the file.

    Raises:
        ConfigurationError: the setting holds something else than keys.
    """

    def __init__(self, file: Path, setting: str = "") -> None:
        self.file = file
        self._given = _parsed(setting, "the setting secret_key")

    @property
    def place(self) -> str:
        """Where the keys are, in words."""
        return "the setting secret_key" if self._given else f"the file {self.file}"

    @property
    def uses_file(self) -> bool:
        """Whether the keys are those of the file."""
        return not self._given

    def all(self) -> tuple[Key, ...]:
        """Return the keys, the one that encrypts first; none where the file was not made yet.

        Raises:
            ConfigurationError: the file cannot be read, or holds something else than keys.
        """
        return self._given or self._read()

    def encrypt(self, value: bytes) -> Ciphertext:
        """Encrypt under the first key; the file is made if there is none.

        Raises:
            ConfigurationError: as `all`.
            HomeNotWritableError, StorageFullError: the file cannot be made.
        """
        from cryptography.fernet import Fernet

        first = (self.all() or self._made())[0]
        return Ciphertext(Fernet(first.secret).encrypt(value).decode("ascii"), first.name)

    def decrypt(self, ciphertext: Ciphertext) -> bytes:
        """Return the value.

        Raises:
            KeyUnusableError: its key is not here, or it is damaged; the message says which.
            ConfigurationError: as `all`.
        """
        from cryptography.fernet import Fernet, InvalidToken, MultiFernet

        keys = self.all()
        if not keys:
            raise KeyUnusableError(f"the key {ciphertext.key} is not here: there is no {self.file}")
        try:
            return MultiFernet([Fernet(key.secret) for key in keys]).decrypt(ciphertext.token.encode())
        except InvalidToken:
            names = [key.name for key in keys]
        if ciphertext.key in names:
            raise KeyUnusableError("what is stored of it is damaged")
        raise KeyUnusableError(f"it needs the key {ciphertext.key}, and {self.place} holds {', '.join(names)}")

    def put_new(self) -> tuple[Key, ...]:
        """Put a new key before the file's, which all processes encrypt with from then on; returns all keys.

        Where there are several already, an earlier change was not ended: it is gone on with, and none is made.

        Raises:
            ConfigurationError: the keys are not in the file, or there is none yet; or as `all`.
            HomeNotWritableError, StorageFullError: the file cannot be written.
        """
        from cryptography.fernet import Fernet

        if self._given:
            raise ConfigurationError(
                "the keys are in the setting secret_key, which no command changes",
                "put a new key before the old one there; see infra/docs/secrets.md",
            )
        with self._locked():
            keys = self.all()
            if not keys:
                raise ConfigurationError(
                    f"there is no key yet: {self.file} is made with the first secret", "there is nothing to change"
                )
            if len(keys) == 1:
                self._write([_key(Fernet.generate_key().decode("ascii"), "a new key"), *keys])
            return self.all()

    def keep(self, keys: Sequence[Key]) -> None:
        """Let the file hold these keys only. Raises as `put_new`."""
        with self._locked():
            self._write(keys)

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes that belong to this purpose and to the first key; the file is made if there is none.

        Raises:
            ConfigurationError, HomeNotWritableError, StorageFullError: as `encrypt`.
        """
        first = (self.all() or self._made())[0]
        return hmac.digest(first.secret, purpose.encode(), "sha256")

    def is_current(self, ciphertext: Ciphertext) -> bool:
        """Whether it is encrypted under the first key. Raises as `all`."""
        keys = self.all()
        return bool(keys) and keys[0].name == ciphertext.key

    def is_exposed(self) -> bool:
        """Whether others than its owner may read or write the file."""
        try:
            return self.uses_file and bool(self.file.stat().st_mode & _OTHERS)
        except OSError:
            return False

    def _read(self) -> tuple[Key, ...]:
        try:
            text = self.file.read_text(encoding="ascii")
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ConfigurationError(
                f"the key file {self.file} cannot be read: {error.strerror}", "check its owner and mode"
            ) from error
        except UnicodeDecodeError:
            text = "?"
        keys = _parsed(text, f"the key file {self.file}")
        if not keys:
            raise ConfigurationError(f"the key file {self.file} is empty", "put it back from a backup, or remove it")
        return keys

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the file."""
        try:
            descriptor = os.open(self.file.with_name(f"{self.file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _cannot_be_written(self.file, error) from error
        with os.fdopen(descriptor) as file:
            if os.geteuid() == 0:
                _give(descriptor, self.file.parent)
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _write(self, keys: Sequence[Key]) -> None:
        """Put the keys into the file, whole or not at all; it keeps its owner and its mode, whoever this is."""
        try:
            descriptor, name = tempfile.mkstemp(prefix=f".{self.file.name}.", dir=self.file.parent)  # mode 0600
            try:
                with os.fdopen(descriptor, "wb") as file:
                    _give(file.fileno(), self.file)
                    os.fchmod(file.fileno(), stat.S_IMODE(self.file.stat().st_mode))
                    file.write(b"".join(key.secret + b"\n" for key in keys))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _keep(self.file.parent)
        except OSError as error:
            raise _cannot_be_written(self.file, error) from error

    def _made(self) -> tuple[Key, ...]:
        """Make the file, whole or not at all; of several that do so at once one wins, and all use its key."""
        from cryptography.fernet import Fernet

        folder = self.file.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=f".{self.file.name}.", dir=folder)  # mode 0600
            try:
                with os.fdopen(descriptor, "wb") as file:
                    if os.geteuid() == 0:  # whoever the home is of is to read it
                        _give(file.fileno(), folder)
                    file.write(Fernet.generate_key() + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                with contextlib.suppress(FileExistsError):
                    os.link(name, self.file)  # unlike a rename, never over a file that is there
            finally:
                os.unlink(name)  # noqa: PTH108 (mkstemp gives a string)
            _keep(folder)
        except OSError as error:
            raise _cannot_be_written(self.file, error) from error
        return self._read()


def _give(descriptor: int, like: Path) -> None:
    """Give an open file the owner of another one, so that a command of root does not lock the service out.

    Raises:
        HomeNotWritableError: it is not for this user to give.
    """
    here, there = os.fstat(descriptor), like.stat()
    if (here.st_uid, here.st_gid) == (there.st_uid, there.st_gid):
        return
    try:
        os.fchown(descriptor, there.st_uid, there.st_gid)
    except PermissionError as error:
        raise HomeNotWritableError(
            f"{like} is of another user or group, to whom its new version cannot be given",
            "run the command as its owner, or as root",
        ) from error


def _cannot_be_written(file: Path, error: OSError) -> HomeNotWritableError | StorageFullError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError(f"no space left for the key file {file}", "free some space")
    return HomeNotWritableError(
        f"the key file {file} cannot be made: {error.strerror}",
        "let the home be written to, or give a key by ASSISTANT_SECRET_KEY",
    )


def _parsed(text: str, place: str) -> tuple[Key, ...]:
    return tuple(_key(part, place) for part in re.split(r"[\s,]+", text) if part)


def _key(text: str, place: str) -> Key:
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _BYTES:  # the text itself is not to be shown
        raise ConfigurationError(
            f"{place} holds something that is not a key",
            "a key is 32 random bytes in base64: `openssl rand -base64 32`",
        )
    return Key(hashlib.sha256(b"assistant key name\0" + raw).hexdigest()[:8], base64.urlsafe_b64encode(raw))


def _keep(folder: Path) -> None:
    """Let the new name outlive a power failure: a lost key would make all secrets unreadable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
