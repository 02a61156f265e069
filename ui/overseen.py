"""What the API's JSON means to the UI, of models, plugins and the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from ui.models import Json

T = TypeVar("T")


def given(kind: type[T], data: Json, **made: Any) -> T:
    """Return a value of a dataclass, each field of which is the one of that name in the JSON, or `made` of it."""
    return kind(**{one.name: made.get(one.name, data.get(one.name)) for one in fields(kind)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a model's server is; None: it does not tell."""

    at_work: int
    waiting: int
    most: int
    running: int | None
    queued: int | None
    cache: float | None


@dataclass(frozen=True, slots=True)
class HerdModel:
    """A chat model: what the settings say of it, and what its server does."""

    key: str
    url: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    adapter_of: str
    reachable: bool
    name: str
    server: str
    context_tokens: int | None
    images_per_prompt: int | None
    tools: bool | None
    counting: str
    origins: Mapping[str, str]
    load: Load | None
    error: str
    hint: str
    seconds: float

    @classmethod
    def read(cls, data: Json) -> HerdModel:
        """Read a model."""
        load = None if data.get("load") is None else given(Load, data["load"])
        return given(cls, data, roles=tuple(data["roles"]), groups=tuple(data["groups"]), load=load)


@dataclass(frozen=True, slots=True)
class ModelPart:
    """A model that the assistant loads by itself."""

    part: str
    name: str
    loaded: bool
    dimension: int | None
    device: str


@dataclass(frozen=True, slots=True)
class Models:
    """All models."""

    herd: tuple[HerdModel, ...]
    parts: tuple[ModelPart, ...]
    checked_at: float

    @classmethod
    def read(cls, data: Json) -> Models:
        """Read the answer of `GET /api/models`."""
        parts = tuple(given(ModelPart, one) for one in data["parts"])
        return cls(tuple(map(HerdModel.read, data["herd"])), parts, float(data["checked_at"]))


@dataclass(frozen=True, slots=True)
class Trial:
    """The end of a trial of a model; None: it cannot be told."""

    model: str
    first_seconds: float | None
    seconds: float
    prompt_tokens: int | None
    answer_tokens: int | None
    cached_tokens: int | None
    tokens_per_second: float | None
    finish: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One of the indexes."""

    name: str
    state: str
    embedder: str
    chunk_tokens: int
    sparse_embedder: str
    created_at: float
    swapped_at: float | None
    done: int
    total: int
    error: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What the current index and a new one hold and find; `recall` by the share of chunks that a reader may read."""

    documents: int
    chunks: tuple[int, int]
    queries: int
    found: tuple[float, float]
    recall: Mapping[str, float]

    @classmethod
    def read(cls, data: Json) -> Compared:
        """Read a comparison."""
        return given(cls, data, chunks=tuple(data["chunks"]), found=tuple(data["found"]))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much the assistant holds; None: it cannot be told."""

    documents: int
    chunks: int
    tokens: int
    indexed_documents: int | None
    indexed_chunks: int | None
    index_bytes: int | None
    catalog_bytes: int | None
    free_bytes: int
    index_error: str


@dataclass(frozen=True, slots=True)
class Recall:
    """What the configured search finds of what an exact one finds; `shares` are pairs of readable part and recall."""

    at: float
    index: str
    best: int
    queries: int
    shares: tuple[tuple[float, float], ...]
    worst: float

    @classmethod
    def read(cls, data: Json) -> Recall:
        """Read what was measured."""
        shares = tuple((float(one["readable"]), float(one["recall"])) for one in data["shares"])
        return given(cls, data, shares=shares)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work on an index is that was last asked for."""

    task: str
    phase: str
    index: str
    done: int
    total: int
    started_at: float
    ended_at: float | None
    error: str
    hint: str
    lacking: tuple[str, ...]

    @property
    def at_work(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @classmethod
    def read(cls, data: Json) -> Progress:
        """Read a progress."""
        return given(cls, data, lacking=tuple(data["lacking"]))


@dataclass(frozen=True, slots=True)
class Suspicions:
    """How many documents read like orders to an assistant."""

    threshold: float
    flagged: int
    reviewed: int
    slight: int


@dataclass(frozen=True, slots=True)
class IndexOverview:
    """The index that searches use, the others, and what goes on with them."""

    engine: str
    current: str
    embedder: str
    dimension: int
    indexes: tuple[IndexRow, ...]
    sizes: Sizes
    compared: Mapping[str, Compared]
    worse: tuple[str, ...]
    recall: Recall | None
    progress: Progress | None
    suspicions: Suspicions

    @property
    def at_work(self) -> bool:
        """Whether work on an index goes on."""
        return self.progress is not None and self.progress.at_work

    @classmethod
    def read(cls, data: Json) -> IndexOverview:
        """Read the answer of `GET /api/index`."""
        return given(
            cls,
            data,
            indexes=tuple(given(IndexRow, one) for one in data["indexes"]),
            sizes=given(Sizes, data["sizes"]),
            compared={str(name): Compared.read(one) for name, one in data["compared"].items()},
            worse=tuple(data["worse"]),
            recall=None if data["recall"] is None else Recall.read(data["recall"]),
            progress=None if data["progress"] is None else Progress.read(data["progress"]),
            suspicions=given(Suspicions, data["suspicions"]),
        )


@dataclass(frozen=True, slots=True)
class Wants:
    """What a plugin wants to use; `*` stands for anything."""

    hosts: tuple[str, ...]
    paths: tuple[str, ...]
    secrets: tuple[str, ...]
    writes: bool


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin.

    `wants` is None where it was never looked at; `groups` have it, where it is a pack; `mark` changes when it does.
    """

    name: str
    origin: str
    state: str
    version: str
    api_version: int | None
    description: str
    declared: bool
    experimental: bool
    offers: tuple[str, ...]
    error: str
    wants: Wants | None
    groups: tuple[str, ...] | None
    documents: tuple[tuple[str, str], ...]
    mark: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it offers, each kind once: `source`, `tool`, `tool kind`, `parser`, `pack` or `post-processor`."""
        return tuple(dict.fromkeys(one.rpartition(" ")[0] for one in self.offers))

    @property
    def is_pack(self) -> bool:
        """Whether it brings a pack, which is for groups."""
        return any(one.startswith("pack ") for one in self.offers)

    @classmethod
    def read(cls, data: Json) -> Plugin:
        """Read a plugin."""
        asked, pack = data.get("permissions"), data.get("pack")
        wants = None
        if asked is not None:
            lists = {name: tuple(map(str, asked[name])) for name in ("hosts", "paths", "secrets")}
            wants = Wants(**lists, writes=bool(asked["writes"]))
        documents = () if pack is None else tuple((str(one["source"]), str(one["glob"])) for one in pack["documents"])
        return given(
            cls,
            data,
            offers=tuple(map(str, data["offers"])),
            wants=wants,
            groups=None if pack is None else tuple(map(str, pack["groups"])),
            documents=documents,
        )
