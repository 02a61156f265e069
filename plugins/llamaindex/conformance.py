"""What the conformance kit tries the LlamaIndex source with: a reader of a memory, in a module made for it."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from plugins.llamaindex.source import LlamaIndexConfig, LlamaIndexSource

_MODULE = "llama_index.assistant_conformance"
_PLACES: dict[str, MemoryPlace] = {}


class MemoryPlace:
    """What a reader reads."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self.readers: dict[str, list[str]] = {}
        self.is_down = False
        self.is_damaged = False


class LlamaIndexScene:
    """A reader's memory, and the means to change it."""

    secret = "token-90aa17c3"  # noqa: S105 - of this scene alone

    def __init__(self, folder: Path) -> None:
        self._name = str(folder)
        self._place = _PLACES.setdefault(self._name, MemoryPlace())
        if _MODULE not in sys.modules:
            sys.modules[_MODULE] = _module()
        self.config = {
            "reader": f"{_MODULE}.MemoryReader",
            "arguments": {"place": self._name},
            "secrets": {"token": self.secret},
            "key": "name",
            "readers": "readers",
            "refresh_seconds": 0,
        }

    def source(self) -> LlamaIndexSource:
        """Return a new source on the memory."""
        return LlamaIndexSource(LlamaIndexConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a text."""
        self._place.texts[key] = data

    def remove(self, key: str) -> None:
        """Forget a text."""
        del self._place.texts[key]

    def rename(self, old: str, new: str) -> None:
        """Give a text another name."""
        self._place.texts[new] = self._place.texts.pop(old)

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Say in its metadata who may read a text."""
        self._place.readers[key] = [*sorted(allow), *(f"-{one}" for one in sorted(deny))]

    def down(self, is_down: bool) -> None:
        """Fail as a server that cannot be reached."""
        self._place.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        """Fail over what is read."""
        self._place.is_damaged = is_damaged

    def key_of(self, name: str) -> str:
        """Return the name: it is the key."""
        return name

    def name_of(self, key: str) -> str:
        """Return the key: it is the name."""
        return key

    def data_of(self, data: bytes) -> bytes:
        """Return what was put, from the text that the reader makes of it."""
        return base64.b64decode(data)

    def close(self) -> None:
        """Forget the memory."""
        del _PLACES[self._name]


def _module() -> ModuleType:
    """Return a module with a reader of a memory: only classes in `llama_index` are taken for readers."""
    from llama_index.core import Document
    from llama_index.core.readers.base import BaseReader

    class MemoryReader(BaseReader):  # type: ignore[misc, unused-ignore]
        def __init__(self, place: str, token: str) -> None:
            del token
            self._place = _PLACES[place]

        def load_data(self, *args: Any, **load_kwargs: Any) -> list[Document]:
            del args, load_kwargs
            if self._place.is_down:
                raise ConnectionError("no answer")
            if self._place.is_damaged:
                raise ValueError("what came makes no sense")
            return [
                Document(
                    text=base64.b64encode(data).decode(),
                    metadata={"name": name, "readers": self._place.readers.get(name, [])},
                )
                for name, data in self._place.texts.items()
            ]

    module = ModuleType(_MODULE)
    vars(module)["MemoryReader"] = MemoryReader
    return module


SCENES = {"llamaindex": LlamaIndexScene}
