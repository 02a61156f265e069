"""Keeps those who manage sources and tools out of the assistant's own home, which holds what others may read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from assistant.errors import AccessDeniedError
from assistant.types import User


def refuse_home(config: Any, home: Path, user: User) -> None:
    """See that a configuration of a source or a tool names nothing that lies in the home, unless an operator gives it.

    Args:
        config: JSON as it was given, at any depth.
        home: the assistant's.
        user: who gives it.

    Raises:
        AccessDeniedError: a text in it is a path, or an address with a path, into the home; or of a folder around it.
    """
    if user.role == "operator":
        return
    inside = home.resolve()
    for text in _texts(config):
        for path in _paths(text):
            with contextlib.suppress(OSError, RuntimeError, ValueError):  # it is no path at all
                found = path.expanduser().resolve()
                is_around = str(path) == text != "/" and path.is_absolute() and inside.is_relative_to(found)
                if is_around or (found.is_relative_to(inside) and (path.is_absolute() or found.exists())):
                    raise AccessDeniedError(
                        "the configuration names what lies in the assistant's own home, or a folder around it",
                        "choose another place: the home holds documents and conversations of other people",
                    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _paths(text: str) -> Iterator[Path]:
    """Yield what a text may mean as a path: itself, or what stands behind `sqlite:///`, `file:` and the like."""
    behind = text.partition("://")[2]
    for one in (text, behind, text.rpartition("file:")[2], behind.rpartition("file:")[2]):
        plain = unquote(one.partition("?")[0])
        if bare := plain.lstrip("/"):
            yield from (Path(plain), Path(bare), Path(f"/{bare}"))
