"""Search results and answers as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from assistant.types import (
    Answer,
    AnswerState,
    Citation,
    CitationKind,
    ContextPlan,
    Passage,
    PictureKind,
    PlannedDocument,
    PlannedPicture,
    PlanReady,
    SearchTrace,
)
from assistant.wire.calls import ToolUseJson
from assistant.wire.documents import DocumentJson, SpotJson
from assistant.wire.searches import TraceJson


class HitJson(BaseModel):
    """A passage that a search found."""

    rank: int
    score: float
    document: DocumentJson
    page: int | None = Field(description="From 1; null where the format has no pages.")
    start: int = Field(description="First character in the document's text, in Unicode code points.")
    end: int = Field(description="One past the last character.")
    text: str
    pictures: list[int] = Field(description="Numbers of the document's pictures that are shown there, from 1.")
    captions: str = Field(description="What a vision model generated of those pictures; no part of the document.")
    notices: list[tuple[int, int]] = Field(
        description="Characters of the document's text, as `start` and `end`, that its parser wrote: not its own words."
    )
    also: list[DocumentJson] = Field(description="Other documents that say the same.")
    spots: list[SpotJson] = Field(description="What was found, where more is shown around it; else empty.")

    @classmethod
    def of(cls, rank: int, passage: Passage) -> HitJson:
        """Return the JSON for the passage at `rank` (from 1)."""
        return cls(
            rank=rank,
            score=round(passage.score, 6),
            document=DocumentJson.of(passage.ref),
            page=passage.page,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            pictures=list(passage.pictures),
            captions=passage.captions,
            notices=list(passage.notices),
            also=[DocumentJson.of(ref) for ref in passage.also],
            spots=[SpotJson(start=start, end=end) for start, end in passage.spots],
        )


class SearchJson(BaseModel):
    """What a search found, best first."""

    hits: list[HitJson]
    seconds: float
    trace: TraceJson | None = Field(None, description="How it was found, where that was asked for.")

    @classmethod
    def of(cls, passages: Sequence[Passage], seconds: float, trace: SearchTrace | None = None) -> SearchJson:
        """Return the JSON for the passages."""
        hits = [HitJson.of(rank, passage) for rank, passage in enumerate(passages, 1)]
        shown = None if trace is None else TraceJson.of(trace)
        return cls(hits=hits, seconds=round(seconds, 4), trace=shown)


class RegionJson(BaseModel):
    """A rectangle on a page in points (1/72 inch; pixels of an image), origin at the page's top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def shown(cls, place: Passage) -> list[RegionJson]:
        """Return where the pictures of a place stand."""
        return [cls(page=b.page, left=b.left, top=b.top, right=b.right, bottom=b.bottom) for b in place.boxes]


class CitationJson(BaseModel):
    """The place a statement rests on."""

    number: int
    kind: CitationKind = Field(
        description="`text`; or what the model looked at: a `picture`, a `page` with figures, an `attachment` of the "
        "question. What it saw there cannot be verified; `quote` holds words that were recognised there, if any."
    )
    document: DocumentJson = Field(description="Of an attachment, its name; its `source` is empty.")
    page: int | None
    start: int
    end: int
    quote: str
    heading_path: list[str] = Field(description="Headings above the place, the outermost first.")
    pictures: list[int] = Field(description="Numbers of the document's pictures that are shown there, from 1.")
    verified: bool = Field(description="The quote stands exactly at `start` to `end` of the document's text.")
    supported: bool | None = Field(description="The statement follows from the quote; null where nobody can tell.")
    statement: SpotJson | None = Field(description="The characters of the answer that it is said of; null if unknown.")
    flagged: bool = Field(description="The document reads like orders to an assistant, and nobody has looked at it.")
    regions: list[RegionJson] = Field(description="Where the pictures stand on their page, as far as is known.")

    @classmethod
    def of(cls, citation: Citation) -> CitationJson:
        """Return the JSON for the citation."""
        passage = citation.passage
        return cls(
            number=citation.number,
            kind=citation.kind,
            document=DocumentJson.of(passage.ref),
            page=passage.page,
            start=passage.start,
            end=passage.end,
            quote=citation.quote,
            heading_path=list(passage.heading_path),
            pictures=list(passage.pictures),
            verified=citation.verified,
            supported=citation.supported,
            statement=SpotJson(start=citation.statement[0], end=citation.statement[1]) if citation.statement else None,
            flagged=passage.ref.flagged,
            regions=[] if citation.kind == "text" else RegionJson.shown(passage),
        )


class PlannedPassageJson(BaseModel):
    """A passage in the context."""

    document: DocumentJson
    start: int
    end: int
    tokens: int


class PlannedDocumentJson(DocumentJson):
    """A whole document in the context, or left out of it."""

    tokens: int

    @classmethod
    def planned(cls, planned: PlannedDocument) -> PlannedDocumentJson:
        """Return the JSON for the planned document."""
        return cls(**DocumentJson.of(planned.ref).model_dump(), tokens=planned.tokens)


class PlannedPictureJson(BaseModel):
    """A picture that the model is shown."""

    kind: PictureKind = Field(description="As a citation's.")
    document: DocumentJson = Field(description="Of an attachment, its name; its `source` is empty.")
    page: int | None
    pictures: list[int] = Field(description="Numbers of the document's pictures, or of the attachment, from 1.")
    tokens: int

    @classmethod
    def planned(cls, planned: PlannedPicture) -> PlannedPictureJson:
        """Return the JSON for the planned picture."""
        place = planned.place
        document, numbers = DocumentJson.of(place.ref), list(place.pictures)
        return cls(kind=planned.kind, document=document, page=place.page, pictures=numbers, tokens=planned.tokens)


class PlanJson(BaseModel):
    """What was put before the answerer and why."""

    mode: Literal["chunks", "documents", "corpus"]
    reason: str
    budget: int
    tokens: int
    documents: list[PlannedDocumentJson]
    passages: list[PlannedPassageJson]
    left_out: list[PlannedDocumentJson]
    pictures: list[PlannedPictureJson]

    @classmethod
    def of(cls, plan: ContextPlan) -> PlanJson:
        """Return the JSON for the plan."""
        return cls(
            mode=plan.mode,
            reason=plan.reason,
            budget=plan.budget,
            tokens=plan.tokens,
            documents=[PlannedDocumentJson.planned(document) for document in plan.documents],
            passages=[
                PlannedPassageJson(
                    document=DocumentJson.of(planned.passage.ref),
                    start=planned.passage.start,
                    end=planned.passage.end,
                    tokens=planned.tokens,
                )
                for planned in plan.passages
            ],
            left_out=[PlannedDocumentJson.planned(document) for document in plan.left_out],
            pictures=[PlannedPictureJson.planned(picture) for picture in plan.pictures],
        )


class UsageJson(BaseModel):
    """Tokens read and written."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int | None = Field(
        None, description="Of those read, from the model server's prefix cache; null where it does not say."
    )


class AnnouncedJson(PlanJson):
    """The plan as the event `plan` tells it, before the answer; the last one counts."""

    model: str = Field(description="Who answers.")
    why: str = Field(description="Why it is this model; empty where there is no choice.")
    question: str = Field(description="The question that is answered, where it is another than the one asked.")
    notes: list[str] = Field(description="What the reader has to know of how the answer comes to be.")
    fallback: bool = Field(description="Sentences are quoted because the language model did not answer.")

    @classmethod
    def announced(cls, event: PlanReady) -> AnnouncedJson:
        """Return the JSON for the event."""
        return cls(
            **PlanJson.of(event.plan).model_dump(),
            model=event.model,
            why=event.why,
            question=event.question,
            notes=list(event.notes),
            fallback=event.fallback,
        )


class AnswerJson(BaseModel):
    """A finished answer."""

    answer: str
    found: bool
    citations: list[CitationJson]
    plan: PlanJson
    usage: UsageJson
    model: str
    timings: dict[str, float]
    question: str = Field(description="The question that was answered, where it is another than the one asked.")
    notes: list[str] = Field(description="What the reader has to know of how the answer came to be.")
    fallback: bool = Field(description="Sentences are quoted because the language model did not answer.")
    state: AnswerState = Field(description="`complete`, or why it ends in its middle; `waiting` for a person.")
    dropped: int = Field(description="Marks of the model that pointed to nothing and were left out.")
    tools: list[ToolUseJson] = Field(description="Calls of tools, in their order.")

    @classmethod
    def of(cls, answer: Answer) -> AnswerJson:
        """Return the JSON for the answer."""
        return cls(
            answer=answer.text,
            found=answer.found,
            citations=[CitationJson.of(citation) for citation in answer.citations],
            plan=PlanJson.of(answer.plan),
            usage=UsageJson(
                prompt_tokens=answer.usage.prompt_tokens,
                completion_tokens=answer.usage.completion_tokens,
                cached_tokens=answer.usage.cached_tokens,
            ),
            model=answer.model,
            timings={name: round(seconds, 4) for name, seconds in answer.timings.items()},
            question=answer.question,
            notes=list(answer.notes),
            fallback=answer.fallback,
            state=answer.state,
            dropped=answer.dropped,
            tools=[ToolUseJson.of(use) for use in answer.tools],
        )
