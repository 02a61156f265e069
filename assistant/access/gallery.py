"""The pictures that passages show, for a model that sees: pages with figures and single pictures, by their readers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assistant.access.library import Library
from assistant.access.pages import PageImages
from assistant.adapters.pixels import reencoded
from assistant.errors import AssistantError, NotFoundError
from assistant.types import Document, DocumentRef, ImagePart, Passage, Picture, PlannedPicture, User

log = logging.getLogger(__name__)
SIDE = 1344  # pixels: four of the tiles that Llama 4 looks at; more costs the server work and shows it nothing
_PDF = "application/pdf"  # pages of other documents are printed first, which nobody waits for
_CORNER = 1.0  # points from it


@dataclass(frozen=True, slots=True)
class Gallery:
    """Looks up pictures and draws pages, each for one user.

    Args:
        library: says who may read what.
        pages: draws them.
    """

    library: Library
    pages: PageImages

    def shown(self, passages: Iterable[Passage], user: User) -> list[PlannedPicture]:
        """Return the pictures that the passages show, once each, the best passage's first; `image` gets them.

        Figures on a page of a PDF are one picture: the page, where their titles and legends can be read. A passage of
        a version that is not current any more, or that may not be read, shows none.
        """
        found: dict[tuple[DocumentRef, int | None, tuple[int, ...]], PlannedPicture] = {}
        for passage in passages:
            if not passage.pictures:
                continue
            document = self._document(passage.ref, user)
            if document is None:
                continue
            for shown in _of_document(document, passage):
                place = shown.place
                numbers = () if shown.kind == "page" else place.pictures
                found.setdefault((place.ref, place.page, numbers), shown)
        return list(found.values())

    def image(self, picture: PlannedPicture, user: User) -> ImagePart | None:
        """Return the picture as a file that servers decode; None where it cannot be had, which is logged.

        Args:
            picture: from `shown`.
            user: who looks; whether this user may read the document is looked up again.
        """
        ref, numbers = picture.place.ref, picture.place.pictures
        try:
            if picture.kind == "page":
                data = self.pages.image(ref.source, ref.key, picture.place.page, user, width=SIDE)
            else:
                data = self.library.picture(ref.source, ref.key, numbers[0], user).data
            return ImagePart(*reencoded(data, SIDE))
        except AssistantError as error:
            log.warning("a picture of %s is not shown to the model: %s", ref.key, error)
            return None

    def _document(self, ref: DocumentRef, user: User) -> Document | None:
        try:
            document = self.library.read(ref.source, ref.key, user)
        except NotFoundError:
            return None
        return document if document.ref.version == ref.version else None


def _of_document(document: Document, passage: Passage) -> Iterator[PlannedPicture]:
    for number in passage.pictures:
        if not 1 <= number <= len(document.pictures):
            continue
        picture = document.pictures[number - 1]
        if document.ref.media_type == _PDF and picture.page is not None and not _is_scan(picture):
            yield PlannedPicture("page", _page(document, picture.page))
        else:
            boxes = (picture.box,) if picture.box else ()
            words = document.text[picture.start : picture.end]
            place = Passage(document.ref, picture.start, picture.end, words, picture.page, boxes, pictures=(number,))
            yield PlannedPicture("picture", place)


def _page(document: Document, number: int) -> Passage:
    """Return the place of a page: its text, and the boxes of all figures on it."""
    page = next((each for each in document.pages if each.number == number), None)
    start, end = (page.start, page.end) if page else (0, 0)
    on_it = {n: p for n, p in enumerate(document.pictures, 1) if p.page == number}
    boxes = tuple(picture.box for picture in on_it.values() if picture.box)
    place = Passage(document.ref, start, end, document.text[start:end], number, boxes, pictures=tuple(on_it))
    return replace(place, notices=tuple(n for n in document.notices if n[0] < end and n[1] > start))


def _is_scan(picture: Picture) -> bool:
    """Whether the picture is its page: a scan's begins at the page's corner, where no figure stands."""
    return picture.box is not None and picture.box.left <= _CORNER and picture.box.top <= _CORNER
