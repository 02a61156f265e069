"""Hands out what is held on a person, and erases it, for those who may."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.access.roles import must_manage
from assistant.access.stored_text import attachment_key
from assistant.catalog import Catalog
from assistant.errors import AssistantError, NotFoundError, SourceBusyError
from assistant.ingest.uploads import UploadDesk, source_names
from assistant.interfaces import BlobStore
from assistant.personal.held import Held, held
from assistant.types import LOCAL_OPERATOR, User

log = logging.getLogger(__name__)


class Recorded(Protocol):
    """What the audit log holds on people."""

    def of_person(self, person: str) -> Iterable[Any]:
        """Return what is recorded by the person and about the person, the oldest first: mappings or dataclasses."""
        ...

    def forget(self, person: str) -> int:
        """Let nobody read any more what is recorded on the person; returns how much that is."""
        ...


class NothingRecorded:
    """There is no audit log."""

    def of_person(self, person: str) -> Iterable[Any]:
        """See `Recorded`."""
        del person
        return ()

    def forget(self, person: str) -> int:
        """See `Recorded`."""
        del person
        return 0


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        person: the id, which stays.
        conversations, uploads, records: how many of them went just now.
        done: whether all is; else workers still remove the person's uploads from the index, and the rest follows.
    """

    person: str
    conversations: int
    uploads: int
    records: int
    done: bool


class PersonalDesk:
    """See the module.

    Args:
        catalog, blobs: hold what is held.
        uploads: removes what people uploaded.
        remove_source: asks for the removal of a source with its documents and its points in the index.
        recorded: the audit log.
    """

    def __init__(
        self,
        catalog: Catalog,
        blobs: BlobStore,
        uploads: UploadDesk,
        remove_source: Callable[[str], object],
        recorded: Recorded | None = None,
    ) -> None:
        self._catalog = catalog
        self._blobs = blobs
        self._uploads = uploads
        self._remove_source = remove_source
        self._recorded = recorded or NothingRecorded()

    def held(self, person: str, by: User) -> Iterator[Held]:
        """Yield what is held on a person; see `personal.held.held`.

        The person, and the operator at the machine's command line, get all of it. An admin gets the account and what
        is recorded, and not what the person said, attached or uploaded: an admin is no reader by office.

        Raises:
            AccessDeniedError: `by` is neither.
            NotFoundError: there is no such person.
        """
        if by.id != person:
            must_manage(by, "hand out or erase what is held on others")
            self._catalog.people.get(person)
        whole = by.id == person or by.reads_everything
        return held(self._catalog, self._blobs, person, self._recorded.of_person(person), whole=whole)

    def reader(self, person: str) -> User:
        """Return the person as one who reads, with the rights of this moment. Raises NotFoundError."""
        return LOCAL_OPERATOR if person == LOCAL_OPERATOR.id else self._catalog.people.get(person).user

    def erase(self, person: str, by: User) -> Erased:
        """Erase everything that is held on a person but the id, which is never given again.

        It may be done again at any time, and goes on where it was killed: from the first step on nobody signs in as the
        person, and the person is marked until the last one is done.

        Raises:
            AccessDeniedError: `by` is no admin.
            NotFoundError: there is no such person.
            AssistantError: a step failed; the rest is done by `go_on`, or by erasing again.
        """
        must_manage(by, "hand out or erase what is held on others")
        if not self._catalog.personal.begin_erasing(person):
            return Erased(person, 0, 0, 0, done=True)
        return self._erase(person)

    def go_on(self) -> int:
        """Go on with all erasures that were begun; returns how many came to their end."""
        done = 0
        for person in self._catalog.personal.erasing():
            try:
                done += self._erase(person).done
            except AssistantError as error:  # of one person; it is tried again
                log.warning("the erasure of a person is not finished: %s", error)
        return done

    def _erase(self, person: str) -> Erased:
        catalog, owner = self._catalog, User(person)
        catalog.personal.sign_out(person)
        catalog.database.must_be_known("erasing a person")  # a newer version goes on with it
        conversations = [row["id"] for row in catalog.personal.conversations(person)]
        for one in conversations:
            catalog.conversations.condemn(owner, one)  # an answer that is being written ends
            self._blobs.delete(attachment_key(one))
            catalog.conversations.remove(owner, one)
        uploads = catalog.uploads.of(person)
        for upload in uploads:
            self._uploads.remove(owner, upload.key)
        self._remove_sources(person)
        records = self._recorded.forget(person)
        left = catalog.personal.upload_sources(person)
        done = not left and catalog.personal.end_erasing(person, source_names(person))
        return Erased(person, len(conversations), len(uploads), records, done)

    def _remove_sources(self, person: str) -> None:
        for source in self._catalog.personal.upload_sources(person):
            try:
                self._remove_source(source)
            except SourceBusyError:
                log.info("the uploads of a person who is erased are at work; they are removed after that")
            except NotFoundError:  # another process was faster
                continue
