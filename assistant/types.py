"""The few values that pass between the layers: frozen, slotted, and free of behaviour that needs a library."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["auto", "chunks", "documents", "corpus"]
PlanMode = Literal["chunks", "documents", "corpus"]
BlockKind = Literal["heading", "text", "table", "image", "code"]
Role = Literal["employee", "admin", "operator"]

EVERYONE = "group:everyone"
_NAMESPACE = uuid.UUID("5f0cf1b6-0e3c-5d4e-9a34-7d1d3c9f7a10")


def document_id(source: str, key: str) -> str:
    """Return the stable id of the document `key` in `source`: the same for every version of it."""
    return str(uuid.uuid5(_NAMESPACE, f"{source}\x1f{key}"))


def point_id(document: str, version: str, ordinal: int) -> str:
    """Return the index point's id for one chunk, so that a task done twice writes the same points."""
    return str(uuid.uuid5(_NAMESPACE, f"{document}\x1f{version}\x1f{ordinal}"))


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document: principals `group:NAME` and `user:ID`; a denied principal wins over an allowed one."""

    allow: frozenset[str] = frozenset({EVERYONE})
    deny: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. Only `role == "operator"` (the person at the machine's own command line) reads without a grant."""

    id: str
    groups: frozenset[str] = frozenset()
    role: Role = "employee"

    @property
    def principals(self) -> frozenset[str]:
        """The names that a document's `Access` may allow or deny: `user:ID` and one `group:NAME` a group."""
        return frozenset({f"user:{self.id}", *(f"group:{name}" for name in self.groups)})

    @property
    def reads_everything(self) -> bool:
        """Whether the access filter is left out for this user."""
        return self.role == "operator"


LOCAL_OPERATOR = User(id="operator", groups=frozenset({"everyone"}), role="operator")


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """One version of one document: where it came from, what it is called and who may read it.

    `version` is a digest of the content and of the versions of the parser and the chunker.
    """

    source: str
    key: str
    version: str
    title: str
    uri: str
    media_type: str
    access: Access = field(default_factory=Access)

    @property
    def id(self) -> str:
        """The document's id: the same for every version."""
        return document_id(self.source, self.key)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page in points (1/72 inch), origin at the page's top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Page:
    """The characters `start` to `end` (exclusive) of the document's text that stand on page `number` (from 1).

    A slide, a sheet or a frame of an image is a page too; `name` is a slide's title or a sheet's name.
    """

    number: int
    start: int
    end: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where recognised text stands on its page: `document.text[start:end]` was read inside `box`."""

    start: int
    end: int
    box: Box


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a document: of an archive, or attached to a mail. `name` is its path within, with `/`."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of structure: `document.text[start:end] == text`. `level` is a heading's depth from 1, else 0."""

    kind: BlockKind
    text: str
    start: int
    end: int
    page: int | None = None
    box: Box | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document. `text` is the one coordinate system; blocks, pages and places point into it in code points.

    `places` are given where the file itself does not say where its characters stand (recognised text), in order.
    `members` are documents of their own, with the key `KEY!/NAME`.
    """

    ref: DocumentRef
    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[Page, ...] = ()
    places: tuple[Place, ...] = ()
    members: tuple[Member, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page that holds the character at `offset`, or None where there are no pages."""
        number = None
        for page in self.pages:
            if page.start > offset:
                break
            number = page.number
        return number


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a source fetched: the bytes of one document as they are now, and who may read it.

    `access` is None where the source knows nothing of rights; the admin's rule for the source then decides.
    """

    key: str
    data: bytes
    media_type: str
    title: str
    uri: str
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A key that a source lists. `version` is the source's own cheap mark (ETag, size and times), None if unknown."""

    key: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A key that is gone from a source."""

    key: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Progress of a listing. With `complete`, every key the source holds has been listed: the others are gone."""

    cursor: str
    complete: bool = False


Change = Changed | Deleted | Checkpoint


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document that is embedded as one: `document.text[start:end] == text`, always.

    `table_header` is the header row of the table that the chunk begins inside of, empty elsewhere: rows without it say
    little. It is embedded and searched with the text, and no part of it.
    """

    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    page: int | None = None
    heading_path: tuple[str, ...] = ()
    table_header: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """What the index found, before the catalog has said whether it still counts."""

    document_id: str
    version: str
    chunk: Chunk
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a current document that the user may read. `text` stands at `start` to `end` of its text."""

    ref: DocumentRef
    start: int
    end: int
    text: str
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    score: float = 0.0
    heading_path: tuple[str, ...] = ()
    table_header: str = ""


@dataclass(frozen=True, slots=True)
class PlannedPassage:
    """A passage that the plan puts before the model, with its length in tokens."""

    passage: Passage
    tokens: int


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """A whole document that the plan loads or leaves out, with its length in tokens."""

    ref: DocumentRef
    tokens: int


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """What is put before the answerer and why: `tokens` of `budget`, and every document that was left out."""

    mode: PlanMode
    reason: str
    budget: int
    tokens: int
    passages: tuple[PlannedPassage, ...] = ()
    documents: tuple[PlannedDocument, ...] = ()
    left_out: tuple[PlannedDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """The place that a statement rests on. `verified`: `quote` stands exactly at the passage's `start` to `end`.

    `supported`: the statement follows from the quote; None where nothing here can tell.
    """

    number: int
    passage: Passage
    quote: str
    verified: bool
    supported: bool | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written for one answer."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. `timings` are seconds by phase. `found` is False where the documents do not say."""

    text: str
    found: bool
    citations: tuple[Citation, ...]
    plan: ContextPlan
    model: str
    usage: Usage
    timings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PlanReady:
    """The first event of an answer: what will be read."""

    plan: ContextPlan


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class CitationsReady:
    """The citations of all text that was sent so far."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """The last event: the whole answer."""

    answer: Answer


AnswerEvent = PlanReady | TextDelta | CitationsReady | AnswerDone


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A current document as the catalog knows it; `tokens` in the embedder's tokens, `pages` 0 if it has none."""

    ref: DocumentRef
    pages: int
    chunks: int
    characters: int
    tokens: int


@dataclass(frozen=True, slots=True)
class IndexCounts:
    """How much an index holds."""

    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be indexed: the cause in one line, and whether trying again can help."""

    key: str
    error: str
    retryable: bool
    code: str = ""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """The outcome of one sync; `seen` counts the keys that the source listed."""

    source: str
    run_id: str
    seen: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: int = 0
    chunks: int = 0
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()
