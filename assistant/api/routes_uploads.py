"""Uploads: people bring files, see what became of them, share and remove them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from assistant.api.context import ContextOf, ask_for_sync
from assistant.api.schemas import ErrorJson, RemovedJson
from assistant.api.signed_in import UserOf
from assistant.errors import (
    AssistantError,
    ConfigurationError,
    DocumentTooLargeError,
    IngestError,
)
from assistant.ingest.uploads import TRIGGER
from assistant.wire.uploads import RefusedJson, UploadJson

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

_MOST_FILES = 100  # of one request
_FORM = {
    "type": "object",
    "required": ["files"],
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": _MOST_FILES},
        "readers": {
            "type": "string",
            "description": "Groups, or `user:ID`, after commas, that may read the files too; empty: nobody."
            " Left out: as an earlier upload of that name, else nobody.",
        },
    },
}
_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
_TOO_LARGE: dict[int | str, dict[str, Any]] = {
    413: {"model": ErrorJson, "description": "No file was taken; the first is too large, or over the quota."}
}


class UploadsJson(BaseModel):
    """A person's own uploads, newest first."""

    uploads: list[UploadJson]
    used: int = Field(description="Bytes that they have together.")
    quota: int | None = Field(description="Bytes that they may have together; null: any number.")
    max_bytes: int = Field(description="A larger file is refused.")


class TakenJson(BaseModel):
    """What was taken of the files of a request, and what was not and why."""

    uploads: list[UploadJson]
    refused: list[RefusedJson]


class Sharing(BaseModel):
    """Who may read an upload beside its owner."""

    model_config = ConfigDict(extra="forbid")

    readers: list[str] = Field(description="Groups, or `user:ID` for a person; empty: nobody.")


@router.get("")
def uploads(context: ContextOf, user: UserOf) -> UploadsJson:
    """Return what the user has uploaded, each with its state."""
    desk = context.app.uploads
    return UploadsJson(
        uploads=[UploadJson.of(upload) for upload in desk.of(user)],
        used=desk.used(user),
        quota=desk.quota_bytes or None,
        max_bytes=desk.max_bytes,
    )


@router.post("", status_code=201, response_model=TakenJson, responses=_TOO_LARGE, openapi_extra=_BODY)
async def upload(request: Request, context: ContextOf, user: UserOf) -> TakenJson | Response:
    """Take files; an earlier upload of the same name gives way. An error means that none of them was taken."""
    desk = context.app.uploads
    form = await _form(request, desk.max_bytes)
    taken: list[UploadJson] = []
    refused: list[tuple[str, AssistantError]] = []
    try:
        readers = _readers(form)
        files = [file for _, file in form.multi_items() if isinstance(file, UploadFile)]
        if not files:
            raise ConfigurationError("files: no file was sent", "send them as multipart/form-data")
        for file in files:
            name = file.filename or ""
            try:
                stored = await run_in_threadpool(desk.put, user, name, await file.read(), readers)
                taken.append(UploadJson.of(stored))
            except (IngestError, ConfigurationError) as error:
                refused.append((name, error))
    finally:
        await form.close()
        if taken:
            await run_in_threadpool(ask_for_sync, context, taken[0].source, TRIGGER)
    if not taken:
        return _refusal(refused[0][1])
    return TakenJson(uploads=taken, refused=[RefusedJson.of(name, error) for name, error in refused])


@router.patch("/{key}")
def share(key: str, body: Sharing, context: ContextOf, user: UserOf) -> UploadJson:
    """Replace who may read one of the user's uploads; whom it is taken from cannot read it from now on."""
    shared = context.app.uploads.share(user, key, body.readers)
    ask_for_sync(context, shared.record.source, TRIGGER)
    return UploadJson.of(shared)


@router.delete("/{key}")
def remove(
    key: str,
    context: ContextOf,
    user: UserOf,
    owner: Annotated[str | None, Query(description="Who uploaded it, where an admin removes another's.")] = None,
) -> RemovedJson:
    """Remove an upload; nobody can read it from now on."""
    removed = context.app.uploads.remove(user, key, owner)
    ask_for_sync(context, removed.source, TRIGGER)
    return RemovedJson(removed=1)


class _Files(MultiPartParser):
    """Reads a form as it comes in. Of what is too large it keeps a little more than the limit, which tells that it is.

    The rest is read and thrown away: a client that is cut off while it sends does not see the answer.
    """

    most = 0  # bytes of a file
    _kept = 0

    def on_part_begin(self) -> None:
        self._kept = 0
        super().on_part_begin()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        # what is no file has starlette's own limit, which is not to be cut short
        room = max(self.most, self.max_part_size) + 1 - self._kept
        end = min(end, start + room)
        if end > start:
            self._kept += end - start
            super().on_part_data(data, start, end)


async def _form(request: Request, most: int) -> FormData:
    """Return the request's form; its files are on disk but for their first megabyte.

    Raises:
        ConfigurationError: it is not a form with files.
    """
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        raise ConfigurationError("the request is not a form with files", "send them as multipart/form-data")
    parser = _Files(request.headers, request.stream(), max_files=_MOST_FILES, max_fields=10)
    parser.most = most
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise ConfigurationError(f"the form cannot be read: {error.message}", "see /openapi.json") from error


def _readers(form: FormData) -> list[str] | None:
    given = [value for name, value in form.multi_items() if name == "readers" and isinstance(value, str)]
    if not given:
        return None
    return [name.strip() for value in given for name in value.split(",") if name.strip()]


def _refusal(error: AssistantError) -> Response:
    status = 413 if isinstance(error, DocumentTooLargeError) else 422
    body = ErrorJson(error=error.message, hint=error.hint, code=error.code)
    return JSONResponse(body.model_dump(), status_code=status)
