"""How index calls travel between the owner of an Edge index and the other processes on this machine: JSON over HTTP.

`POST /index/NAME` with the arguments as a JSON object; the answer is `{"result": …}` or `{"error": CLASS, "message",
"hint"}`. Vectors are base64 of little-endian float32 with their shape. The file `owner.json` in the home says where
the owner listens and carries the token that every request must bear; only the home's owner may read it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant import errors
from assistant.errors import AssistantError, VectorIndexError
from assistant.interfaces import Vectors
from assistant.types import Access, Chunk, DocumentRef, Filters, Hit, Metadata, User
from assistant.types.recall import Recall, Share

INDEX_HEADER = "X-Assistant-Index"  # names the index that a call is meant for
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Owner:
    """Where the owner listens, the token it asks for, and its process id."""

    port: int
    token: str
    pid: int


def owner_file(home: Path) -> Path:
    """Return the path of the file that names the home's owner."""
    return home / "owner.json"


def read_owner(home: Path) -> Owner | None:
    """Return what the owner's file says; None if there is none or it is not one."""
    try:
        stored = json.loads(owner_file(home).read_bytes())
        return Owner(int(stored["port"]), str(stored["token"]), int(stored["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def vectors_out(vectors: Vectors) -> dict[str, Any]:
    """Return the JSON form of an array of any shape."""
    data = np.ascontiguousarray(vectors, dtype="<f4").tobytes()
    return {"shape": list(vectors.shape), "data": base64.b64encode(data).decode("ascii")}


def vectors_in(stored: Any) -> Vectors:
    """Return the array that `vectors_out` made JSON of.

    Raises:
        VectorIndexError: it is not one.
    """
    try:
        data = base64.b64decode(stored["data"], validate=True)
        return np.frombuffer(data, dtype="<f4").reshape(stored["shape"]).astype(np.float32, copy=False)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise VectorIndexError(f"a vector arrived damaged: {error}") from error


def access_out(access: Access) -> dict[str, Any]:
    """Return the JSON form."""
    return {"allow": sorted(access.allow), "deny": sorted(access.deny)}


def access_in(stored: Any) -> Access:
    """Return the value that `access_out` made JSON of."""
    return Access(frozenset(stored["allow"]), frozenset(stored["deny"]))


def ref_out(ref: DocumentRef) -> dict[str, Any]:
    """Return the JSON form."""
    return {**asdict(ref), "access": access_out(ref.access)}


def ref_in(stored: Any) -> DocumentRef:
    """Return the value that `ref_out` made JSON of."""
    return DocumentRef(**{**stored, "access": access_in(stored["access"])})


def metadata_out(metadata: Metadata) -> dict[str, Any]:
    """Return the JSON form."""
    return asdict(metadata)


def metadata_in(stored: Any) -> Metadata:
    """Return the value that `metadata_out` made JSON of."""
    return Metadata(**{**stored, "authors": tuple(stored["authors"])})


def filters_out(filters: Filters) -> dict[str, Any]:
    """Return the JSON form."""
    return asdict(filters)


def filters_in(stored: Any) -> Filters:
    """Return the value that `filters_out` made JSON of."""
    named: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    return Filters(**named)


def user_out(user: User) -> dict[str, Any]:
    """Return the JSON form."""
    return {"id": user.id, "groups": sorted(user.groups), "role": user.role}


def user_in(stored: Any) -> User:
    """Return the value that `user_out` made JSON of."""
    return User(stored["id"], frozenset(stored["groups"]), stored["role"])


def chunk_out(chunk: Chunk) -> dict[str, Any]:
    """Return the JSON form."""
    return asdict(chunk)


def chunk_in(stored: Any) -> Chunk:
    """Return the value that `chunk_out` made JSON of."""
    return Chunk(
        **{
            **stored,
            "heading_path": tuple(stored["heading_path"]),
            "pictures": tuple(stored.get("pictures", ())),
            "notices": tuple((start, end) for start, end in stored.get("notices", ())),
        }
    )


def hit_out(hit: Hit) -> dict[str, Any]:
    """Return the JSON form."""
    return asdict(hit)


def hit_in(stored: Any) -> Hit:
    """Return the value that `hit_out` made JSON of."""
    return Hit(**{**stored, "chunk": chunk_in(stored["chunk"])})


def error_out(error: AssistantError) -> dict[str, str]:
    """Return the JSON form: the class's name, the message and the hint."""
    return {"error": error.code, "message": error.message, "hint": error.hint}


def error_in(stored: Any) -> AssistantError:
    """Return the error that `error_out` made JSON of; a VectorIndexError where the class is not known here."""
    if not isinstance(stored, dict):
        return VectorIndexError("the owner of the index answered with something that is not an error")
    kind = getattr(errors, str(stored.get("error")), None)
    known = kind if isinstance(kind, type) and issubclass(kind, AssistantError) else VectorIndexError
    return known(str(stored.get("message", "the owner of the index failed")), str(stored.get("hint", "")))


def recall_out(measured: Recall) -> dict[str, Any]:
    """Return the JSON form."""
    shares = [[share.readable, share.recall] for share in measured.shares]
    return {"best": measured.best, "queries": measured.queries, "shares": shares}


def recall_in(given: Any) -> Recall:
    """Return what `recall_out` made JSON of."""
    shares = tuple(Share(float(readable), float(recall)) for readable, recall in given["shares"])
    return Recall(int(given["best"]), int(given["queries"]), shares)
