"""The requests, and the responses that only the API has."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, SecretStr

from assistant.wire import (
    DocumentJson,
    FiltersJson,
    ListedDocumentJson,
    OpenFailureJson,
    PictureJson,
    RunJson,
    SourceJson,
)
from assistant.wire.documents import AccessJson


class ErrorJson(BaseModel):
    """What went wrong, and what to do."""

    error: str
    hint: str
    code: str = Field(description="The error's class: the stable word for its kind.")


class Turn(BaseModel):
    """One turn of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=1_000_000)


class AttachedFile(BaseModel):
    """A picture that belongs to a question."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=300, description="Its file's name.")
    data: Base64Bytes = Field(description="The file, in base64: PNG, JPEG, GIF, WebP, BMP or TIFF.")


class AskRequest(FiltersJson):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=100_000)
    mode: Literal["auto", "chunks", "documents", "corpus"] | None = Field(None, description="null: as configured.")
    budget: int | None = Field(None, ge=1, description="Tokens of context; null: as configured.")
    model: str = Field("", max_length=200, description="Which model is to answer; empty: the cheapest that can.")
    history: list[Turn] = Field(default_factory=list, description="Earlier turns, oldest first.")
    attachments: list[AttachedFile] = Field(default_factory=list, max_length=100, description="Pictures.")


class PictureSearchRequest(FiltersJson):
    """A search for pictures."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=100_000)
    limit: int | None = Field(None, ge=1, le=1000, description="null: as configured.")


class SearchRequest(PictureSearchRequest):
    """A search."""

    focus: bool = Field(False, description="Narrow passages to the sentences that speak of the question.")
    context: int = Field(
        0, ge=0, le=20_000, description="Show so many characters around what was found, or its short section whole."
    )
    explain: bool = Field(False, description="Say what each stage of the search did.")


class DocumentsJson(BaseModel):
    """A page of the list of documents; `total` counts all that the user may read."""

    documents: list[ListedDocumentJson]
    total: int


class TextWindow(BaseModel):
    """Which document, and which of its characters."""

    source: str
    key: str
    start: int = Field(0, ge=0, le=2**53)
    end: int | None = Field(None, ge=0, le=2**53, description="One past the last; default: the text's end.")


class SpanOfText(BaseModel):
    """Which document, and which of its characters."""

    source: str
    key: str
    start: int = Field(ge=0, le=2**53)
    end: int = Field(ge=0, le=2**53, description="One past the last.")


class BoxJson(BaseModel):
    """A rectangle on a page in points (1/72 inch; pixels of an image), origin at the page's top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class BoxesJson(BaseModel):
    """Where a span of text stands on its pages: a box a line."""

    document: DocumentJson
    start: int
    end: int
    boxes: list[BoxJson]


class PicturesJson(BaseModel):
    """The pictures that a document shows, in order."""

    document: DocumentJson
    pictures: list[PictureJson]


class TextJson(BaseModel):
    """A window of a document's text; `length` is the whole text's, `pages` counts the document's pages."""

    document: DocumentJson
    start: int
    end: int
    length: int
    pages: int = 0
    text: str
    opened_until: float | None = Field(
        None,
        description="Until when it is open by a break-glass act, where by that alone; seconds since the epoch.",
    )


class PageJson(BaseModel):
    """One page's text; `pages` counts the document's pages."""

    document: DocumentJson
    page: int
    pages: int
    start: int
    end: int
    text: str
    opened_until: float | None = Field(
        None, description="Until when it is open by a break-glass act, where by that alone; seconds since the epoch."
    )


class NewSource(BaseModel):
    """A source to add."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[\w][\w .@-]{0,99}$", description="Letters, digits, space, `.`, `@`, `-`, `_`.")
    kind: str
    config: dict[str, Any] = Field(default_factory=dict)
    schedule: str | None = Field(None, description="`every 15m`, or five cron fields.")
    time_zone: str = Field("UTC", description="Of the cron fields, e.g. `Europe/Vienna`.")
    passwords: list[SecretStr] = Field(default_factory=list, description="Tried on its encrypted documents.")
    readers: dict[str, Any] = Field(default_factory=dict, description='`{"default": [...], "rules": [...]}`')


class SourceChanges(BaseModel):
    """What to change of a source; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] | None = Field(None, description="Replaces the whole configuration.")
    schedule: str | None = Field(None, description="`every 15m`, or five cron fields; null: none.")
    time_zone: str | None = Field(None, description="Of the cron fields, e.g. `Europe/Vienna`.")
    passwords: list[SecretStr] | None = Field(None, description="Replaces the list.")
    readers: dict[str, Any] | None = Field(None, description='`{"default": [...], "rules": [...]}`')
    concurrency: int | None = Field(None, ge=1, description="Documents fetched and parsed at once; null: any number.")
    per_minute: float | None = Field(None, gt=0, description="Documents a minute; null: any number.")


class SourceTrial(BaseModel):
    """A configuration to try."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    config: dict[str, Any] = Field(default_factory=dict)
    sample: int = Field(0, ge=0, le=50, description="How many of the documents that it lists first to return.")
    readers: dict[str, Any] = Field(default_factory=dict, description='`{"default": [...], "rules": [...]}`')


class SourceRetrial(BaseModel):
    """How to try a source that is there."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] | None = Field(
        None, description="In place of what is stored, which stays as it is; for admins. Null: as it is configured."
    )
    sample: int = Field(0, ge=0, le=50, description="How many of the documents that it lists first to return.")
    readers: dict[str, Any] | None = Field(None, description="Null: the source's rule as it is.")


class SampledJson(BaseModel):
    """A document that a source would list, and who would read it."""

    key: str
    access: AccessJson
    from_source: bool = Field(
        description="Whether the listing says who reads it. Where it does not, the source may still say it with the"
        " document, which then counts instead of the rule."
    )


class TrialJson(BaseModel):
    """That a source can be reached and listed; where it cannot, the answer is an error. `found`: what it reaches."""

    ok: Literal[True]
    found: str = ""
    listed: list[SampledJson] = Field(default_factory=list, description="The first that it lists.")
    more: bool = Field(False, description="It would list more.")


class ScheduleJson(BaseModel):
    """When a schedule would be due next."""

    next: list[float] = Field(description="Seconds since the epoch, UTC.")


class ToolTrial(BaseModel):
    """A configuration of a tool to try."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    config: dict[str, Any] = Field(default_factory=dict)


class NewTool(ToolTrial):
    """A tool to add."""

    name: str = Field(max_length=64, description="a-z, 0-9 and _; what its tools are called, or begin with.")
    groups: list[str] = Field(default_factory=list, description="Who may use it; none: the operator only.")


class ToolCallTrial(BaseModel):
    """A call of a configured tool to try."""

    model_config = ConfigDict(extra="forbid")

    tool: str = Field(max_length=200, description="One of those that it offers.")
    arguments: dict[str, Any] = Field(default_factory=dict)
    agreed: bool = Field(False, description="To a call that changes something, or whose arguments leave the machine.")


class ToolChanges(BaseModel):
    """What to change of a tool; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] | None = Field(None, description="Replaces the whole configuration.")
    groups: list[str] | None = Field(None, description="Replaces the list.")


class FailedKeys(BaseModel):
    """Failed documents of a source."""

    model_config = ConfigDict(extra="forbid")

    source: str
    keys: list[str] | None = Field(None, description="Null: all that failed.")


class FailuresJson(BaseModel):
    """What could not be indexed so far; `count` is how many there are in all."""

    failures: list[OpenFailureJson]
    count: int


class ChangedJson(BaseModel):
    """How many there were."""

    changed: int


class SourcesJson(BaseModel):
    """All sources, and the kinds that plugins offer with the JSON schema of their configuration."""

    sources: list[SourceJson]
    kinds: dict[str, dict[str, Any]]


class RunsJson(BaseModel):
    """A stretch of the runs, newest first; `total` is how many there are in all."""

    runs: list[RunJson]
    total: int


class RemovedJson(BaseModel):
    """How many uploads were removed."""

    removed: int


class StatusJson(BaseModel):
    """What this assistant is and has, as far as this user may know."""

    user: str
    name: str = Field(description="What people call the user; may be empty.")
    role: str = Field(description="`employee`, `curator`, `auditor`, `admin`, or `operator` where nobody signs in.")
    curates: bool = Field(description="Whether the user looks after any source.")
    has_password: bool = Field(description="Whether the user has a password here, which can be changed.")
    sign_in: str = Field(description="`none`: whoever is at the machine is the operator; `accounts`: people sign in.")
    documents: int
    chunks: int
    sources: int = Field(description="That hold what the user may read, or that the user looks after.")
    embedder: str
    index: str = Field(description="The name of the index that searches use; see `assistant reindex --list`.")
    model: str
    models: list[str] = Field(description="The models that this user may choose from; none: nothing to choose.")
    searches_pictures: bool = Field(description="Whether pictures are searched by their looks.")
    version: str


class HealthJson(BaseModel):
    """`ok`, or what is missing."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str] = Field(default_factory=dict)
