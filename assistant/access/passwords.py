"""Passwords: which are taken, and how they are kept (Argon2id)."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.errors import ConfigurationError, TooManyAttemptsError

SHORTEST, LONGEST = 12, 1000  # characters
_AT_ONCE, _WAIT_SECONDS = 4, 5.0  # each takes 64 MiB
_KINDS = 5  # different characters at least

# What is left of a password without its digits and signs, once where it is repeated: these alone are tried first.
_WORDS = """
    password passwort passwd passphrase letmein welcome willkommen admin administrator root user guest test testing
    secret changeme changeit default master login iloveyou qwerty qwertz azerty qwertyuiop qwertzuiop qwertyuiopasdfgh
    qwertyuiopasdf asdfghjkl zxcvbnm abcdefghijkl abcdefghijklm abcdefghijklmnop monkey dragon football baseball
    superman batman sunshine princess trustnoone trustno mypassword thisismypassword correcthorsebatterystaple
    summer winter spring autumn sommer herbst assistant assistent company hello helloworld hallo hallowelt
    qwertyasdfgh qazwsxedcrfv qazwsx
"""
_COMMON = frozenset(_WORDS.split())
_COUNTED = "01234567890123456789" * 3, "09876543210987654321" * 3


class Passwords:
    """Hashes and checks passwords.

    Args:
        hasher: with the parameters that new hashes get; older hashes are made again at the next sign-in.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106's second choice: 64 MiB, 3 rounds, 4 lanes
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = ""
        self._making = threading.Lock()

    def hashed(self, password: str) -> str:
        """Return what is kept of a password. Raises TooManyAttemptsError where too many are at it."""
        with self._at_work():
            return self._hasher.hash(_bytes(password))

    def right(self, hashed: str, password: str) -> bool:
        """Return whether it is this password.

        Args:
            hashed: what is kept of it; where that is empty, nothing is right, after the same work.
            password: what was given.

        Raises:
            TooManyAttemptsError: too many passwords are being checked.
        """
        kept = hashed or self._nobody()
        with self._at_work():
            try:
                return self._hasher.verify(kept, _bytes(password[: LONGEST + 1])) and bool(hashed)
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, hashed: str) -> bool:
        """Return whether the hash was made with other parameters than new ones get."""
        return self._hasher.check_needs_rehash(hashed)

    def _nobody(self) -> str:
        with self._making:
            self._nobodys = self._nobodys or self._hasher.hash(secrets.token_urlsafe())
            return self._nobodys

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        if not self._room.acquire(timeout=_WAIT_SECONDS):
            raise TooManyAttemptsError("too many people sign in at this moment", "try again in a few seconds")
        try:
            yield
        finally:
            self._room.release()


def must_be_good(password: str, *about: str) -> None:
    """Raise ConfigurationError where a password is too short, too long or easily guessed.

    Args:
        password: the new one.
        about: the person's id, name and mail address.
    """
    text = _normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise ConfigurationError(
            f"a password has {SHORTEST} to {LONGEST} characters, not {len(text)}", "a few words in a row are good"
        )
    folded = text.casefold()
    letters = _once(re.sub(r"[\W\d_]", "", folded))
    known = {part for one in about for part in (one.casefold(), *re.split(r"[\W\d_]+", one.casefold())) if part}
    digits = re.sub(r"\W", "", folded)
    counted = any(digits in row for row in _COUNTED)
    if len(set(folded)) < _KINDS or counted or letters in _COMMON or letters in known or _once(folded) in known:
        raise ConfigurationError("this password is among the first that are guessed", "a few words in a row are good")


def generated() -> str:
    """Return a password that nobody guesses and that can be read out: five groups of five letters and digits."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look like others
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(5))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


def _once(text: str) -> str:
    """Return what the text repeats, or the text."""
    period = (text + text).find(text, 1) if text else 0
    return text[:period] if 0 < period < len(text) else text
