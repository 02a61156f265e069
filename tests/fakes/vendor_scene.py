"""Lets the conformance kit, which names documents itself, try a vendor's source, where the vendor names them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SourceUnreachableError
from assistant.interfaces import DataSource
from assistant.types import Change, Changed, Deleted, RawDocument
from tests.fakes.vendor_server import TOKEN, VendorServer, start

_DATA = re.compile(rb"BEGIN([A-Za-z0-9+/=]*)END")


def packed(data: bytes) -> str:
    """Return bytes as a text that stands in a thread as it is."""
    return f"BEGIN{base64.b64encode(data).decode()}END"


def until_it_breaks(changes: Iterable[Change]) -> list[Change]:
    """Return what a listing yields before its server ceases to answer, which it has to."""
    found: list[Change] = []
    with pytest.raises(SourceUnreachableError):
        found.extend(changes)
    return found


def marked(changes: Iterable[Change]) -> dict[str, str | None]:
    """Return by key what a listing says of documents: their versions with their readers, None for unknown ones."""
    listed = [change for change in changes if isinstance(change, Changed)]
    return {
        one.key: one.version and f"{one.version} {sorted(one.access.allow) if one.access else ''}" for one in listed
    }


class NamedSource:
    """A source whose documents have the kit's names; all else is as the real source says it."""

    def __init__(self, source: DataSource, names: dict[str, str]) -> None:
        self._source, self._names = source, names

    def changes(self, cursor: str | None) -> Iterator[Change]:
        for change in self._source.changes(cursor):
            match change:
                case Changed(key=key) | Deleted(key=key):
                    if key in self._names:
                        yield replace(change, key=self._names[key])
                case _:
                    yield change

    def fetch(self, key: str) -> RawDocument:
        real = next((real for real, name in reversed(self._names.items()) if name == key), key)
        raw = self._source.fetch(real)
        found = _DATA.search(raw.data)
        return replace(raw, key=key, data=base64.b64decode(found.group(1)) if found else raw.data)


class VendorScene:
    """A scene on a fake server. A subclass gives what raises NotImplementedError here."""

    secret = TOKEN

    def __init__(self, folder: Path, server: VendorServer) -> None:
        del folder
        self.server = server
        self._stop = start(server)
        self.names: dict[str, str] = {}  # of the kit, by the vendor's
        self.config: dict[str, Any] = {
            "url": server.url,
            "token": TOKEN,
            "private_hosts": ["localhost"],
            "refresh_seconds": 0,
        }

    def make(self) -> DataSource:
        raise NotImplementedError

    def create(self, name: str, data: bytes) -> str:
        """Return the new document's key."""
        raise NotImplementedError

    def edit(self, key: str, data: bytes) -> None:
        raise NotImplementedError

    def delete(self, key: str) -> None:
        raise NotImplementedError

    def admit(self, name: str) -> None:
        """Let this person read everything, and nobody else."""
        raise NotImplementedError

    def path(self, key: str) -> str:
        """Return where the server hands a document out."""
        raise NotImplementedError

    def source(self) -> NamedSource:
        return NamedSource(self.make(), self.names)

    def put(self, key: str, data: bytes) -> None:
        known = self._key(key)
        with self.server.lock:
            if known is None:
                self.names[self.create(key, data)] = key
            else:
                self.edit(known, data)

    def remove(self, key: str) -> None:
        known = self._key(key)
        assert known is not None
        with self.server.lock:
            self.delete(known)
        self.names[known] = f"{key} (gone)"

    def refuse(self, key: str) -> None:
        known = self._key(key)
        assert known is not None
        self.server.refused.add(self.path(known))

    def throttle(self, times: int) -> None:
        self.server.busy = times

    def down(self, is_down: bool) -> None:
        self.server.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        self.server.is_damaged = is_damaged

    def close(self) -> None:
        self._stop()

    def _key(self, name: str) -> str | None:
        return next((key for key, known in self.names.items() if known == name), None)
