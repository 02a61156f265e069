"""The pictures that are attached in conversations: kept as blobs, named in their turns, gone with the conversation."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assistant.access.stored_text import attachment_key
from assistant.catalog import TurnRecord
from assistant.conversations.stored import clean
from assistant.errors import NotFoundError
from assistant.interfaces import BlobStore
from assistant.types import Attachment

log = logging.getLogger(__name__)
CARRIED = 3  # turns back from which pictures are shown again with a follow-up
Row = Mapping[str, Any]


class Attached:
    """Keeps and reads pictures. Callers have checked whose conversation it is.

    Args:
        blobs: where the files are.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def keep(self, conversation: str, attachments: Sequence[Attachment]) -> list[Row]:
        """Store pictures; returns what their turn says of them. Raises StorageFullError."""
        rows: list[Row] = []
        for one in attachments:
            row = {"id": uuid.uuid4().hex, "name": clean(one.name), "media_type": one.media_type}
            self._blobs.put(attachment_key(conversation, row["id"]), one.data)
            rows.append({**row, "text": clean(one.text), "carried": False})
        return rows

    def read(self, turn: TurnRecord) -> tuple[Attachment, ...]:
        """Return the pictures of a turn, those carried from turns before it too; one that is not there is left out."""
        found = []
        for row in rows_of(turn):
            try:
                data = self._blobs.get(attachment_key(turn.conversation, row["id"]))
            except NotFoundError:
                log.warning("an attachment of the turn %s is not there any more", turn.id)
                continue
            found.append(Attachment(row["name"], data, row["media_type"], row["text"], row["carried"]))
        return tuple(found)

    def image(self, turn: TurnRecord, number: int) -> Attachment:
        """Return one of a turn's pictures, from 1.

        Raises:
            NotFoundError: there is none of that number, or its file is not there.
        """
        rows = rows_of(turn)
        if not 1 <= number <= len(rows):
            raise NotFoundError(f"the turn has no attachment {number}", f"it has {len(rows)}")
        row = rows[number - 1]
        data = self._blobs.get(attachment_key(turn.conversation, row["id"]))
        return Attachment(row["name"], data, row["media_type"], row["text"], row["carried"])

    def drop(self, conversation: str, rows: Iterable[Row]) -> None:
        """Delete these pictures of a conversation."""
        for row in rows:
            self._blobs.delete(attachment_key(conversation, row["id"]))


def rows_of(turn: TurnRecord) -> Sequence[Row]:
    """Return what a turn says of its pictures."""
    rows: Sequence[Row] = turn.options.get("attachments", ())
    return rows


def carried(before: Sequence[TurnRecord]) -> list[Row]:
    """Return the pictures that a follow-up is asked with: those of the last turn that had some of its own.

    Args:
        before: the turns of the branch, oldest first.
    """
    for turn in reversed(before[-CARRIED:]):
        own = [row for row in rows_of(turn) if not row["carried"]]
        if own:
            return [{**row, "carried": True} for row in own]
    return []


def forget_attached(blobs: BlobStore, conversations: Iterable[str]) -> None:
    """Delete all pictures of conversations that are gone."""
    for conversation in conversations:
        blobs.delete(attachment_key(conversation))
