"""What a question finds and what is answered to it: hits, passages, plans, citations and events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assistant.types.documents import Box, Chunk, Document, DocumentRef, blanked, clipped
from assistant.types.filters import EVERYTHING, Filters

Mode = Literal["auto", "chunks", "documents", "corpus"]
PlanMode = Literal["chunks", "documents", "corpus"]
AnswerState = Literal["complete", "interrupted", "cut", "stopped", "waiting"]
CallState = Literal["running", "waiting", "approved", "done", "failed", "rejected"]
PictureKind = Literal["picture", "page", "attachment"]
CitationKind = Literal["text", "picture", "page", "attachment"]


@dataclass(frozen=True, slots=True)
class Hit:
    """What the index found, before the catalog has said whether it still counts.

    `score` orders the hits of one search and says nothing across searches. `similarity` is the cosine to the query,
    `words` the BM25 score, 0 without a common word; None where a search did not ask for it.
    """

    document_id: str
    version: str
    chunk: Chunk
    score: float
    similarity: float | None = None
    words: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a current document that the user may read. `text` stands at `start` to `end` of its text.

    `notices` are the stretches of the document's text, within the passage, that a parser wrote and not the document. A
    reader sees them; a language model is given `own_text`, or it would take them for the document's words.
    `also` are other documents that say the same, each of which the user may read; `spots` are where the chunks stand
    that were found, each from start to end, within a passage that was grown around them: empty where it is the chunk.
    """

    ref: DocumentRef
    start: int
    end: int
    text: str
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    score: float = 0.0
    heading_path: tuple[str, ...] = ()
    table_header: str = ""
    pictures: tuple[int, ...] = ()
    captions: str = ""
    also: tuple[DocumentRef, ...] = ()
    spots: tuple[tuple[int, int], ...] = ()
    notices: tuple[tuple[int, int], ...] = ()

    @property
    def own_text(self) -> str:
        """The text with blanks in place of its notices, so that all else stands where it stands in `text`."""
        return blanked(self.text, self.start, self.notices)

    @classmethod
    def of(cls, document: Document, start: int, end: int) -> Passage:
        """Return what stands from character `start` to `end` of a document, without boxes."""
        notices = tuple(clipped(document.notices, start, end))
        return cls(document.ref, start, end, document.text[start:end], document.page_at(start), notices=notices)


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
class PlannedPicture:
    """A picture that the plan shows to the model, with its length in tokens.

    `kind`: `picture`, one that a document shows or is; `page`, a whole page with figures, as it is printed;
    `attachment`, one that the person attached to the question. `place` says where it stands: its document, page and
    boxes, the words in it as its `text`, and its numbers as `pictures`. An attachment is of no document: the source of
    its `ref` is empty, its title is the file's name, and its number counts the question's attachments.
    """

    kind: PictureKind
    place: Passage
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture that a person attached to a question, as an image file that is safe to decode.

    `text` is what was recognised in it, empty where nothing was. `carried`: to a question before this one.
    """

    name: str
    data: bytes
    media_type: str
    text: str = ""
    carried: bool = False


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """What is put before the answerer and why: `tokens` of `budget`, and every document that was left out.

    The tokens of attachments are none of its `tokens`: they belong to the question.
    """

    mode: PlanMode
    reason: str
    budget: int
    tokens: int
    passages: tuple[PlannedPassage, ...] = ()
    documents: tuple[PlannedDocument, ...] = ()
    left_out: tuple[PlannedDocument, ...] = ()
    pictures: tuple[PlannedPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """The place that a statement rests on. `verified`: `quote` stands exactly at the passage's `start` to `end`.

    `kind` says what is there: text, or a picture that the model looked at (see `PlannedPicture`). What a model saw in
    a picture cannot be verified: such a citation has a quote only where words that were recognised in the picture say
    the same.

    `supported`: the statement follows from the quote; None where nothing here can tell. One does not imply the other.
    `statement` are the characters of the answer's text that it is said of, None where nobody looked.
    """

    number: int
    passage: Passage
    quote: str
    verified: bool
    supported: bool | None = None
    statement: tuple[int, int] | None = None
    kind: CitationKind = "text"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written for one answer, by all requests that it took.

    `cached_tokens` is how many of those read came from the model server's prefix cache; None where it does not say.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool that the model asked for, while it runs and when it has.

    Attributes:
        id: unique within the answer.
        name: the tool's.
        arguments: as it is called with them; empty where the model wrote none that can be read.
        writes: whether it changes something, so that a person is asked.
        reaches_out: whether its arguments leave the machine, so that a person is asked.
        state: `waiting` for a person, `approved` but not begun, `running`, and how it ended. A turn that has ended
            with an `approved` or `running` call broke off: nobody knows whether that was done.
        step: which step of the answer it belongs to, from 1; those of one step do not depend on each other.
        at: characters of the answer that were written before it.
        text: what it returned, beside its passages.
        error: why it failed or was not made, for the model and the person.
        seconds: that it took.
        passages: places in documents that it returned, which the answer may cite as `first` and the numbers after it.
        told: whether the model was given the passages' text; else `text` says what they hold.
        documents: ids of further documents that `text` tells of.
        proposed: the model's arguments where a person changed them.
        reason: why a person rejected it; may be empty.
    """

    id: str
    name: str
    arguments: Mapping[str, Any]
    writes: bool = False
    state: CallState = "running"
    step: int = 1
    at: int = 0
    text: str = ""
    error: str = ""
    seconds: float = 0.0
    passages: tuple[Passage, ...] = ()
    first: int = 0
    told: bool = False
    documents: tuple[str, ...] = ()
    reaches_out: bool = False
    proposed: Mapping[str, Any] | None = None
    reason: str = ""

    @property
    def asks(self) -> bool:
        """Whether a person is asked before it is made."""
        return self.writes or self.reaches_out

    @property
    def rests_on(self) -> frozenset[str]:
        """Ids of the documents that it tells of."""
        return frozenset((*self.documents, *(passage.ref.id for passage in self.passages)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says to a call that asks: `arguments` take the place of the model's, `reason` is of a refusal."""

    approved: bool
    arguments: Mapping[str, Any] | None = None
    reason: str = ""


Decide = Callable[[ToolUse], Decision | None]  # None: the person is asked later, and the answer waits


def nobody_to_ask(use: ToolUse) -> Decision:
    """Refuse a call, as there is nobody here who can be asked."""
    return Decision(approved=False, reason=f"nobody can be asked here whether {use.name} may be called")


@dataclass(frozen=True, slots=True)
class SoFar:
    """An answer that waited for a person and goes on: its text, what that cites, and its calls, each decided."""

    text: str = ""
    citations: tuple[Citation, ...] = ()
    tools: tuple[ToolUse, ...] = ()


NOTHING_SO_FAR = SoFar()


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer.

    Attributes:
        text: what is said, with `[n]` where a citation belongs.
        found: False where the documents do not say.
        citations: what the marks point to.
        plan: what was put before the answerer.
        model: who wrote it.
        usage: tokens read and written.
        timings: seconds by phase.
        question: the question that was searched and answered, where it is another than the one asked.
        notes: what the reader has to know of how it came to be, a sentence each: that the model did not answer and
            sentences are quoted instead, that more was read in a second step, that the answer ends in its middle.
        fallback: whether sentences are quoted because the language model did not answer.
        state: `interrupted` by the server, `cut` at the longest answer, `stopped` by the person: what came is kept; or
            `waiting` for a person to decide on a call.
        dropped: marks of the model that point to nothing it was given; they are no longer in the text.
        tools: the calls that were made or asked for, in their order.
    """

    text: str
    found: bool
    citations: tuple[Citation, ...]
    plan: ContextPlan
    model: str
    usage: Usage
    timings: Mapping[str, float]
    question: str = ""
    notes: tuple[str, ...] = ()
    fallback: bool = False
    state: AnswerState = "complete"
    dropped: int = 0
    tools: tuple[ToolUse, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReady:
    """The first event of an answer: what will be read, and by whom.

    It comes again where the plan changes before anything was said: the model asks for more, or does not answer. The
    last one counts. `question`, `notes` and `fallback` are as in `Answer`, `why` says why it is this model.
    """

    plan: ContextPlan
    model: str = ""
    why: str = ""
    question: str = ""
    notes: tuple[str, ...] = ()
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool is called from now on."""

    use: ToolUse


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A call has ended, or was not made: its `state` and `error` say so."""

    use: ToolUse


@dataclass(frozen=True, slots=True)
class ApprovalWanted:
    """A call waits for a person. The answer ends `waiting` after all of its step, and goes on when all are decided."""

    use: ToolUse


@dataclass(frozen=True, slots=True)
class CitationsReady:
    """The citations of all text that was sent so far."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """The last event: the whole answer."""

    answer: Answer


AnswerEvent = PlanReady | TextDelta | ToolStarted | ToolFinished | ApprovalWanted | CitationsReady | AnswerDone


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a person asks it.

    Attributes:
        text: in the person's words.
        mode: how much context is used; see `context.plan`.
        budget: tokens of documents for it; None: up to the ceiling.
        filters: only documents that these allow are answered from.
        model: the key of the model that is to answer, whatever its roles; empty: the cheapest that can.
        attachments: pictures that belong to it; a model that does not see is given the words in them.
        history: the turns before it that are told, oldest first.
    """

    text: str
    mode: Mode = "auto"
    budget: int | None = None
    filters: Filters = EVERYTHING
    model: str = ""
    attachments: Sequence[Attachment] = ()
    history: Sequence[Message] = ()
