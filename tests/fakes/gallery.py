"""Pictures of documents in memory: what `answer.looking.Gallery` asks of the library and the page drawer."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import NotFoundError
from assistant.types import Box, ImagePart, Passage, PlannedPicture, User
from tests.answer.memory import MemoryLibrary


class FakeGallery:
    """Shows every picture of a passage as a picture on page 2, in a colour of its own. `looked` is what was asked for.

    Args:
        library: says who may read what.
        missing: numbers of pictures that cannot be had.
    """

    def __init__(self, library: MemoryLibrary, missing: Sequence[int] = ()) -> None:
        self._library, self._missing = library, missing
        self.looked: list[tuple[str, int]] = []

    def shown(self, passages: Sequence[Passage], user: User) -> list[PlannedPicture]:
        found: dict[tuple[str, int], PlannedPicture] = {}
        for passage in passages:
            for number in passage.pictures:
                place = Passage(
                    passage.ref, passage.start, passage.start, "", 2, (Box(2, 10, 20, 110, 220),), pictures=(number,)
                )
                found.setdefault((passage.ref.key, number), PlannedPicture("picture", place))
        readable = self._library.readable([passage.ref.id for passage in passages], user)
        return [one for one in found.values() if one.place.ref.id in readable]

    def image(self, picture: PlannedPicture, user: User) -> ImagePart | None:
        ref, number = picture.place.ref, picture.place.pictures[0]
        if not self._library.readable([ref.id], user):
            raise NotFoundError(f"there is no document {ref.key!r} that you may read")
        self.looked.append((ref.key, number))
        if number in self._missing:
            return None
        return ImagePart(f"{ref.key} {number}".encode())
