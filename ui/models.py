"""What the API's JSON means to the UI: small frozen values, read strictly where the UI relies on a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ui.scopes import Scope

Json = Mapping[str, Any]
_PARTS = ("documents", "passages", "left_out", "pictures")  # of a plan


@dataclass(frozen=True, slots=True)
class DocumentName:
    """How a document is named: its source, its key within it, its title and where the original lies."""

    source: str
    key: str
    title: str
    uri: str

    @classmethod
    def read(cls, data: Json) -> DocumentName:
        """Read the contract's `document`; a document without a title goes by its key."""
        key = str(data["key"])
        return cls(str(data["source"]), key, str(data.get("title") or key), str(data.get("uri") or ""))


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A row of the document list; `pages` is 0 for a document without pages."""

    name: DocumentName
    media_type: str
    pages: int
    chunks: int

    @classmethod
    def read(cls, data: Json) -> ListedDocument:
        """Read one entry of `GET /api/documents`."""
        named = data.get("document", data)
        return cls(
            DocumentName.read(named),
            str(data.get("media_type") or ""),
            int(data.get("pages") or 0),
            int(data.get("chunks") or 0),
        )


@dataclass(frozen=True, slots=True)
class TextWindow:
    """The characters `start` to `end` of a document's text, `length` characters in all.

    `page` of `pages` is set where the window is a page. `opened_until` is set where the document is open by a
    break-glass act alone: until when, in seconds since the epoch.
    """

    document: DocumentName
    start: int
    end: int
    text: str
    length: int = 0
    page: int | None = None
    pages: int = 0
    opened_until: float | None = None

    @classmethod
    def read(cls, data: Json) -> TextWindow:
        """Read the answer of `GET /api/documents/text` or `/page`."""
        page = data.get("page")
        return cls(
            document=DocumentName.read(data["document"]),
            start=int(data["start"]),
            end=int(data["end"]),
            text=str(data["text"]),
            length=int(data.get("length") or 0),
            page=None if page is None else int(page),
            pages=int(data.get("pages") or 0),
            opened_until=None if (until := data.get("opened_until")) is None else float(until),
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """The place that `[number]` in an answer points to.

    `verified`: the quote stands exactly there. `supported`: the answer's sentence follows from it, or does not; None
    where nothing can tell. `kind` is `text`, or what the model looked at: a `picture`, a `page` or an `attachment`.
    """

    number: int
    document: DocumentName
    page: int | None
    start: int
    end: int
    quote: str
    verified: bool
    heading: tuple[str, ...] = ()
    pictures: tuple[int, ...] = ()
    supported: bool | None = None
    kind: str = "text"
    flagged: bool = False

    @property
    def is_seen(self) -> bool:
        """Whether the model only looked at what stands there, so that there is no quote."""
        return self.kind != "text" and not self.quote

    @classmethod
    def read(cls, data: Json) -> Citation:
        """Read the contract's citation."""
        page = data.get("page")
        return cls(
            number=int(data["number"]),
            document=DocumentName.read(data["document"]),
            page=None if page is None else int(page),
            start=int(data["start"]),
            end=int(data["end"]),
            quote=str(data["quote"]),
            verified=bool(data["verified"]),
            heading=tuple(str(part) for part in data.get("heading_path") or ()),
            pictures=tuple(int(number) for number in data.get("pictures") or ()),
            supported=data.get("supported"),
            kind=str(data.get("kind") or "text"),
            flagged=bool(data.get("flagged")),
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """A document, or a passage of one, with its length in tokens."""

    document: DocumentName
    tokens: int

    @classmethod
    def read(cls, data: Json) -> Planned:
        """Read an entry of the plan; passages hold the document as a field, documents are one."""
        return cls(DocumentName.read(data.get("document", data)), int(data.get("tokens") or 0))


@dataclass(frozen=True, slots=True)
class Plan:
    """How an answer was made: what was read whole, in passages, and what was left out.

    `model` answers, `question` is the question as it was understood where that is another than the one asked, and
    `notes` are what the reader has to know.
    """

    mode: str
    reason: str
    budget: int
    tokens: int
    documents: tuple[Planned, ...]
    passages: tuple[Planned, ...]
    left_out: tuple[Planned, ...]
    model: str = ""
    question: str = ""
    notes: tuple[str, ...] = ()
    pictures: tuple[Planned, ...] = ()

    @classmethod
    def read(cls, data: Json) -> Plan:
        """Read the contract's plan, and what the event that announces it says beside: by whom, to which question."""
        parts = {name: tuple(map(Planned.read, data.get(name) or ())) for name in _PARTS}
        return cls(
            str(data["mode"]),
            str(data.get("reason") or ""),
            int(data["budget"]),
            int(data["tokens"] or 0),
            **parts,
            model=str(data.get("model") or ""),
            question=str(data.get("question") or ""),
            notes=tuple(str(note) for note in data.get("notes") or ()),
        )


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A citation that is withdrawn; `title` is empty where its document is gone, or may not be read any more."""

    number: int
    title: str

    @classmethod
    def read(cls, data: Json) -> Withdrawn:
        """Read a citation of a stored turn that is withdrawn."""
        document = data.get("document")
        return cls(int(data["number"]), DocumentName.read(document).title if document else "")


@dataclass(frozen=True, slots=True)
class ToolPlace:
    """What a tool found in a document: the number that an answer cites it by, the title, and the page if it has one."""

    number: int
    title: str
    page: int | None = None

    @classmethod
    def read(cls, data: Json) -> ToolPlace:
        """Read an entry of a call's `places`."""
        page = data.get("page")
        return cls(int(data["number"]), DocumentName.read(data["document"]).title, None if page is None else int(page))


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool; `places` are what it found in documents. `state` is as the API says it."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    proposed: Mapping[str, Any] | None
    state: str
    result: str
    places: tuple[ToolPlace, ...]
    error: str
    reason: str
    seconds: float
    writes: bool = True

    @classmethod
    def read(cls, data: Json) -> ToolUse:
        """Read an entry of a turn's `tools`, or an event of a call."""
        return cls(
            id=str(data["id"]),
            name=str(data["name"]),
            arguments=dict(data["arguments"]),
            proposed=None if data.get("proposed") is None else dict(data["proposed"]),
            state=str(data["state"]),
            result=str(data.get("result") or ""),
            places=tuple(map(ToolPlace.read, data.get("places") or ())),
            writes=bool(data["writes"]),
            error=str(data.get("error") or ""),
            reason=str(data.get("reason") or ""),
            seconds=float(data.get("seconds") or 0),
        )


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn as the API has it: a question, and its answer as far as it has come and may be read."""

    id: str
    versions: tuple[str, ...]
    question: str
    standalone: str
    mode: str
    scope: Scope
    asked_model: str
    state: str
    text: str
    found: bool | None
    plan: Plan | None
    hidden: int
    citations: tuple[Citation, ...]
    withdrawn: tuple[Withdrawn, ...]
    forgotten: int
    notes: tuple[str, ...]
    model: str
    usage: Mapping[str, int]
    timings: Mapping[str, float]
    error: tuple[str, str, str] | None
    attached: tuple[tuple[int, str], ...] = ()  # numbers and names of what belongs to this very question
    tools: tuple[ToolUse, ...] = ()

    @classmethod
    def read(cls, data: Json) -> StoredTurn:
        """Read a turn; a field that an older API does not send is empty."""
        error, cited = data.get("error"), data.get("citations") or ()
        return cls(
            id=str(data["id"]),
            versions=tuple(map(str, data["versions"])),
            question=str(data["question"]),
            standalone=str(data.get("standalone") or ""),
            mode=str(data["mode"]),
            scope=Scope.read(data.get("filters") or {}),
            asked_model=str(data.get("asked_model") or ""),
            state=str(data["state"]),
            text=str(data["answer"]),
            found=data.get("found"),
            plan=Plan.read(data["plan"]) if data.get("plan") else None,
            hidden=int(data.get("hidden") or 0),
            citations=tuple(Citation.read(one) for one in cited if not one.get("withdrawn")),
            withdrawn=tuple(Withdrawn.read(one) for one in cited if one.get("withdrawn")),
            forgotten=int((data.get("history") or {}).get("left_out") or 0),
            notes=tuple(map(str, data.get("notes") or ())),
            model=str(data.get("model") or ""),
            usage={name: int(number) for name, number in (data.get("usage") or {}).items() if number is not None},
            timings=dict(data.get("timings") or {}),
            error=None if not error else (str(error["error"]), str(error["hint"]), str(error["code"])),
            attached=tuple((int(a["number"]), str(a["name"])) for a in data.get("attachments", ()) if not a["carried"]),
            tools=tuple(map(ToolUse.read, data.get("tools") or ())),
        )


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """A row of the list of conversations; `updated_at` is in seconds since the epoch."""

    id: str
    title: str
    updated_at: float = 0.0
    pinned: bool = False

    @classmethod
    def read(cls, data: Json) -> ListedConversation:
        """Read an entry of `GET /api/conversations`."""
        used = float(data.get("updated_at") or 0)
        return cls(str(data["id"]), str(data["title"]), used, bool(data.get("pinned")))


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation with the turns of the branch that is shown."""

    id: str
    title: str
    turns: tuple[StoredTurn, ...]

    @classmethod
    def read(cls, data: Json) -> StoredConversation:
        """Read `GET /api/conversations/ID`."""
        return cls(str(data["id"]), str(data["title"]), tuple(map(StoredTurn.read, data["turns"])))


@dataclass(frozen=True, slots=True)
class Status:
    """What the assistant holds and runs on, for the sidebar."""

    user: str
    documents: int
    chunks: int
    sources: int
    embedder: str
    model: str
    models: tuple[str, ...]
    version: str
    searches_pictures: bool = False
    name: str = ""
    role: str = "operator"
    curates: bool = True
    has_password: bool = False
    sign_in: str = "none"

    @property
    def manages(self) -> bool:
        """Whether the user manages sources, tools and people."""
        return self.role in {"admin", "operator"}

    @property
    def audits(self) -> bool:
        """Whether the user reads the audit log."""
        return self.role in {"auditor", "admin", "operator"}

    @property
    def has_accounts(self) -> bool:
        """Whether people sign in."""
        return self.sign_in != "none"

    @classmethod
    def read(cls, data: Json) -> Status:
        """Read `GET /api/status`; its `user` may be a name or an object with an id, `sources` a list or a count."""
        user, sources = data.get("user"), data.get("sources") or 0
        return cls(
            user=str(user.get("id", "") if isinstance(user, Mapping) else user or ""),
            documents=int(data["documents"]),
            chunks=int(data.get("chunks") or 0),
            sources=sources if isinstance(sources, int) else len(sources),
            embedder=str(data.get("embedder") or ""),
            model=str(data.get("model") or ""),
            models=tuple(map(str, data.get("models") or ())),
            version=str(data.get("version") or ""),
            searches_pictures=bool(data.get("searches_pictures")),
            name=str(data.get("name") or ""),
            role=str(data.get("role") or "operator"),
            curates=bool(data.get("curates", True)),
            has_password=bool(data.get("has_password")),
            sign_in=str(data.get("sign_in") or "none"),
        )
