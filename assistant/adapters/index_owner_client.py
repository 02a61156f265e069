"""The vector index of the process that owns the Edge shard, for workers and commands that run beside it."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.adapters import owner_wire as wire
from assistant.adapters import points, stored_points
from assistant.errors import IndexUnavailableError
from assistant.interfaces import Vectors
from assistant.types import (
    BALANCED,
    EVERYTHING,
    NO_METADATA,
    Access,
    Chunk,
    DocumentRef,
    Filters,
    Hit,
    IndexCounts,
    Metadata,
    Ranking,
    User,
)
from assistant.types.index_points import IndexPoint
from assistant.types.recall import Recall

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 2.0
_CALL_SECONDS = 60.0
_RECALL_SECONDS = 600.0


def find_owner(
    home: Path,
    embedder_name: str | None = None,
    dimension: int | None = None,
    pictures: points.Model | None = None,
    name: str | None = None,
) -> OwnerIndex | None:
    """Return a client of the process that owns this home's index, or None if none is alive and answers.

    A file that a killed owner left behind is ignored.

    Args:
        home: the folder with `owner.json`.
        embedder_name: with `dimension`, what the index must have been built with.
        dimension: see `embedder_name`.
        pictures: name and dimension of the picture embedder, None for no pictures; compared with `embedder_name`.
        name: as for `OwnerIndex`.

    Raises:
        EmbedderMismatchError: the owner's index was built with another embedder or picture embedder.
    """
    owner = wire.read_owner(home)
    if owner is None or not _alive(owner.pid):
        return None
    client = OwnerIndex(home, name)
    try:
        there = client.ping()
        if embedder_name is not None and dimension is not None and there.get("embedder") is not None:
            stored = (str(there["embedder"]), int(there["dimension"]))
            looks = (str(there["pictures"][0]), int(there["pictures"][1])) if there.get("pictures") else None
            points.check_embedder(f"the index of {home}", stored, (embedder_name, dimension))
            points.check_picture_embedder(f"the index of {home}", looks, pictures)
    except IndexUnavailableError:
        client.close()
        return None
    except BaseException:
        client.close()
        raise
    return client


class OwnerIndex:
    """See `interfaces.Index`. Safe to call from several threads.

    Every call may be repeated without harm, so one that meets a restarted owner is sent once more to the new one.

    Args:
        home: the folder with `owner.json`, read at the first call and again when the owner is gone.
        name: the index, as the catalog calls it. Until the owner goes over to another one together with its callers,
            it only searches for them. None: whichever the owner has.

    Raises:
        Whatever the owner's index raises, as the same class; IndexUnavailableError if the owner does not answer, or
        has another index.
    """

    def __init__(self, home: Path, name: str | None = None) -> None:
        import httpx

        self._home = home
        self._named = {} if name is None else {wire.INDEX_HEADER: name}
        self._owner: wire.Owner | None = None
        self._mutex = threading.Lock()
        self._closed = False
        timeout = httpx.Timeout(_CALL_SECONDS, connect=_CONNECT_SECONDS)
        # trust_env: a proxy from the environment must never see these calls
        self._http: httpx.Client = httpx.Client(timeout=timeout, trust_env=False)

    def ping(self) -> dict[str, Any]:
        """Return the owner's process id, its index's embedder and dimension, and the same of pictures as a pair."""
        answer: dict[str, Any] = self._call("ping", timeout=_CONNECT_SECONDS * 5)
        return answer

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`."""
        self._send("write", ref, chunks, vectors, metadata)

    def write_pictures(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`."""
        self._send("write_pictures", ref, chunks, vectors, metadata)

    def delete(self, document_id: str, keep_version: str | None = None) -> None:
        """See `interfaces.Index`."""
        self._call("delete", document_id=document_id, keep_version=keep_version)

    def set_access(self, document_id: str, access: Access) -> None:
        """See `interfaces.Index`."""
        self._call("set_access", document_id=document_id, access=wire.access_out(access))

    def outdated(self) -> set[str]:
        """See `interfaces.Index`."""
        return set(self._call("outdated"))

    def renew(self, ref: DocumentRef, metadata: Metadata) -> None:
        """See `interfaces.Index`."""
        self._call("renew", ref=wire.ref_out(ref), metadata=wire.metadata_out(metadata))

    def search(
        self, vector: Vectors, text: str, user: User, limit: int, filters: Filters = EVERYTHING, how: Ranking = BALANCED
    ) -> list[Hit]:
        """See `interfaces.Index`."""
        found = self._call(
            "search",
            vector=wire.vectors_out(vector),
            text=text,
            user=wire.user_out(user),
            limit=limit,
            filters=wire.filters_out(filters),
            how=asdict(how),
        )
        return [wire.hit_in(hit) for hit in found]

    def search_pictures(self, vector: Vectors, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Hit]:
        """See `interfaces.Index`."""
        found = self._call(
            "search_pictures",
            vector=wire.vectors_out(vector),
            user=wire.user_out(user),
            limit=limit,
            filters=wire.filters_out(filters),
        )
        return [wire.hit_in(hit) for hit in found]

    def answers(self) -> None:
        """See `interfaces.Index`; unlike `ping` it asks the owner's engine, too."""
        self._call("answers", timeout=_CONNECT_SECONDS * 5)

    def counts(self) -> IndexCounts:
        """See `interfaces.Index`."""
        found = self._call("counts")
        return IndexCounts(found["documents"], found["chunks"])

    def versions(self) -> dict[str, set[str]]:
        """See `interfaces.Index`."""
        return {document: set(found) for document, found in self._call("versions").items()}

    def read_points(self, document_ids: Sequence[str], after: str | None = None, limit: int = 256) -> list[IndexPoint]:
        """See `interfaces.Index`."""
        found = self._call("read_points", document_ids=list(document_ids), after=after, limit=limit)
        return [stored_points.point_in(point) for point in found]

    def write_points(self, stored: Sequence[IndexPoint]) -> None:
        """See `interfaces.Index`."""
        stored_points.check_numbers(stored)  # JSON has no others
        for start in range(0, len(stored), points.BATCH):
            sent = [stored_points.point_out(point) for point in stored[start : start + points.BATCH]]
            self._call("write_points", points=sent)

    def recall(self, sample: int = 100) -> Recall:
        """See `interfaces.Index`."""
        return wire.recall_in(self._call("recall", timeout=_RECALL_SECONDS, sample=sample))

    def upkeep(self, *, at_once: bool = False) -> bool:
        """See `interfaces.Index`; the owner does it by itself."""
        del at_once
        return False

    def flush(self) -> None:
        """See `interfaces.Index`."""
        self._call("flush")

    def close(self) -> None:
        """Let go of the connection; the owner's index stays open."""
        self._closed = True
        self._http.close()

    def _send(self, name: str, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata) -> None:
        if vectors.ndim != 2 or len(chunks) != len(vectors):
            points.check_chunks(ref, chunks, vectors, vectors.shape[-1] if vectors.ndim else 0)
        of_document: dict[str, Any] = {"ref": wire.ref_out(ref), "metadata": wire.metadata_out(metadata)}
        for part, rows in points.batches(chunks, vectors):
            sent = [wire.chunk_out(chunk) for chunk in part]
            self._call(name, **of_document, chunks=sent, vectors=wire.vectors_out(rows))

    def _call(self, name: str, timeout: float = _CALL_SECONDS, **arguments: Any) -> Any:
        if self._closed:
            raise IndexUnavailableError(f"the connection to the owner of {self._home} is closed", "open it again")
        owner = self._known_owner()
        answer = self._post(owner, name, arguments, timeout)
        if answer is None:
            current = wire.read_owner(self._home)
            if current is not None and current != owner:
                self._owner = current
            answer = self._post(self._known_owner(), name, arguments, timeout)
        if answer is None:
            raise IndexUnavailableError(
                f"the process that owns the index of {self._home} does not answer", "start it with `assistant up`"
            )
        if answer.status_code != 200:
            raise wire.error_in(_json(answer))
        return answer.json()["result"]

    def _known_owner(self) -> wire.Owner:
        with self._mutex:
            if self._owner is None:
                self._owner = wire.read_owner(self._home)
            if self._owner is None:
                raise IndexUnavailableError(f"no process owns the index of {self._home}", "run `assistant up`")
            return self._owner

    def _post(self, owner: wire.Owner, name: str, arguments: Any, timeout: float) -> httpx.Response | None:
        """Return the owner's answer, None if there is none or it is another process that does not know the token."""
        import httpx

        try:
            answer = self._http.post(
                f"http://{wire.LOOPBACK}:{owner.port}/index/{name}",
                json=arguments,
                headers={"Authorization": f"Bearer {owner.token}", **self._named},
                timeout=httpx.Timeout(timeout, connect=_CONNECT_SECONDS),
            )
        except httpx.TimeoutException as error:
            raise IndexUnavailableError(
                f"the process that owns the index of {self._home} did not answer within {timeout:.0f} s", "try again"
            ) from error
        except httpx.TransportError:
            return None  # the caller looks for a new owner, then raises
        return None if answer.status_code == 401 else answer


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
