"""Secrets within JSON: encrypted where they are stored, masked where they are shown, revealed to who needs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from assistant.catalog.keyring import Ciphertext, Keyring, KeyUnusableError
from assistant.errors import ConfigurationError

MASK = "**********"
_TOKEN, _KEY = "$encrypted", "key"


class Secret:
    """A JSON value that is seen only by who calls `reveal`; elsewhere it is a mask. It is decrypted no earlier.

    Args:
        reveal: returns the value; may raise ConfigurationError.
        stored: how the catalog has it, None where it does not yet.
    """

    __slots__ = ("_reveal", "stored")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, reveal: Callable[[], Any], stored: Ciphertext | None = None) -> None:
        self._reveal = reveal
        self.stored = stored

    @classmethod
    def of(cls, value: Any) -> Secret:
        """Return the value as a secret."""
        return cls(lambda: value)

    def reveal(self) -> Any:
        """Return the value.

        Raises:
            ConfigurationError: it cannot be decrypted; the message says whose it is, why, and the hint what to do.
        """
        return self._reveal()

    def is_readable(self) -> bool:
        """Whether `reveal` would return the value."""
        try:
            self._reveal()
        except ConfigurationError:
            return False
        return True

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        if self.is_readable() and other.is_readable():
            return bool(self.reveal() == other.reveal())
        return self is other  # what cannot be read is not known to be the same

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: it would lie open in a queue or a file")


def sealed(value: Any, keyring: Keyring, *, keep_lost: bool = False) -> Any:
    """Return the JSON that is stored: every `Secret` in it encrypted.

    Args:
        value: JSON with `Secret`s in it.
        keyring: encrypts.
        keep_lost: leave what cannot be decrypted as it is stored, instead of raising.

    Raises:
        ConfigurationError: a secret cannot be decrypted to be encrypted again, or the key cannot be used.
        HomeNotWritableError, StorageFullError: a first key cannot be made.
    """
    match value:
        case Secret(stored=stored):
            if stored is None or not (keyring.is_current(stored) or (keep_lost and not value.is_readable())):
                stored = keyring.encrypt(json.dumps(value.reveal()).encode("ascii"))
            return {_TOKEN: stored.token, _KEY: stored.key}
        case Mapping():
            if _TOKEN in value:
                raise ConfigurationError(f"a field may not be called {_TOKEN!r}", "that name is the catalog's own")
            return {key: sealed(item, keyring, keep_lost=keep_lost) for key, item in value.items()}
        case list() | tuple():
            return [sealed(item, keyring, keep_lost=keep_lost) for item in value]
    return value


def unsealed(value: Any, keyring: Keyring, name: str, path: str = "", what: str = "source") -> Any:
    """Return stored JSON with a `Secret` in place of everything that is encrypted in it.

    Args:
        value: what `sealed` returned.
        keyring: decrypts when a secret is revealed.
        name: whose it is, for error messages.
        path: where in it `value` is.
        what: `source` or `tool`.
    """
    if isinstance(value, Mapping):
        if isinstance(value.get(_TOKEN), str):
            stored = Ciphertext(value[_TOKEN], str(value.get(_KEY, "")))
            return Secret(lambda: _decrypted(stored, keyring, name, path, what), stored)
        return {key: unsealed(item, keyring, name, _join(path, key), what) for key, item in value.items()}
    if isinstance(value, list):
        return [unsealed(item, keyring, name, _join(path, at), what) for at, item in enumerate(value)]
    return value


def key_names(value: Any) -> Iterator[str]:
    """Yield the names of the keys that secrets within stored JSON are encrypted with."""
    if isinstance(value, dict):
        if isinstance(value.get(_TOKEN), str):
            yield str(value.get(_KEY, ""))
        else:
            for item in value.values():
                yield from key_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from key_names(item)


def masked(value: Any) -> Any:
    """Return the JSON as people may see it: a mask in place of every `Secret`."""
    return _mapped(value, lambda _: MASK)


def revealed(value: Any) -> Any:
    """Return the JSON with every `Secret` as its value. Raises as `Secret.reveal`."""
    return _mapped(value, Secret.reveal)


def keep_masked(old: Any, new: Any) -> Any:
    """Return `new` with the secrets of `old` where it holds their masks: what an edit of a masked form means.

    In lists, an item that is otherwise as it was keeps its own secrets wherever it stands now; one that was changed
    keeps those of its place while no item came or went. A mask for which no secret is found stays: `registry.validate`
    and the catalog refuse it.

    Args:
        old: what is stored, e.g. `SourceRecord.config` or `SourceRecord.stored_passwords`.
        new: what was sent.
    """
    match old, new:
        case Secret(), str() if new == MASK:
            return old
        case Mapping(), Mapping():
            return {key: keep_masked(old.get(key), item) for key, item in new.items()}
        case ((list() | tuple()), (list() | tuple())):
            return _keep_in_list(old, new)
    return new


def mask_text(text: str, hidden: Sequence[str]) -> str:
    """Return the text with a mask in place of each of the `hidden` strings."""
    for value in sorted(hidden, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text


def _keep_in_list(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    shown = [masked(item) for item in old]
    kept = list(new)
    free = set(range(len(old)))
    places: dict[int, int] = {}
    for at, item in enumerate(new):
        same = [place for place in free if shown[place] == item]
        if len(same) == 1 and shown.count(item) == 1:
            places[at] = same[0]
            free.discard(same[0])
    for at, item in enumerate(new):
        # bare masks look all the same: they keep their place as long as none was taken away
        by_place = len(new) == len(old) or (len(new) > len(old) and item == MASK)
        if at not in places and at in free and by_place:
            places[at] = at
            free.discard(at)
    for at, place in places.items():
        kept[at] = keep_masked(old[place], new[at])
    return kept


def _decrypted(stored: Ciphertext, keyring: Keyring, name: str, path: str, what: str) -> Any:
    try:
        return json.loads(keyring.decrypt(stored))
    except KeyUnusableError as error:
        again = f"`assistant sources passwords {name} FILE`" if path.startswith("passwords") else f"edit the {what}"
        raise ConfigurationError(
            f"a secret of the {what} {name!r} ({path}) cannot be decrypted: {error}",
            f"put its key into {keyring.place}, or give the secret again: {again}",
        ) from None


def _mapped(value: Any, change: Callable[[Secret], Any]) -> Any:
    match value:
        case Secret():
            return change(value)
        case Mapping():
            return {key: _mapped(item, change) for key, item in value.items()}
        case list() | tuple():
            return [_mapped(item, change) for item in value]
    return value


def _join(path: str, part: str | int) -> str:
    return f"{path}.{part}" if path else str(part)
