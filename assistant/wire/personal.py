"""What is held on a person, written to a folder or a ZIP file; and what an erasure did, as JSON."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Self

from pydantic import BaseModel, Field

from assistant.conversations import ConversationDesk, markdown
from assistant.errors import ConfigurationError, NotFoundError
from assistant.personal import Erased, Held, PersonalDesk
from assistant.personal.held import of_json
from assistant.types import User
from assistant.wire.conversations import ConversationJson

_WITHHELD = (
    "What the person asked, attached, uploaded and said of answers is left out: whoever manages people does not read"
    " it. The person gets it by GET /api/me/export, the operator by `assistant users export`."
)


class ErasedJson(BaseModel):
    """What an erasure did."""

    user: str = Field(description="The id, which stays and is given to nobody again.")
    conversations: int
    uploads: int
    records: int = Field(description="Entries of the audit log that nobody can read any more.")
    done: bool = Field(description="Whether all is erased; else workers still remove uploads, and the rest follows.")

    @classmethod
    def of(cls, erased: Erased) -> Self:
        """Return it as JSON."""
        return cls(
            user=erased.person,
            conversations=erased.conversations,
            uploads=erased.uploads,
            records=erased.records,
            done=erased.done,
        )


def exported(desk: PersonalDesk, conversations: ConversationDesk, person: str, by: User) -> Iterator[Held]:
    """Yield the files of an export; answers are in it as the person may read them now, for whoever gets all of it.

    Raises:
        AccessDeniedError, NotFoundError: as `PersonalDesk.held`, before the first file.
    """
    files = desk.held(person, by)
    whole = by.id == person or by.reads_everything
    return _exported(files, conversations, desk.reader(person), whole=whole)


def _exported(files: Iterator[Held], conversations: ConversationDesk, reader: User, *, whole: bool) -> Iterator[Held]:
    names = []
    for one in _answers(conversations, reader) if whole else ():
        names.append(one.name)
        yield one
    for one in files:
        names.append(one.name)
        yield one
    about = {"person": reader.id, "made_at": time.time(), "complete": whole, "withheld": "" if whole else _WITHHELD}
    yield of_json("contents.json", {**about, "files": names})


def _answers(conversations: ConversationDesk, reader: User) -> Iterator[Held]:
    """Yield each conversation with its answers; a deleted one is held by its questions alone, in `asked.json`."""
    offset, total = 0, 1
    while offset < total:
        part, total = conversations.page(reader, limit=50, offset=offset)
        offset += 50
        for record in part:
            folder = f"conversations/{record.id}"
            try:
                kept = conversations.get(reader, record.id, whole=True)
                shown = conversations.get(reader, record.id)
            except NotFoundError:  # deleted meanwhile
                continue
            yield Held(f"{folder}/conversation.json", ConversationJson.of(kept).model_dump_json(indent=1).encode())
            yield Held(f"{folder}/conversation.md", markdown(shown).encode())


def write_zip(files: Iterator[Held], to: BinaryIO) -> int:
    """Write the files as a ZIP file; returns how many."""
    count = 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for count, one in enumerate(files, start=1):  # noqa: B007 (returned)
            archive.writestr(one.name, one.data)
    return count


def write_folder(files: Iterator[Held], folder: Path) -> int:
    """Write the files into a new folder, for its owner only; returns how many.

    Raises:
        ConfigurationError: there is something in it already, or it cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigurationError(f"{folder} is not empty", "name a new folder, or a file that ends with .zip")
        count = 0
        for count, one in enumerate(files, start=1):  # noqa: B007 (returned)
            path = folder / one.name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(one.data)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}", "check the path") from error
    return count
