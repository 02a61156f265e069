"""The owner's side of a shared Edge index: every `Index` method over HTTP, for other processes on this machine.

Whoever holds the token has the operator's rights, so it lives in a file that only the home's owner may read, the
socket is bound to loopback, and a request whose Host is not loopback is refused (a web page cannot reach it by DNS
tricks). This is not the assistant's API: nothing else should call it.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.adapters import owner_wire as wire
from assistant.adapters import stored_points
from assistant.adapters.disk import storage_error, write_durably
from assistant.errors import AssistantError, IndexUnavailableError, ServiceError
from assistant.interfaces import Index, Vectors
from assistant.types import KEEP_ALIVE_SECONDS, Chunk, DocumentRef, Metadata, Ranking

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

logger = logging.getLogger(__name__)

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_START_SECONDS = 60.0  # on a machine that has other work
_STOP_SECONDS = 5.0
# What anybody may ask, also who does not know yet that another index took over, or knows it before the owner.
_OF_ANY_INDEX = frozenset({"ping", "search", "search_pictures", "answers", "counts", "recall"})


def owner_app(index: Index, token: str, name: Callable[[], str] | None = None) -> Starlette:
    """Return the ASGI application that answers `owner_wire` calls with `index`.

    Args:
        index: safe to call from several threads; it stays the caller's to close.
        token: what a request's `Authorization: Bearer …` must carry.
        name: returns what the catalog calls the index now; what is meant for another one is refused. None: nothing is.
    """
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    calls = _calls(index)

    async def call(request: Request) -> Response:
        refusal = _refusal(request, token)
        if refusal is not None:
            status, reason = refusal
            return JSONResponse({"error": "AccessDeniedError", "message": reason, "hint": ""}, status)
        method = calls.get(request.path_params["name"])
        if method is None:
            return JSONResponse({"error": "VectorIndexError", "message": "no such call", "hint": ""}, 404)
        meant = request.headers.get(wire.INDEX_HEADER)
        if name is not None and meant not in {None, name()} and request.path_params["name"] not in _OF_ANY_INDEX:
            return JSONResponse(wire.error_out(_other_index(meant or "")), 409)
        status, answer = await run_in_threadpool(_answer, method, await request.body())
        return JSONResponse(answer, status)

    return Starlette(routes=[Route("/index/{name}", call, methods=["POST"])])


class OwnerServer:
    """A running owner; see `serve_owner`."""

    def __init__(self, home: Path, server: Any, thread: threading.Thread, owner: wire.Owner) -> None:
        self.home = home
        self.owner = owner
        self._server = server
        self._thread = thread

    def stop(self) -> None:
        """Take the file away and stop answering; a second call does nothing. The index stays open."""
        if wire.read_owner(self.home) == self.owner:
            wire.owner_file(self.home).unlink(missing_ok=True)
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)


def serve_owner(index: Index, home: Path, name: Callable[[], str] | None = None) -> OwnerServer:
    """Answer other processes on a free loopback port, from a thread of its own, and say in the home where.

    Args:
        index: the index that this process owns.
        home: gets `owner.json` (mode 0600) with port, token and process id.
        name: as for `owner_app`.

    Raises:
        ServiceError: the server does not start.
        HomeNotWritableError, StorageFullError: the file cannot be written.
    """
    import uvicorn

    token = secrets.token_urlsafe(32)
    # the protocol is named because asyncio sends small answers at once (TCP_NODELAY) only on sockets that name it
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((wire.LOOPBACK, 0))
    config = uvicorn.Config(
        owner_app(index, token, name),
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="index-owner", daemon=True)
    thread.start()
    running = OwnerServer(home, server, thread, wire.Owner(listener.getsockname()[1], token, os.getpid()))
    try:
        _await_start(server, thread)
        described = {"port": running.owner.port, "token": token, "pid": running.owner.pid}
        write_durably(wire.owner_file(home), json.dumps(described).encode())
    except OSError as error:
        running.stop()
        raise storage_error(home, error) from error
    except ServiceError:
        running.stop()
        raise
    return running


def _other_index(meant: str) -> IndexUnavailableError:
    return IndexUnavailableError(f"the owner of the index does not have {meant!r} open", "it is tried again")


def _await_start(server: Any, thread: threading.Thread) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise ServiceError("the owner of the index cannot listen on loopback", "see the log")
        time.sleep(0.005)


def _refusal(request: Request, token: str) -> tuple[int, str] | None:
    """Return status and reason if the request may not be answered."""
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in _LOOPBACK_NAMES:
        return 421, "only loopback is served"
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return 401, "the token is wrong"
    return None


def _answer(method: Callable[[Any], Any], body: bytes) -> tuple[int, dict[str, Any]]:
    try:
        return 200, {"result": method(json.loads(body or b"{}"))}
    except AssistantError as error:
        return 409, wire.error_out(error)
    except (ValueError, KeyError, TypeError) as error:
        logger.exception("an index call that cannot be read")
        return 400, {"error": "VectorIndexError", "message": f"the call cannot be read: {error!r}", "hint": ""}


def _calls(index: Index) -> dict[str, Callable[[Any], Any]]:
    """Return the index's methods, each from JSON to JSON."""

    def ping(_: Any) -> Any:
        return {
            "pid": os.getpid(),
            "embedder": getattr(index, "embedder_name", None),
            "dimension": getattr(index, "dimension", None),
            "pictures": getattr(index, "pictures", None),
        }

    def write(given: Any) -> None:
        index.write(*_document_in(given))

    def write_pictures(given: Any) -> None:
        index.write_pictures(*_document_in(given))

    def search_pictures(given: Any) -> Any:
        vector, user = wire.vectors_in(given["vector"]), wire.user_in(given["user"])
        hits = index.search_pictures(vector, user, given["limit"], wire.filters_in(given["filters"]))
        return [wire.hit_out(hit) for hit in hits]

    def search(given: Any) -> Any:
        vector, user = wire.vectors_in(given["vector"]), wire.user_in(given["user"])
        filters, how = wire.filters_in(given["filters"]), Ranking(**given["how"])
        hits = index.search(vector, given["text"], user, given["limit"], filters, how)
        return [wire.hit_out(hit) for hit in hits]

    def counts(_: Any) -> Any:
        found = index.counts()
        return {"documents": found.documents, "chunks": found.chunks}

    return {
        "ping": ping,
        "write": write,
        "write_pictures": write_pictures,
        "search": search,
        "search_pictures": search_pictures,
        "answers": lambda _: index.answers(),
        "counts": counts,
        "delete": lambda given: index.delete(given["document_id"], given["keep_version"]),
        "set_access": lambda given: index.set_access(given["document_id"], wire.access_in(given["access"])),
        "versions": lambda _: {document: sorted(found) for document, found in index.versions().items()},
        "outdated": lambda _: sorted(index.outdated()),
        "renew": lambda given: index.renew(wire.ref_in(given["ref"]), wire.metadata_in(given["metadata"])),
        "flush": lambda _: index.flush(),
        "recall": lambda given: wire.recall_out(index.recall(given["sample"])),
        **_point_calls(index),
    }


def _document_in(given: Any) -> tuple[DocumentRef, list[Chunk], Vectors, Metadata]:
    """Return the arguments of a write."""
    chunks = [wire.chunk_in(chunk) for chunk in given["chunks"]]
    vectors = wire.vectors_in(given["vectors"])
    return wire.ref_in(given["ref"]), chunks, vectors, wire.metadata_in(given["metadata"])


def _point_calls(index: Index) -> dict[str, Callable[[Any], Any]]:
    """Return those of the methods that a backup and a restore use."""

    def read_points(given: Any) -> Any:
        found = index.read_points(given["document_ids"], given["after"], given["limit"])
        return [stored_points.point_out(point) for point in found]

    def write_points(given: Any) -> None:
        index.write_points([stored_points.point_in(point) for point in given["points"]])

    return {"read_points": read_points, "write_points": write_points}
