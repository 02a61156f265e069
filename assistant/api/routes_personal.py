"""What is held on a person: handed out to the person and to admins, and erased."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from assistant.api.context import Context, ContextOf, ask_for_work
from assistant.api.signed_in import CallerOf, UserOf
from assistant.app.keeping import personal_desk
from assistant.errors import ConfigurationError
from assistant.types import User
from assistant.wire.personal import ErasedJson, exported, write_zip

router = APIRouter(prefix="/api", tags=["personal data"])

_PIECE = 1 << 16
_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}


class Erasure(BaseModel):
    """That it is meant."""

    confirm: str = Field(description="The person's id once more: an erasure cannot be undone.", max_length=200)


@router.get("/me/export", response_class=Response, responses=_ZIP)
def export_own(context: ContextOf, caller: CallerOf) -> Response:
    """Return everything that is held on who asks, as a ZIP file."""
    caller.may("read")
    caller.may("upload")
    return _zip(context, caller.user.id, caller.user)


@router.get("/people/{person}/export", response_class=Response, responses=_ZIP)
def export_of(person: str, context: ContextOf, user: UserOf) -> Response:
    """Return what is held on a person, as a ZIP file, without what the person asked, said, attached and uploaded."""
    return _zip(context, person, user)


@router.post("/people/{person}/erase")
def erase(person: str, body: Erasure, context: ContextOf, user: UserOf) -> ErasedJson:
    """Erase everything that is held on a person but the id; workers then remove the person's uploads from the index."""
    if body.confirm != person:
        raise ConfigurationError("confirm is not the person's id", "send the id in `confirm` if you mean it")
    if user.id == person:
        raise ConfigurationError("nobody erases the account that is signed in", "ask another admin")
    erased = personal_desk(context.app).erase(person, user)
    ask_for_work(context)
    return ErasedJson.of(erased)


def _zip(context: Context, person: str, by: User) -> Response:
    files = exported(personal_desk(context.app), context.app.conversations, person, by)
    packed = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    try:
        write_zip(files, packed)
        packed.seek(0)
    except BaseException:
        packed.close()
        raise
    headers = {"Content-Disposition": 'attachment; filename="personal-data.zip"', "Cache-Control": "private, no-store"}
    return StreamingResponse(_pieces(packed), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
