"""Keeps admins who are not the machine's operator out of its folders, and out of the home with what others read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assistant.errors import AccessDeniedError
from assistant.registry.marking import schema_values
from assistant.types import User


@dataclass(frozen=True, slots=True)
class Places:
    """Where on this machine the sources and tools of admins may look.

    Attributes:
        home: the assistant's own folder, which nobody's may look into.
        folders: what admins may name, with all below; the operator may name any folder but the home.
    """

    home: Path
    folders: tuple[Path, ...] = ()

    def refuse(self, config: Any, schema: Mapping[str, Any], user: User, known: Any = None) -> None:
        """See that a configuration of a source or a tool names no other place, unless an operator gives it.

        Args:
            config: JSON as it was given, at any depth.
            schema: the JSON schema of such configurations: it says which texts are paths. Others are taken for paths
                where something of this machine is there.
            user: who gives it.
            known: the configuration so far: what stands in it may stay.

        Raises:
            AccessDeniedError: a text in it is a path, or an address with a path, to another place.
        """
        if user.role == "operator":
            return
        paths = {
            text for value in schema_values(schema, schema.get("$defs", {}), config, "path") for text in _texts(value)
        }
        for text in {*_texts(config)} - {*_texts(known)}:
            for path in _paths(text):
                with contextlib.suppress(OSError, RuntimeError, ValueError):  # it is no path at all
                    self._refuse(path, named=text in paths and str(path) == text)

    def _refuse(self, path: Path, *, named: bool) -> None:
        found, home = path.expanduser().resolve(), self.home.resolve()
        if found.is_relative_to(home) and (path.is_absolute() or found.exists()):
            raise AccessDeniedError(
                "the configuration names what lies in the assistant's own home",
                "choose another place: the home holds documents and conversations of other people",
            )
        there = path.is_absolute() and str(path) != "/" and found.exists()
        if not (named or there):
            return
        allowed = any(found.is_relative_to(folder.resolve()) for folder in self.folders)
        if not allowed or home.is_relative_to(found):
            raise AccessDeniedError(
                "the configuration names a place on the server that is not for admins",
                "the operator names the folders that are, in the setting admin_folders, or adds it on the command line",
            )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _paths(text: str) -> Iterator[Path]:
    """Yield what a text may mean as a path: itself, or what stands behind `sqlite:///`, `file:` and the like."""
    yield Path(text)
    behind = text.partition("://")[2]
    for one in (text, behind, text.rpartition("file:")[2], behind.rpartition("file:")[2]):
        plain = unquote(one.partition("?")[0])
        if bare := plain.lstrip("/"):
            yield from (Path(plain), Path(bare), Path(f"/{bare}"))
