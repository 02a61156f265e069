"""What is known of documents on their way from a source into the index: who may read them and what they hold."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "text", "table", "image", "code", "notice"]
Role = Literal["employee", "admin", "operator"]

EVERYONE = "group:everyone"
_BESIDE = 400  # characters
_NAMESPACE = uuid.UUID("5f0cf1b6-0e3c-5d4e-9a34-7d1d3c9f7a10")


@functools.lru_cache(maxsize=32_768)  # a plan of everything asks for each document's many times
def document_id(source: str, key: str) -> str:
    """Return the stable id of the document `key` in `source`: the same for every version of it."""
    return str(uuid.uuid5(_NAMESPACE, f"{source}\x1f{key}"))


def point_id(document: str, version: str, ordinal: int) -> str:
    """Return the index point's id for one chunk, so that a task done twice writes the same points."""
    return str(uuid.uuid5(_NAMESPACE, f"{document}\x1f{version}\x1f{ordinal}"))


def blanked(text: str, offset: int, stretches: Iterable[tuple[int, int]]) -> str:
    """Return the text, which begins at `offset` of a document, with blanks in place of the stretches, in order."""
    parts: list[str] = []
    done = 0
    for start, end in stretches:
        first, last = max(start - offset, done), min(end - offset, len(text))
        if first < last:
            parts += (text[done:first], " " * (last - first))
            done = last
    return "".join(parts) + text[done:] if parts else text


def clipped(stretches: Iterable[tuple[int, int]], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Return what of the stretches, in order, lies between the two offsets."""
    return tuple((max(low, start), min(high, end)) for low, high in stretches if low < end and high > start)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document: principals `group:NAME` and `user:ID`; a denied principal wins over an allowed one."""

    allow: frozenset[str] = frozenset({EVERYONE})
    deny: frozenset[str] = frozenset()

    @classmethod
    def of_names(cls, names: str | Iterable[str]) -> Access:
        """Return the readers that a list of names, or a text with commas between them, says; nobody where it is empty.

        A name is a group's, or `user:ID`; one behind a `-` is denied.
        """
        allow: set[str] = set()
        deny: set[str] = set()
        for name in names.split(",") if isinstance(names, str) else names:
            bare = name.strip()
            side, bare = (deny, bare[1:].strip()) if bare.startswith("-") else (allow, bare)
            if bare:
                side.add(bare if bare.startswith(("group:", "user:")) else f"group:{bare}")
        return cls(frozenset(allow), frozenset(deny))


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
    """Where recognised text stands on its page: `document.text[start:end]` was read inside `box`.

    Turned clockwise by `turn` degrees (0, 90, 180 or 270) it would stand upright: at 90 it runs from bottom to top.
    """

    start: int
    end: int
    box: Box
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a document: of an archive, or attached to a mail. `name` is its path within, with `/`."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a document shows, or is: `document.text[start:end]` is what it says in words, if anything.

    `data` is an image file of `media_type`, empty once the document is stored (`Library.picture` reads it then).
    `caption` was generated by a vision model and is no part of the document. `lettered` is a drawing whose letters are
    text of the document already: no text recognition is to read them again.
    """

    start: int
    end: int
    media_type: str
    data: bytes = b""
    page: int | None = None
    box: Box | None = None
    caption: str = ""
    lettered: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself beside its title.

    `created` and `modified` are ISO 8601 in UTC (`2026-11-24T12:00:00Z`), `language` is ISO 639-1; empty if unknown.
    """

    authors: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    language: str = ""


NO_METADATA = Metadata()


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of structure: `document.text[start:end] == text`. `level` is a heading's depth from 1, else 0.

    A `notice` is the parser's word and not the document's (`[Page 3 cannot be read: ...]`): it is shown with the text,
    but neither embedded nor searched, and never evidence.
    """

    kind: BlockKind
    text: str
    start: int
    end: int
    page: int | None = None
    box: Box | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document. `text` is the one coordinate system; blocks, pages, places and pictures point into it.

    `places` are given where the file itself does not say where its characters stand (recognised text), in order.
    `members` are documents of their own, with the key `KEY!/NAME`. Pictures are numbered from 1 in their order.
    """

    ref: DocumentRef
    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[Page, ...] = ()
    places: tuple[Place, ...] = ()
    members: tuple[Member, ...] = ()
    pictures: tuple[Picture, ...] = ()
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def notices(self) -> tuple[tuple[int, int], ...]:
        """Where the notices stand, in order."""
        return tuple(sorted((block.start, block.end) for block in self.blocks if block.kind == "notice"))

    @property
    def own_text(self) -> str:
        """The text with blanks in place of its notices, so that all else stands where it stands in `text`."""
        return blanked(self.text, 0, self.notices)

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page that holds the character at `offset`, or None where there are no pages."""
        number = None
        for page in self.pages:
            if page.start > offset:
                break
            number = page.number
        return number

    def pictures_beside(self, start: int, end: int) -> tuple[int, ...]:
        """Return the numbers of the pictures shown with the characters `start` to `end`, or near them on their page."""
        page = self.page_at(start)
        return tuple(
            number
            for number, picture in enumerate(self.pictures, start=1)
            if picture.start <= end + _BESIDE and start - _BESIDE <= picture.end and picture.page in {None, page}
        )


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
    """A key that a source lists. `version` is the source's own cheap mark (ETag, size and times), None if unknown.

    `access` are the readers, where the listing tells them: then others of them need no other version, and come into
    force without the document being fetched. `fetch` returns the same ones. A source that tells them of some documents
    only gives a document another version when it begins or ceases to.
    """

    key: str
    version: str | None = None
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A key that is gone from a source."""

    key: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Progress of a listing: from `cursor` on it could go on, by another source object, without what came before.

    Where a listing breaks off, the next one does so. With `complete`, every key the source holds has been listed, in
    this listing or before the cursor that it went on from: the others are gone.
    """

    cursor: str
    complete: bool = False


Change = Changed | Deleted | Checkpoint


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document that is embedded as one: `document.text[start:end] == text`, always.

    `table_header` is the header row of the table that the chunk begins inside of, empty elsewhere: rows without it say
    little. `pictures` are the numbers of the pictures that the chunk shows, `captions` what a vision model generated
    of them, a line each. Header and captions are embedded and searched with the text, and no part of it.
    `notices` are the stretches of the document's text, within the chunk, that a parser wrote: a reader sees them, but
    what is embedded and searched is `own_text`.
    """

    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    page: int | None = None
    heading_path: tuple[str, ...] = ()
    table_header: str = ""
    pictures: tuple[int, ...] = ()
    captions: str = ""
    notices: tuple[tuple[int, int], ...] = ()

    @property
    def own_text(self) -> str:
        """The text without its notices; empty where it is nothing else."""
        return blanked(self.text, self.start, self.notices).strip() if self.notices else self.text


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A current document as the catalog knows it; `tokens` in the embedder's tokens, `pages` 0 if it has none."""

    ref: DocumentRef
    pages: int
    chunks: int
    characters: int
    tokens: int
    metadata: Metadata = field(default_factory=Metadata)


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
    moved: int = 0
