"""Lists a mailbox's mails and hands them out."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Change, Changed, Checkpoint, Deleted, RawDocument
from plugins.imap.config import ImapConfig
from plugins.imap.mailbox import Folder, Mailbox


class ImapSource:
    """Every mail of the folders; the key is `FOLDER/VALIDITY-UID.eml`, which no other mail ever gets.

    The cursor holds the uids of each folder, so that only new mails are asked for.
    """

    def __init__(self, config: ImapConfig) -> None:
        self._config = config
        self._mailbox = Mailbox(config)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: what came and went since the cursor, or all where mails may have been moved."""
        before = _read(cursor)
        now: dict[str, tuple[Folder, list[int]]] = {}
        for name in self._mailbox.folders():
            try:
                folder = self._mailbox.open(name)
                now[name] = (folder, self._mailbox.uids(folder))
            except NotFoundError:  # it went while we looked
                continue
        there, former = set(_keys(_uids(now))), before or {}
        gone = [key for key in _keys(former) if key not in there]
        come = {name: sorted(set(uids) - set(former.get(_place(folder), ()))) for name, (folder, uids) in now.items()}
        if before is None or (gone and any(come.values())):
            come = {name: uids for name, (_, uids) in now.items()}
            gone = []
        yield from map(Deleted, gone)
        for name, uids in come.items():
            folder = now[name][0]
            for uid, mark in self._mailbox.marks(folder, uids):
                yield Changed(_key(folder, uid), mark)
        whole = all(come[name] == uids for name, (_, uids) in now.items()) and not gone
        yield Checkpoint(_write(_uids(now)), complete=whole)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        folder, uid = _parsed(key)
        size = self._mailbox.size(folder, uid)
        if size is None:
            raise NotFoundError(f"the mail {key} is gone")
        if size > self._config.max_bytes:
            raise DocumentTooLargeError(
                f"the mail {key} has {size:,} bytes, the limit is {self._config.max_bytes:,}",
                "raise max_bytes of the source",
            )
        data = self._mailbox.read(folder, uid)
        if data is None:
            raise NotFoundError(f"the mail {key} is gone")
        uri = f"imap://{quote(self._config.username, safe='')}@{self._config.host}/{quote(folder.name)}"
        return RawDocument(
            key, data, "message/rfc822", _subject(data) or key, f"{uri};UIDVALIDITY={folder.validity}/;UID={uid}"
        )


def _subject(data: bytes) -> str:
    message = email.message_from_bytes(data[:200_000], policy=email.policy.default)
    return " ".join(str(message.get("Subject", "")).split())


def _place(folder: Folder) -> str:
    return f"{folder.name}/{folder.validity}"


def _key(folder: Folder, uid: int) -> str:
    return f"{_place(folder)}-{uid}.eml"


def _parsed(key: str) -> tuple[Folder, int]:
    name, _, mail = key.rpartition("/")
    validity, _, uid = mail.removesuffix(".eml").partition("-")
    if not name or not validity.isdecimal() or not uid.isdecimal() or not mail.endswith(".eml"):
        raise NotFoundError(f"{key!r} is no mail of this mailbox")
    return Folder(name, int(validity)), int(uid)


def _uids(now: dict[str, tuple[Folder, list[int]]]) -> dict[str, list[int]]:
    return {_place(folder): uids for folder, uids in now.values()}


def _keys(uids: dict[str, list[int]]) -> Iterable[str]:
    return (f"{place}-{uid}.eml" for place, numbers in uids.items() for uid in numbers)


def _write(places: dict[str, list[int]]) -> str:
    """Return the uids as ranges, for a folder of a hundred thousand mails is a few of these."""
    written: dict[str, list[list[int]]] = {}
    for place, uids in places.items():
        ranges: list[list[int]] = []
        for uid in uids:
            if ranges and ranges[-1][1] == uid - 1:
                ranges[-1][1] = uid
            else:
                ranges.append([uid, uid])
        written[place] = ranges
    return json.dumps(written, separators=(",", ":"))


def _read(cursor: str | None) -> dict[str, list[int]] | None:
    """Return the uids that a cursor holds; None where there is none of this source: all mails are listed then."""
    try:
        loaded: dict[str, list[list[int]]] | None = json.loads(cursor) if cursor else None
    except ValueError:
        return None
    if not isinstance(loaded, dict):
        return None
    return {place: [uid for low, high in ranges for uid in range(low, high + 1)] for place, ranges in loaded.items()}
