"""The stored form of what an answer was made from and what it cites: JSON with the exact versions and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any

from assistant.types import (
    Access,
    Answer,
    Box,
    Citation,
    ContextPlan,
    DocumentRef,
    Filters,
    Passage,
    PlannedDocument,
    PlannedPassage,
    PlannedPicture,
    PlanReady,
    ToolUse,
)

MOST_LEFT_OUT = 1000
_NOBODY = Access(frozenset())  # rights are never stored: they are asked for at every reading


def clean(text: str) -> str:
    """Return the text without what databases do not take: NUL and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def plan_row(plan: ContextPlan) -> dict[str, Any]:
    """Return the plan as it is stored: names, versions and places, and no text of any document.

    All that is read is there, for the rights on it. Of what was left out, which may be all of a large corpus, the first
    documents are; the plan's reason counts them all.
    """
    return {
        "mode": plan.mode,
        "reason": clean(plan.reason),
        "budget": plan.budget,
        "tokens": plan.tokens,
        "documents": [_planned_row(planned) for planned in plan.documents],
        "passages": [
            {
                "document": _ref_row(planned.passage.ref),
                "start": planned.passage.start,
                "end": planned.passage.end,
                "tokens": planned.tokens,
            }
            for planned in plan.passages
        ],
        "left_out": [_planned_row(planned) for planned in plan.left_out[:MOST_LEFT_OUT]],
        "pictures": [
            {"kind": one.kind, "tokens": one.tokens, **_place_row(one.place), "document": _ref_row(one.place.ref)}
            for one in plan.pictures
        ],
    }


def plan_of(row: Mapping[str, Any]) -> ContextPlan | None:
    """Return the plan, its passages without their text; None for an empty row."""
    if not row:
        return None
    return ContextPlan(
        mode=row["mode"],
        reason=row["reason"],
        budget=row["budget"],
        tokens=row["tokens"],
        documents=tuple(map(_planned_of, row["documents"])),
        passages=tuple(
            PlannedPassage(Passage(_ref_of(one["document"]), one["start"], one["end"], ""), one["tokens"])
            for one in row["passages"]
        ),
        left_out=tuple(map(_planned_of, row["left_out"])),
        pictures=tuple(PlannedPicture(one["kind"], _place_of(one), one["tokens"]) for one in row.get("pictures", ())),
    )


def answer_row(answer: Answer) -> dict[str, Any]:
    """Return what is stored of a finished answer beside its text and its plan."""
    return {
        "found": answer.found,
        "citations": citation_rows(answer.citations),
        "model": answer.model,
        "usage": asdict(answer.usage),
        "timings": dict(answer.timings),
        "question": clean(answer.question),
        "notes": [clean(note) for note in answer.notes],
        "fallback": answer.fallback,
        "state": answer.state,
        "dropped": answer.dropped,
        "tools": [use_row(use) for use in answer.tools],
    }


def announced_row(event: PlanReady) -> dict[str, Any]:
    """Return what is stored of an answer before it is finished, beside its plan."""
    return {
        "model": event.model,
        "why": clean(event.why),
        "question": clean(event.question),
        "notes": [clean(note) for note in event.notes],
        "fallback": event.fallback,
    }


def use_row(use: ToolUse) -> dict[str, Any]:
    """Return a call as it is stored: with the places that it returned, and not their text."""
    return {
        "id": use.id,
        "name": clean(use.name),
        "arguments": cleaned_arguments(use.arguments),
        "writes": use.writes,
        "reaches_out": use.reaches_out,
        "state": use.state,
        "step": use.step,
        "at": use.at,
        "text": clean(use.text),
        "error": clean(use.error),
        "seconds": use.seconds,
        "passages": [{"document": _ref_row(one.ref), **_place_row(one)} for one in use.passages],
        "first": use.first,
        "told": use.told,
        "documents": list(use.documents),
        "proposed": None if use.proposed is None else cleaned_arguments(use.proposed),
        "reason": clean(use.reason),
    }


def uses_of(row: Mapping[str, Any]) -> tuple[ToolUse, ...]:
    """Return the calls of an answer's row, their passages without their text."""
    return tuple(
        ToolUse(
            **{
                **one,
                "passages": tuple(
                    Passage(_ref_of(place["document"]), place["start"], place["end"], "", place["page"])
                    for place in one["passages"]
                ),
                "documents": tuple(one["documents"]),
            }
        )
        for one in row.get("tools", ())
    )


def cleaned_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments without what databases do not take; see `clean`."""
    found: dict[str, Any] = _cleaned(dict(arguments))
    return found


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _cleaned(one) for name, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list | tuple) else value


def citation_rows(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Return the citations as they are stored."""
    return [_citation_row(citation) for citation in citations]


def citations_of(row: Mapping[str, Any]) -> tuple[Citation, ...]:
    """Return the citations of an answer's row as they were, checked or not."""
    return tuple(
        Citation(
            number=one["number"],
            passage=Passage(
                ref=_ref_of(one["document"]),
                start=one["start"],
                end=one["end"],
                text=one["quote"],
                page=one["page"],
                heading_path=tuple(one["heading_path"]),
                pictures=tuple(one["pictures"]),
                boxes=tuple(Box(*box) for box in one.get("boxes", ())),
            ),
            quote=one["quote"],
            verified=one["verified"],
            supported=one["supported"],
            statement=None if one["statement"] is None else (one["statement"][0], one["statement"][1]),
            kind=one.get("kind", "text"),
        )
        for one in row.get("citations", ())
    )


def filters_row(filters: Filters) -> dict[str, Any]:
    """Return the filters as they are stored."""
    return asdict(filters)


def filters_of(row: Mapping[str, Any]) -> Filters:
    """Return the filters."""
    sources = row["sources"]
    return Filters(
        sources=None if sources is None else tuple(sources),
        media_types=tuple(row["media_types"]),
        paths=tuple(row["paths"]),
        languages=tuple(row["languages"]),
        modified_from=row["modified_from"],
        modified_until=row["modified_until"],
        documents=tuple(row["documents"]),
    )


def _citation_row(citation: Citation) -> dict[str, Any]:
    passage = citation.passage
    return {
        "number": citation.number,
        "document": _ref_row(passage.ref),
        "kind": citation.kind,
        **_place_row(passage),
        "quote": clean(citation.quote),
        "heading_path": [clean(heading) for heading in passage.heading_path],
        "verified": citation.verified,
        "supported": citation.supported,
        "statement": None if citation.statement is None else list(citation.statement),
    }


def _place_row(place: Passage) -> dict[str, Any]:
    """Return where a picture or a quote stands; boxes only of what shows pictures."""
    boxes = place.boxes if place.pictures else ()
    return {
        "page": place.page,
        "start": place.start,
        "end": place.end,
        "pictures": list(place.pictures),
        "boxes": [astuple(box) for box in boxes],
    }


def _place_of(row: Mapping[str, Any]) -> Passage:
    boxes = tuple(Box(*box) for box in row["boxes"])
    return Passage(
        _ref_of(row["document"]), row["start"], row["end"], "", row["page"], boxes, pictures=tuple(row["pictures"])
    )


def _planned_row(planned: PlannedDocument) -> dict[str, Any]:
    return {"document": _ref_row(planned.ref), "tokens": planned.tokens}


def _planned_of(row: Mapping[str, Any]) -> PlannedDocument:
    return PlannedDocument(_ref_of(row["document"]), row["tokens"])


def _ref_row(ref: DocumentRef) -> dict[str, str]:
    return {
        "source": ref.source,
        "key": ref.key,
        "version": ref.version,
        "title": ref.title,
        "uri": ref.uri,
        "media_type": ref.media_type,
    }


def _ref_of(row: Mapping[str, Any]) -> DocumentRef:
    return DocumentRef(**row, access=_NOBODY)
