"""Brings everything that is encrypted under a new key, beside a server that runs, and takes the old one away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.errors import ConfigurationError

if TYPE_CHECKING:
    from assistant.app.parts import App

PAUSE = 5.0  # seconds in which other processes let go of what they have read
_TIMES = 3


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done: the key that is used now, those that were taken away (by name), and how many rows were renewed."""

    key: str
    former: tuple[str, ...]
    rows: int


def rotate(app: App, *, pause: float = PAUSE, sleep: Callable[[float], None] = time.sleep) -> Rotated:
    """Make a new key, encrypt everything by it, and take the old keys away when nothing needs them any more.

    Every process reads the file when it encrypts, so that a server may run meanwhile. Killed at any place, both keys
    are in the file, everything can be read, and the next call goes on.

    Args:
        app: the parts.
        pause: seconds to wait before a key is taken away.
        sleep: waits.

    Raises:
        ConfigurationError: the key is in the setting, there is none, or something still needs an old key.
        CatalogTooNewError: the catalog is of a newer version.
        StorageError: the catalog or the key file cannot be written.
    """
    app.catalog.database.must_be_known("another key")  # what was not found would be lost with the old one
    keyring, rotation = app.catalog.keyring, app.catalog.rotation
    first, *former = keyring.put_new()
    names = {key.name for key in former}
    rows = 0
    for _ in range(_TIMES):
        rows += rotation.renew()
        app.protect_secrets()  # what is sealed rather than encrypted, and what an older version left in plain
        if not _needed(app, names):
            sleep(pause)
            if not _needed(app, names):  # a process that had read the old key first may have written by it
                keyring.keep([first])
                if not _needed(app, names):
                    return Rotated(first.name, tuple(sorted(names)), rows)
                keyring.keep([first, *former])
    where = ", ".join(f"{one.count} in {one.table}" for one in rotation.uses() if one.key in names)
    raise ConfigurationError(
        f"an old key is kept, as something needs it and cannot be encrypted anew: {where}",
        "`assistant secrets check` says what cannot be opened: give it again or remove it, then rotate again",
    )


def _needed(app: App, names: set[str]) -> bool:
    return any(one.key in names for one in app.catalog.rotation.uses())
