"""The form in which a prepared document waits for the embedder, in the blob store."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import TypeAdapter, ValidationError

from assistant.catalog import JobRecord
from assistant.catalog.documents import NewVersion
from assistant.errors import DamagedDocumentError
from assistant.ingest.pictures import PictureVectors
from assistant.ingest.prepare import Prepared
from assistant.types import Chunk


@dataclass(frozen=True, slots=True)
class _Packed:
    version: NewVersion
    chunks: list[Chunk]
    texts: list[str]
    pictures: tuple[Chunk, ...]
    is_new: bool
    has_other_readers: bool


@cache
def _adapter() -> TypeAdapter[_Packed]:
    return TypeAdapter(_Packed)


def pack(step: Prepared) -> bytes:
    """Return a prepared document as bytes, without its job: compressed JSON, and the vectors of its pictures."""
    shown = step.pictures.chunks
    packed = _Packed(step.version, step.chunks, step.texts, shown, step.is_new, step.has_other_readers)
    body = zlib.compress(_adapter().dump_json(packed), level=1)
    target = io.BytesIO(len(body).to_bytes(8, "big") + body)
    target.seek(0, io.SEEK_END)
    if step.pictures.vectors is not None:
        np.save(target, step.pictures.vectors, allow_pickle=False)
    return target.getvalue()


def unpack(data: bytes, job: JobRecord) -> Prepared:
    """Return what `pack` packed.

    Args:
        data: from `pack`.
        job: the job, as it was claimed now.

    Raises:
        DamagedDocumentError: the bytes are something else.
    """
    size = int.from_bytes(data[:8], "big")
    try:
        packed = _adapter().validate_json(zlib.decompress(data[8 : 8 + size]))
        rest = data[8 + size :]
        vectors = np.load(io.BytesIO(rest), allow_pickle=False) if rest else None
    except (ValueError, zlib.error, ValidationError) as error:
        raise DamagedDocumentError(f"what was prepared of {job.key!r} is damaged: {error}", "parse it again") from error
    return Prepared(
        job,
        packed.version,
        packed.chunks,
        packed.texts,
        PictureVectors(packed.pictures, vectors),
        packed.is_new,
        packed.has_other_readers,
    )
