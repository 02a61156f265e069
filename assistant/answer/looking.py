"""Chooses the pictures that a model is shown for a question: what is attached, then those of the best passages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.adapters.chat_counting import KeptCounts
from assistant.context import Library
from assistant.herd import Room
from assistant.prompts import Shown, picture_frame, picture_order, words_frame
from assistant.types import Access, Attachment, ChatMessage, DocumentRef, ImagePart, Passage, PlannedPicture, User

BEST = 3  # passages that say whether a question is one of pictures
_SHARE = 2  # of the room for documents, pictures have one part of so many at most
_NOBODY = Access(frozenset())


class Gallery(Protocol):
    """The pictures that passages show, as their reader may see them; `access.Gallery`."""

    def shown(self, passages: Sequence[Passage], user: User) -> list[PlannedPicture]:
        """Return the pictures that the passages show, the best passage's first."""
        ...

    def image(self, picture: PlannedPicture, user: User) -> ImagePart | None:
        """Return the picture as a file; None where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Looking:
    """The pictures that a model is shown; `tokens` are those of the documents' pictures, `beside` those attached."""

    pictures: tuple[Shown, ...] = ()
    attached: tuple[Shown, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def planned(self) -> tuple[PlannedPicture, ...]:
        """What of them is the plan's: all, those of documents first."""
        return tuple(each.source for each in (*self.pictures, *self.attached))

    @property
    def tokens(self) -> int:
        """Tokens of the documents' pictures."""
        return sum(each.source.tokens for each in self.pictures)

    @property
    def beside(self) -> int:
        """Tokens of what is attached."""
        return sum(each.source.tokens for each in self.attached)

    @property
    def images(self) -> int:
        """How many images the prompt has."""
        return sum(each.image is not None for each in (*self.pictures, *self.attached))


class Looker:
    """Chooses pictures and counts them. Safe to use from several threads.

    Args:
        gallery: None where documents' pictures are not shown.
        library: says the dates of documents.
        key: of the frames.
        most: pictures of documents that are shown for a question at most, whatever the server takes.
    """

    def __init__(self, gallery: Gallery | None, library: Library, key: bytes, most: int) -> None:
        self._gallery, self._library, self._key, self._most = gallery, library, key, most
        self._counts = KeptCounts()

    def look(
        self,
        room: Room,
        user: User,
        hits: Sequence[Passage],
        attachments: Sequence[Attachment],
        *,
        free: int,
        for_documents: int,
    ) -> Looking:
        """Return what a model is shown: never more than its server takes, nor than there is room for.

        Args:
            room: the model.
            user: who asks: pictures are read as this user.
            hits: passages, best first.
            attachments: what the person attached.
            free: tokens that there are for what is attached and for documents.
            for_documents: tokens that there are for documents at most; pictures take half of them at most.

        Raises:
            ModelServerError: the server does not count.
        """
        attached = [_attached(number, one) for number, one in enumerate(attachments, 1)]
        if not room.info.vision:
            return self._blind(room, hits, attached, attachments, free)
        limit = room.info.images_per_prompt
        shown = (
            Shown(one, picture_frame(one, None, self._key), ImagePart(a.data, a.media_type))
            for one, a in zip(attached, attachments, strict=True)
        )
        taken = self._fitting(room, shown, limit, free)
        notes = list(_left_out(room, "the attached pictures", len(attached), len(taken), limit))
        for_documents = min(for_documents, free - sum(each.source.tokens for each in taken))
        most = min(self._most, limit - len(taken))
        found, there = self._of_documents(room, user, hits, most, for_documents // _SHARE)
        notes += _left_out(room, "the pictures that the passages show", there, len(found), most)
        return Looking(tuple(picture_order(found)), tuple(taken), tuple(notes))

    def _of_documents(
        self, room: Room, user: User, hits: Sequence[Passage], most: int, tokens: int
    ) -> tuple[list[Shown], int]:
        """Return the best pictures that fit, and how many there are in all."""
        if self._gallery is None:
            return [], 0
        candidates = self._gallery.shown(hits, user)
        infos = self._library.readable([one.place.ref.id for one in candidates], user)
        gallery, key = self._gallery, self._key

        def images() -> Iterator[Shown]:
            for one in candidates:
                image = gallery.image(one, user)
                if image is not None:
                    yield Shown(one, picture_frame(one, infos.get(one.place.ref.id), key), image)

        return self._fitting(room, images(), most, tokens), len(candidates)

    def _blind(
        self,
        room: Room,
        hits: Sequence[Passage],
        attached: Sequence[PlannedPicture],
        attachments: Sequence[Attachment],
        free: int,
    ) -> Looking:
        key = room.member.profile.key
        notes = []
        if any(hit.pictures for hit in hits[:BEST]):
            notes.append(f"{key} does not see pictures: of those in the documents it was given the recognised words")
        worded = [one for one in attached if one.place.text.strip()]
        shown = (Shown(one, words_frame(one, self._key), None) for one in worded)
        taken = self._fitting(room, shown, len(worded), free)
        if attachments:
            what = "the words that were recognised in them" if taken else "nothing: no words were recognised in them"
            notes.append(f"{key} does not see pictures: of those attached to the question it was given {what}")
        if taken and len(taken) < len(attachments):
            notes.append(f"{len(attachments) - len(taken)} of the attached pictures gave no words, or too many")
        return Looking(attached=tuple(taken), notes=tuple(notes))

    def _fitting(self, room: Room, pictures: Iterator[Shown], most: int, tokens: int) -> list[Shown]:
        """Return the first pictures that fit, counted; no more of them are looked at than is needed."""
        found: list[Shown] = []
        while len(found) < most and (one := next(pictures, None)) is not None:
            counted = self._tokens(room, one)
            if counted <= tokens:
                tokens -= counted
                found.append(replace(one, source=replace(one.source, tokens=counted)))
        return found

    def _tokens(self, room: Room, shown: Shown) -> int:
        """Return what a picture adds to a prompt, a few tokens more at most."""
        within = shown.image.data if shown.image else shown.source.place.text.encode("utf-8", "replace")
        digest = hashlib.blake2b(f"{room.info.tokenizer}\n{shown.frame.head}\n".encode("utf-8", "replace") + within)
        kept = self._counts.get(digest.digest())
        if kept is None:
            model = room.member.model
            kept = model.count_tokens([shown.message]) - model.count_tokens([ChatMessage.of("user", "")]) + 1
            self._counts.put(digest.digest(), kept)
        return kept


def _attached(number: int, one: Attachment) -> PlannedPicture:
    version = hashlib.sha256(one.data).hexdigest()[:32]
    name = one.name or f"picture {number}"
    ref = DocumentRef("", f"{number}", version, name, "", one.media_type, _NOBODY)
    return PlannedPicture("attachment", Passage(ref, 0, 0, one.text, pictures=(number,)))


def _left_out(room: Room, what: str, there: int, taken: int, most: int) -> Iterator[str]:
    if taken == there:
        return
    why = f"{most:,} are shown at most" if taken >= most else "there is no room for more"
    yield f"of {what}, {taken} of {there} were shown to {room.member.profile.key}: {why}"
