"""What the API's JSON on documents that were found means to the UI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.models import Citation, DocumentName, Json

FACETS = ("sources", "folders", "types", "years")


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A stretch of a document that speaks of the query; `marks` are the query's words in `text`, by its characters."""

    page: int | None
    start: int
    end: int
    text: str
    heading: tuple[str, ...]
    marks: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, data: Json) -> FoundPlace:
        """Read a place of a document that was found."""
        start = int(data["start"])
        page = data.get("page")
        return cls(
            page=None if page is None else int(page),
            start=start,
            end=int(data["end"]),
            text=str(data["text"]),
            heading=tuple(map(str, data.get("heading_path") or ())),
            marks=tuple((int(one["start"]) - start, int(one["end"]) - start) for one in data.get("marks") or ()),
        )


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document that was found, with its best places."""

    name: DocumentName
    type: str
    pages: int
    authors: tuple[str, ...]
    modified: str
    places: tuple[FoundPlace, ...]

    @classmethod
    def read(cls, data: Json) -> FoundDocument:
        """Read an entry of `POST /api/search/documents`."""
        return cls(
            name=DocumentName.read(data),
            type=str(data.get("type") or ""),
            pages=int(data.get("pages") or 0),
            authors=tuple(map(str, data.get("authors") or ())),
            modified=str(data.get("modified") or ""),
            places=tuple(map(FoundPlace.read, data["places"])),
        )

    def citations(self) -> list[Citation]:
        """Return the places as the panel opens them."""
        return [
            Citation(0, self.name, place.page, place.start, place.end, place.text, verified=True, heading=place.heading)
            for place in self.places
        ]


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture in a document that looks like another; `number` is its own in the document, from 1."""

    name: DocumentName
    page: int | None
    number: int

    @classmethod
    def read(cls, data: Json) -> FoundPicture:
        """Read a hit of `POST /api/search/picture`."""
        page = data.get("page")
        return cls(DocumentName.read(data["document"]), None if page is None else int(page), int(data["pictures"][0]))

    def citation(self) -> Citation:
        """Return it as the panel opens it."""
        return Citation(0, self.name, self.page, 0, 0, "", verified=False, pictures=(self.number,), kind="picture")


@dataclass(frozen=True, slots=True)
class Count:
    """How many documents would be left if the search were narrowed to `value`."""

    value: str
    name: str
    count: int

    @classmethod
    def read(cls, data: Json) -> Count:
        """Read an entry of the facets."""
        return cls(str(data["value"]), str(data["name"]), int(data["count"]))


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """A page of what was found; `facets` by their names in `FACETS`."""

    documents: tuple[FoundDocument, ...]
    total: int
    more: bool
    facets: Mapping[str, tuple[Count, ...]]
    seconds: float

    @classmethod
    def read(cls, data: Json) -> FoundDocuments:
        """Read the answer of `POST /api/search/documents`."""
        facets = {name: tuple(map(Count.read, data["facets"].get(name) or ())) for name in FACETS}
        return cls(
            documents=tuple(map(FoundDocument.read, data["documents"])),
            total=int(data["total"]),
            more=bool(data.get("more")),
            facets=facets,
            seconds=float(data.get("seconds") or 0),
        )
