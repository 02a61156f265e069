"""Documents that a search found, as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.parsing.media_types import media_types_of, short_type
from assistant.retrieval import FoundDocument, FoundDocuments, FoundPlace
from assistant.wire.documents import DocumentJson, SpotJson
from assistant.wire.searches import FiltersJson


class DocumentSearchRequest(FiltersJson):
    """A search for documents."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=100_000)
    sort: Literal["relevance", "date"] = Field("relevance", description="The best first, or the last changed first.")
    limit: int = Field(10, ge=1, le=50)
    offset: int = Field(0, ge=0, le=10_000)


class FoundPlaceJson(BaseModel):
    """A stretch of a document that speaks of the query."""

    page: int | None = Field(description="From 1; null where the format has no pages.")
    start: int = Field(description="First character in the document's text, in Unicode code points.")
    end: int = Field(description="One past the last character.")
    text: str
    heading_path: list[str]
    marks: list[SpotJson] = Field(description="The query's words in it, in whatever form, by their characters.")

    @classmethod
    def of(cls, place: FoundPlace) -> FoundPlaceJson:
        """Return the JSON for the place."""
        return cls(
            page=place.page,
            start=place.start,
            end=place.end,
            text=place.text,
            heading_path=list(place.heading_path),
            marks=[SpotJson(start=start, end=end) for start, end in place.marks],
        )


class FoundDocumentJson(DocumentJson):
    """A document that a search found, with its best places."""

    media_type: str
    type: str = Field(description="The type's short name: `docx`.")
    pages: int
    authors: list[str]
    modified: str = Field(description="ISO 8601 in UTC as the document says; empty if it does not.")
    language: str
    places: list[FoundPlaceJson]

    @classmethod
    def found(cls, document: FoundDocument) -> FoundDocumentJson:
        """Return the JSON for the document."""
        info = document.info
        return cls(
            **DocumentJson.of(info.ref).model_dump(),
            media_type=info.ref.media_type,
            type=short_type(info.ref.media_type),
            pages=info.pages,
            authors=list(info.metadata.authors),
            modified=info.metadata.modified,
            language=info.metadata.language,
            places=[FoundPlaceJson.of(place) for place in document.places],
        )


class CountJson(BaseModel):
    """How many documents would be left."""

    value: str = Field(description="As a filter takes it.")
    name: str = Field(description="For people.")
    count: int


class FacetsJson(BaseModel):
    """What the search may be narrowed to; each counts as if it were not narrowed in the same respect yet."""

    sources: list[CountJson]
    folders: list[CountJson]
    types: list[CountJson]
    years: list[CountJson] = Field(description="When documents were changed, the newest first.")

    @classmethod
    def of(cls, found: FoundDocuments) -> FacetsJson:
        """Return the JSON for the counts."""
        return cls(
            sources=[CountJson(value=name, name=name, count=count) for name, count in found.sources],
            folders=[CountJson(value=path, name=path, count=count) for path, count in found.folders],
            types=_types(found),
            years=[CountJson(value=year, name=year, count=count) for year, count in found.years],
        )


def _types(found: FoundDocuments) -> list[CountJson]:
    """Return the types by their short names, as far as a filter knows the type by that."""
    counts: Counter[tuple[str, str]] = Counter()
    for kind, count in found.media_types:
        name = short_type(kind)
        counts[name if kind in media_types_of(name) else kind, name or kind] += count
    return [CountJson(value=value, name=name, count=count) for (value, name), count in counts.most_common()]


class FoundDocumentsJson(BaseModel):
    """A page of the documents that a search found."""

    documents: list[FoundDocumentJson]
    total: int = Field(description="Documents that were found and that the user may read.")
    more: bool = Field(description="There may be more: only the best passages were looked at.")
    facets: FacetsJson
    seconds: float

    @classmethod
    def of(cls, found: FoundDocuments, seconds: float) -> FoundDocumentsJson:
        """Return the JSON for what was found."""
        return cls(
            documents=[FoundDocumentJson.found(document) for document in found.documents],
            total=found.total,
            more=found.is_cut,
            facets=FacetsJson.of(found),
            seconds=round(seconds, 4),
        )
