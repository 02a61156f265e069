"""A source over a server of its own memory, and a scene that does all that the kit knows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assistant.errors import DocumentUnreadableError, NotFoundError, SourceError, SourceUnreachableError
from assistant.types import Access, Changed, Checkpoint, Deleted, RawDocument

log = logging.getLogger("wiki")
SECRET = "tok-77c1e0ab"  # noqa: S105 (a made-up one)


class Config(BaseModel):
    """What an admin fills in."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field("wiki://", description="Where.")
    token: SecretStr = Field(description="Opens it.")


@dataclass
class Server:
    """Pages with numbered changes, as a server with a change log has them."""

    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    readers: dict[str, Access] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    busy: int = 0
    is_down: bool = False
    is_damaged: bool = False

    def ask(self) -> None:
        for _ in range(3):
            if self.is_down:
                raise ConnectionError(f"no answer for token {SECRET}")
            if not self.busy:
                return
            self.busy -= 1
        raise TimeoutError("too many requests")


class Source:
    """A good source: with a change log, readers and patience."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def changes(self, cursor: str | None) -> Iterator[Any]:
        self._ask()
        server = self._server
        if server.is_damaged:
            raise SourceError("the wiki answers with rubbish", "look at its address")
        now = len(server.log)
        if cursor is None or not cursor.isdecimal() or int(cursor) > now:
            for key in list(server.pages):
                yield Changed(key, self._version(key))
            yield Checkpoint(str(now), complete=True)
            return
        for key in dict.fromkeys(server.log[int(cursor) : now]):
            yield Changed(key, self._version(key)) if key in server.pages else Deleted(key)
        yield Checkpoint(str(now))

    def fetch(self, key: str) -> RawDocument:
        self._ask()
        server = self._server
        if key not in server.pages:
            raise NotFoundError(f"there is no {key!r}")
        if key in server.refused:
            raise DocumentUnreadableError(f"{key} is not handed out", "ask its owner")
        return RawDocument(
            key, server.pages[key][1], "", PurePosixPath(key).name, f"wiki://{key}", server.readers.get(key)
        )

    def unmoved(self, version: str) -> str:
        return version

    def _version(self, key: str) -> str:
        access = self._server.readers.get(key)
        return f"{self._server.pages[key][0]}-{sorted(access.allow) if access else ''}"

    def _ask(self) -> None:
        try:
            self._server.ask()
        except OSError:
            raise SourceUnreachableError("the wiki does not answer", "it is tried again") from None


class Scene:
    """Everything that the kit knows to ask for."""

    secret = SECRET
    kind = "wiki"

    def __init__(self, make: Callable[[Server], Any] = Source) -> None:
        self.server = Server()
        self._make = make
        self.config = {"token": SECRET}

    def source(self) -> Any:
        return self._make(self.server)

    def put(self, key: str, data: bytes) -> None:
        self._log(key, (len(self.server.log), data))

    def remove(self, key: str) -> None:
        del self.server.pages[key]
        self.server.log.append(key)

    def rename(self, old: str, new: str) -> None:
        page = self.server.pages.pop(old)
        self.server.log.append(old)
        self._log(new, page)

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        self.server.readers[key] = Access(frozenset(allow), frozenset(deny))
        self.server.log.append(key)

    def refuse(self, key: str) -> None:
        self.server.refused.add(key)

    def throttle(self, times: int) -> None:
        self.server.busy = times

    def down(self, is_down: bool) -> None:
        self.server.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        self.server.is_damaged = is_damaged

    def _log(self, key: str, page: tuple[int, bytes]) -> None:
        self.server.pages[key] = page
        self.server.log.append(key)


def scenes(make: Callable[[Server], Any]) -> dict[str, Callable[[Path], Scene]]:
    return {"wiki": lambda _: Scene(make)}
