"""The folder of an Edge index: makes it, checks whose vectors it holds, says which shard in it counts, and loads that.

`embedder.json` names the embedder and, if there are any, those of pictures and of learned words. `built.json` names the
shard that counts, whether that has a graph, and how many points it had when it was rewritten; without it that is
`shard`, as it was made. A rewritten shard gets a name of its own, used once, and counts from the moment that
`built.json` names it. Whatever else lies beside it is left over from a process that was killed; it is deleted once the
one that counts was loaded, and not before.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.adapters import edge_queries as queries
from assistant.adapters import learned, points, search_plan
from assistant.adapters.disk import MEGABYTE, Disk, storage_error, write_durably
from assistant.errors import AssistantError, HomeInUseError, StorageError, StorageFullError, VectorIndexError
from assistant.interfaces import SparseEmbedder

CREATE_BYTES = 256 * MEGABYTE  # an empty shard's files once every hole in them is filled, and room to write
WRITE_BYTES = 128 * MEGABYTE  # a write may start three new sparse files of 32 MB
SMALL_BYTES = 8 * MEGABYTE  # deletions and payload changes; must work when writes no longer do
_FIRST = "shard"


@dataclass(frozen=True, slots=True)
class Built:
    """The shard that counts: its name, whether it has a graph, and the points it had when it was rewritten."""

    shard: str = _FIRST
    has_graph: bool = False
    points: int = 0


class EdgeFolder:
    """See the module.

    Args:
        folder: the index's own.
        embedder: whose vectors it holds, or is to hold.
        pictures: likewise of pictures; None for an index without.
        sparse: the learned sparse model that weighs its chunks' words; None for an index without.
    """

    def __init__(
        self,
        folder: Path,
        embedder: points.Model,
        pictures: points.Model | None,
        sparse: SparseEmbedder | None = None,
    ) -> None:
        self.folder = folder
        self.disk = Disk(folder)
        self.built = Built()
        self._embedder = embedder
        self._pictures = pictures
        self._sparse = sparse

    @property
    def dimension(self) -> int:
        """Of the chunks' vectors."""
        return self._embedder[1]

    @property
    def pictures_dimension(self) -> int | None:
        """Of the pictures' vectors, None for none."""
        return None if self._pictures is None else self._pictures[1]

    @property
    def has_learned(self) -> bool:
        """Whether a learned sparse model weighs the chunks' words."""
        return self._sparse is not None

    @property
    def shard(self) -> Path:
        """Where the shard that counts lies."""
        return self.folder / self.built.shard

    def open(self) -> Any:
        """Load the shard that counts, or make an empty one; the caller owns the folder.

        Raises:
            EmbedderMismatchError: it was built with another embedder, picture embedder or learned sparse model.
            HomeNotWritableError, StorageFullError, StorageError: the folder cannot be used, as named.
            VectorIndexError: the engine cannot read what is stored.
        """
        named = self.folder / "embedder.json"
        if not named.exists():
            if self.folder.is_dir() and any(self.folder.iterdir()):
                raise StorageError(f"{self.folder} holds something else than an index", "choose an empty folder")
            self._create()
        self._check_embedder(named)
        self.built = self._read_built()
        if not self.shard.is_dir():
            raise StorageError(
                f"{self.shard}, which holds the index, is missing",
                f"restore a backup, or delete {self.folder} and sync the sources: they are then embedded anew",
            )
        self._clean(unfinished=True)
        self.disk.require(SMALL_BYTES, holes=True)  # loading fills the holes on some file systems
        loaded = self.load(self.shard)
        self._clean()
        return loaded

    def load(self, shard: Path) -> Any:
        """Load a shard of this folder. Takes the interpreter's lock until it is done."""
        from qdrant_edge import EdgeShard

        with translated(self.folder):
            return EdgeShard.load(str(shard))

    def fresh(self) -> Path:
        """Return where a rewritten shard may lie: under a name of its own: a killed owner's may still be written."""
        number = max(_number(self.built.shard) + 1, time.time_ns() // 1_000_000)
        return self.folder / f"{_FIRST}-{number}"

    def counts(self, shard: Path) -> bool:
        """Whether that is the shard that counts, as it is recorded on the disk."""
        self.built = self._read_built()
        return self.shard == shard

    def adopt(self, built: Built) -> None:
        """Let another shard count from now on, also after a power failure.

        Raises:
            StorageFullError, StorageError: it cannot be recorded; the former one counts.
        """
        described = {"shard": built.shard, "graph": built.has_graph, "points": built.points}
        try:
            write_durably(self.folder / "built.json", json.dumps(described).encode())
        except OSError as error:
            raise storage_error(self.folder, error) from error
        self.built = built

    def _clean(self, *, unfinished: bool = False) -> None:
        """Delete the shards that do not count, or only those that were to follow the one that does."""
        for entry in self.folder.iterdir():
            if entry.is_dir() and entry.name.startswith(_FIRST) and entry.name != self.built.shard:
                if unfinished and _number(entry.name) < _number(self.built.shard):
                    continue
                shutil.rmtree(entry, ignore_errors=True)

    def _create(self) -> None:
        """Make an empty index under another name and move it into place, so that a crash leaves none half made."""
        from qdrant_edge import EdgeShard

        self.disk.require(CREATE_BYTES)
        made = self.folder.with_name(f"{self.folder.name}.new")
        try:
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(mode=0o700, parents=True)
            (made / _FIRST).mkdir()
            with translated(made):
                config = make_config(self.dimension, self.pictures_dimension, graph=False, weighed=self.has_learned)
                shard = EdgeShard.create(str(made / _FIRST), config)
                queries.create_field_indexes(shard)
                shard.flush()
                shard.close()
            described: dict[str, Any] = {"name": self._embedder[0], "dimension": self._embedder[1]}
            if self._pictures:
                described["pictures"] = {"name": self._pictures[0], "dimension": self._pictures[1]}
            if self._sparse:
                described["sparse"] = self._sparse.name
            write_durably(made / "embedder.json", json.dumps(described).encode())
            made.replace(self.folder)
        except OSError as error:
            raise storage_error(self.folder, error) from error

    def _read_built(self) -> Built:
        path = self.folder / "built.json"
        with contextlib.suppress(FileNotFoundError), _readable(path):
            stored = json.loads(path.read_bytes())
            return Built(str(stored["shard"]), bool(stored["graph"]), int(stored["points"]))
        return Built()

    def _check_embedder(self, named: Path) -> None:
        with _readable(named):
            stored = json.loads(named.read_bytes())
            embedder = _model(stored)
            pictures = _model(stored["pictures"]) if "pictures" in stored else None
            sparse = str(stored["sparse"]) if "sparse" in stored else None
        points.check_embedder(str(self.folder), embedder, self._embedder)
        points.check_picture_embedder(str(self.folder), pictures, self._pictures)
        learned.check_model(str(self.folder), sparse, self._sparse)


def make_config(dimension: int, pictures: int | None, *, graph: bool, weighed: bool = False) -> Any:
    """Return the engine's configuration of a shard.

    Args:
        dimension: of the chunks' vectors.
        pictures: of the pictures' vectors, None for none.
        graph: whether the chunks' vectors get an HNSW graph when they are rewritten.
        weighed: whether a learned sparse model weighs the chunks' words, too.
    """
    from qdrant_edge import (
        Distance,
        EdgeConfig,
        EdgeSparseVectorParams,
        EdgeVectorParams,
        HnswIndexConfig,
        Modifier,
        ScalarQuantizationConfig,
        ScalarType,
    )

    def links(m: int) -> Any:
        return HnswIndexConfig(m=m, ef_construct=search_plan.GRAPH_CANDIDATES, full_scan_threshold=10_000)

    int8 = ScalarQuantizationConfig(type=ScalarType.Int8, quantile=0.99, always_ram=True)
    of_chunks = links(search_plan.GRAPH_LINKS if graph else 0)
    vectors = {points.DENSE: EdgeVectorParams(dimension, Distance.Cosine, None, None, None, int8, of_chunks)}
    if pictures:
        vectors[points.IMAGE] = EdgeVectorParams(size=pictures, distance=Distance.Cosine)
    of_words = {points.SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)}
    if weighed:
        of_words[learned.LEARNED] = EdgeSparseVectorParams()  # the model has weighed how rare a word is
    return EdgeConfig(
        vectors=vectors,
        sparse_vectors=of_words,
        hnsw_config=links(0),
        wal_enabled=True,
    )


def _number(shard: str) -> int:
    digits = shard.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _model(stored: Any) -> points.Model:
    return str(stored["name"]), int(stored["dimension"])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{path} cannot be read: {error}", "delete the index and sync the sources: they are then embedded anew"
        ) from error


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turn what the engine raises (bare `Exception`s) into this project's errors."""
    try:
        yield
    except AssistantError:
        raise
    except Exception as error:
        if "No space left" in str(error):
            raise StorageFullError(f"no space left for the index in {folder}", "free some space, try again") from error
        if "WouldBlock" in str(error):  # the engine's own lock, under ours: somebody opened the shard by other means
            raise HomeInUseError(f"{folder} is open in another process", "stop that process") from error
        raise VectorIndexError(f"the index in {folder}: {error}") from error
