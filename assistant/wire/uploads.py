"""Uploads as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from assistant.errors import AssistantError
from assistant.ingest.uploads import Upload


class UploadJson(BaseModel):
    """A file that a person uploaded, and what became of it."""

    source: str
    key: str
    media_type: str
    size: int = Field(description="In bytes.")
    readers: list[str] = Field(description="Groups, and `user:ID` for persons, that may read it beside its owner.")
    uploaded_at: float = Field(description="Seconds since the epoch, UTC.")
    state: Literal["waiting", "indexed", "failed"]
    error: str | None = Field(None, description="Why it failed.")
    next_try: float | None = Field(None, description="When that is tried again by itself; null: not by itself.")
    replaced: bool = Field(False, description="It took the place of an earlier upload of that name just now.")

    @classmethod
    def of(cls, upload: Upload) -> UploadJson:
        """Return the JSON for the upload."""
        record = upload.record
        return cls(
            source=record.source,
            key=record.key,
            media_type=record.media_type,
            size=record.size,
            readers=[reader.removeprefix("group:") for reader in record.readers],
            uploaded_at=record.created_at,
            state=upload.state,
            error=upload.failure.error if upload.failure else None,
            next_try=upload.next_try,
            replaced=upload.replaced,
        )


class RefusedJson(BaseModel):
    """A file that was not taken."""

    name: str
    error: str
    hint: str
    code: str = Field(description="The error's class: the stable word for its kind.")

    @classmethod
    def of(cls, name: str, error: AssistantError) -> RefusedJson:
        """Return the JSON for a file of that name that was refused for that reason."""
        return cls(name=name, error=error.message, hint=error.hint, code=error.code)
