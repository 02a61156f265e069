"""The index, for admins: what it is, what its searches find, another one beside it, the swap and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import ContextOf, must_manage
from assistant.api.signed_in import UserOf
from assistant.app.overseeing import sizes
from assistant.audit import note
from assistant.injection import FLAGGED
from assistant.wire.indexes import (
    ComparisonJson,
    IndexJson,
    IndexOverviewJson,
    ProgressJson,
    RecallJson,
    SizesJson,
    SuspicionsJson,
)

router = APIRouter(prefix="/api/index", tags=["index"])


class RecallCheck(BaseModel):
    """With how many stored vectors the index is asked."""

    model_config = ConfigDict(extra="forbid")

    sample: Annotated[int, Field(ge=10, le=1000)] = 100


class IndexToBuild(BaseModel):
    """What another index is made by; what is left out stays as it is, or as the index at work has it."""

    model_config = ConfigDict(extra="forbid")

    embedder: Annotated[str | None, Field(max_length=300, description="As the setting `embedder` names it.")] = None
    chunk_tokens: Annotated[int | None, Field(ge=32, le=8192, description="Longest chunk.")] = None
    sparse_embedder: Annotated[str | None, Field(max_length=300, description="`none` for none.")] = None


class IndexNamed(BaseModel):
    """An index; `force` swaps though it finds clearly less."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)]
    force: bool = False


class FormerIndex(BaseModel):
    """The index to go back to."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str, Field(max_length=40, description="As it was looked at: 409 where another is the former one by now.")
    ] = ""


@router.get("")
def overview(context: ContextOf, user: UserOf) -> IndexOverviewJson:
    """Return the index that searches use, the others, and what goes on with them."""
    must_manage(user)
    app, work = context.app, context.rebuilding
    records = app.catalog.indexes.all() or [app.served]
    compared = {one.name: found for one in records if (found := work.compared(one.name)) is not None}
    checked = work.checked
    return IndexOverviewJson(
        engine=app.settings.index,
        current=app.served.name,
        embedder=app.embedder.name,
        dimension=app.embedder.dimension,
        indexes=[IndexJson.of(one) for one in records],
        sizes=SizesJson.of(sizes(app)),
        compared={name: ComparisonJson.of(found) for name, found in compared.items()},
        worse=[name for name, found in compared.items() if found.loses or found.is_worse],
        recall=None if checked is None else RecallJson.of(*checked),
        progress=None if work.progress is None else ProgressJson.of(work.progress),
        suspicions=SuspicionsJson.of(app.catalog.inventory.suspicions(FLAGGED), FLAGGED),
    )


@router.post("/recall", status_code=202)
def check_recall(body: RecallCheck, context: ContextOf, user: UserOf) -> ProgressJson:
    """Begin to measure what searches find of what exact ones find, for readers of several kinds."""
    must_manage(user)
    note(sample=body.sample)
    return ProgressJson.of(context.rebuilding.check(body.sample))


@router.post("/build", status_code=202)
def build(body: IndexToBuild, context: ContextOf, user: UserOf) -> ProgressJson:
    """Begin to build another index from the stored text, or go on; it is compared at the end, and not gone over to."""
    must_manage(user)
    note(embedder=body.embedder, chunk_tokens=body.chunk_tokens, sparse_embedder=body.sparse_embedder)
    sparse = "" if body.sparse_embedder == "none" else body.sparse_embedder
    return ProgressJson.of(context.rebuilding.build(body.embedder, body.chunk_tokens, sparse))


@router.post("/stop", status_code=202)
def stop(context: ContextOf, user: UserOf) -> ProgressJson | None:
    """End building after the document it is at; what was built stays, and building again goes on with it."""
    must_manage(user)
    context.rebuilding.stop()
    progress = context.rebuilding.progress
    return None if progress is None else ProgressJson.of(progress)


@router.post("/swap", status_code=202)
def swap(body: IndexNamed, context: ContextOf, user: UserOf) -> ProgressJson:
    """Let searches use an index that was built and compared; the former one is kept, and kept level."""
    must_manage(user)
    note(name=body.name, force=body.force)
    return ProgressJson.of(context.rebuilding.swap(body.name, force=body.force))


@router.post("/back", status_code=202)
def back(context: ContextOf, user: UserOf, body: FormerIndex | None = None) -> ProgressJson:
    """Let searches use the index again that they used before."""
    must_manage(user)
    name = body.name if body else ""
    note(name=name)
    return ProgressJson.of(context.rebuilding.back(name))


@router.post("/drop", status_code=202)
def drop(body: IndexNamed, context: ContextOf, user: UserOf) -> ProgressJson:
    """Give an index up and delete it: there is no way back to it then."""
    must_manage(user)
    note(name=body.name)
    return ProgressJson.of(context.rebuilding.drop(body.name))
