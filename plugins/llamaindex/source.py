"""Makes documents of what a LlamaIndex reader loads."""

from __future__ import annotations

import hashlib
import importlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assistant.errors import DocumentTooLargeError, NotFoundError, SourceError, SourceUnreachableError
from assistant.types import Access, Change, Changed, Checkpoint, RawDocument

_WORDS_OF_SILENCE = ("timeout", "connection", "connect")


class LlamaIndexConfig(BaseModel):
    """Which reader, and what it is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reader: str = Field(
        pattern=r"^llama_index(\.[A-Za-z_]\w*)+\.[A-Za-z_]\w*$",
        title="Reader",
        description="Module and class, e.g. llama_index.readers.json.JSONReader; its package must be installed.",
    )
    arguments: dict[str, Any] = Field(
        default_factory=dict, title="Arguments", description="That the reader is made with, as JSON."
    )
    secrets: dict[str, SecretStr] = Field(
        default_factory=dict, title="Secret arguments", description="Likewise, e.g. a token; kept encrypted."
    )
    load: dict[str, Any] = Field(
        default_factory=dict, title="What to load", description="The arguments of its load_data, as JSON."
    )
    key: str = Field(
        "",
        title="Key",
        description="The metadata field that names a document; empty: its own id, or a digest of its text where that is"
        " another one each time.",
    )
    title: str = Field("", title="Title", description="The metadata field with the title; empty: the key.")
    link: str = Field("", title="Link", description="The metadata field with the address that people open.")
    readers: str = Field(
        "",
        title="Readers",
        description="The metadata field with the groups that may read a document (a list, or with commas; user:ID for a"
        " person; - before those who may not).",
    )
    media_type: str = Field("text/plain", title="Type", description="Of the text, e.g. text/markdown.")
    max_bytes: int = Field(20_000_000, ge=1, title="Largest document", description="Bytes; a larger one is a failure.")
    refresh_seconds: float = Field(
        300.0, ge=0, title="Load again after", description="Seconds for which documents are taken from the same load."
    )


@dataclass(frozen=True, slots=True)
class Loaded:
    """One document of a load: all of its parts that have the same key."""

    text: str
    metadata: dict[str, Any]
    mark: str


class LlamaIndexSource:
    """What a reader loads; it loads everything each time, and what it no longer loads is gone.

    Parts with the same key, such as a file's pages, are one document, in the reader's order.
    """

    def __init__(self, config: LlamaIndexConfig) -> None:
        self._config = config
        self._documents: dict[str, Loaded] = {}
        self._looked = -float("inf")
        self._lock = threading.Lock()

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always everything."""
        del cursor
        with self._lock:
            documents = self._load()
        for key, document in documents.items():
            yield Changed(key, document.mark, self._access(document))
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        config = self._config
        with self._lock:
            fresh = time.monotonic() - self._looked < config.refresh_seconds
            found = (self._documents if fresh else self._load()).get(key)
        if found is None:
            raise NotFoundError(f"{config.reader} loads nothing with the key {key!r}")
        data = found.text.encode("utf-8", "replace")
        if len(data) > config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {len(data):,} bytes, the limit is {config.max_bytes:,}", "raise max_bytes of the source"
            )
        title = str(found.metadata.get(config.title) or "") or key
        link = str(found.metadata.get(config.link) or "") or f"llamaindex:{config.reader}#{key}"
        return RawDocument(key, data, config.media_type, title, link, self._access(found))

    def _access(self, document: Loaded) -> Access | None:
        if not self._config.readers:
            return None
        value = document.metadata.get(self._config.readers)
        return Access.of_names([str(one) for one in value] if isinstance(value, list | tuple) else str(value or ""))

    def _load(self) -> dict[str, Loaded]:
        """Load everything.

        Raises:
            SourceError: there is no such reader, or it fails on what it is given.
            SourceUnreachableError: it fails as things do that cannot be reached.
        """
        reader = self._reader()
        parts: dict[str, list[Any]] = {}
        try:
            for document in reader.load_data(**self._config.load):
                parts.setdefault(self._key(document), []).append(document)
        except SourceError:
            raise
        except Exception as error:
            told = f"{self._config.reader} fails: {type(error).__name__}: {error}"
            names = " ".join(kind.__name__ for kind in type(error).__mro__).lower()
            if any(word in names for word in _WORDS_OF_SILENCE):
                raise SourceUnreachableError(told, "the next sync tries again") from error
            raise SourceError(told, "check `arguments` and `load` of the source") from error
        self._documents = {key: _joined(documents, self._config.readers) for key, documents in parts.items()}
        self._looked = time.monotonic()
        return self._documents

    def _reader(self) -> Any:
        from llama_index.core.readers.base import BaseReader

        module, _, name = self._config.reader.rpartition(".")
        try:
            kind = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            package = "-".join(module.split(".")[:3]).replace("_", "-")
            raise SourceError(
                f"there is no reader {self._config.reader}: {error}", f"pip install {package}, or correct the name"
            ) from error
        if not isinstance(kind, type) or not issubclass(kind, BaseReader):
            raise SourceError(f"{self._config.reader} is no LlamaIndex reader", "name a class that reads")
        secrets = {name: value.get_secret_value() for name, value in self._config.secrets.items()}
        try:
            return kind(**self._config.arguments, **secrets)
        except Exception as error:
            raise SourceError(
                f"{self._config.reader} cannot be made: {type(error).__name__}: {error}", "check its arguments"
            ) from error

    def _key(self, document: Any) -> str:
        if self._config.key:
            value = document.metadata.get(self._config.key)
            if value in (None, ""):
                raise SourceError(
                    f"a document has no metadata {self._config.key!r}, only {', '.join(document.metadata) or 'none'}",
                    "correct `key` of the source",
                )
            return str(value)
        try:
            is_random = uuid.UUID(document.id_).version == 4
        except ValueError:
            is_random = False
        return hashlib.sha256(document.text.encode("utf-8", "replace")).hexdigest()[:24] if is_random else document.id_


def _joined(documents: list[Any], readers: str) -> Loaded:
    text = "\n\n".join(document.text for document in documents)
    metadata = dict(documents[0].metadata)
    told = {name: value for name, value in metadata.items() if not readers or name != readers}
    seen = text + "\x1f" + json.dumps(told, sort_keys=True, default=str)
    return Loaded(text, metadata, hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()[:32])
