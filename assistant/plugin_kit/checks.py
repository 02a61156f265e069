"""What a check is, and what checks are given to try a plugin with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from assistant.interfaces import DataSource, Parser, PostProcessor, Tool
from assistant.registry import SourceKind
from assistant.types import Access, Changed, Checkpoint, Deleted, Manifest


class Scene(Protocol):
    """A source together with the means to change what is behind it. It begins with nothing in it.

    A scene may do more, and is tried the more for it; a check that needs what is not there is left out and named:

    - `rename(old, new)`: a document has another key from now on
    - `set_readers(key, allow, deny)`: principals that the source knows for a document
    - `denies`: False where the source knows no denied principals
    - `refuse(key)`: the source lists the document and does not hand it out any more
    - `throttle(times)`: the next requests are answered with "too many requests"
    - `down(is_down)`: the server does not answer, until it is told to again
    - `damage(is_damaged)`: the server answers with rubbish
    - `secret`: the text of the secret that the source is configured with
    - `config`: its configuration, as an admin gives it
    - `key_of(name)` and `name_of(key)`: the source's key of what was put under a name, and back, where the server makes
      keys up (a mail's number); a name that was never put is its own key
    - `data_of(data)`: the bytes that were put, from those that are handed out, where the source writes its documents
      itself (a feed's entry); it is asked only beside `key_of`
    - `exempt`: checks that do not apply to what the source is, by name, each with the reason, which is shown
    - `close()`: ends what the scene started
    """

    def source(self) -> DataSource:
        """Return a new source on what is there, as after a restart."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Add a document, or give it another content."""
        ...

    def remove(self, key: str) -> None:
        """Take a document away."""
        ...


class CheckFailedError(AssertionError):
    """A plugin does not do what it has to."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is tried.

    Attributes:
        name: the plugin's name.
        module: of its `register`.
        manifest: None where it has none.
        kinds: its source kinds by name.
        tools, parsers, post_processors: what it offers of these.
        examples: arguments that a tool takes, by its name.
        tool_kinds: the schemas of the configurations of its kinds of tools.
    """

    name: str
    module: ModuleType
    manifest: Manifest | None
    kinds: Mapping[str, SourceKind] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    parsers: tuple[Parser, ...] = ()
    post_processors: tuple[PostProcessor, ...] = ()
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tool_kinds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `run` gets what `on` says: a target, a scene, a tool with the target, and so on."""

    name: str
    on: str
    needs: tuple[str, ...]
    run: Callable[..., None]

    @property
    def about(self) -> str:
        """What has to hold."""
        return " ".join((inspect.getdoc(self.run) or "").split())


CHECKS: dict[str, Check] = {}


def check(on: str, *needs: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Keep a function as a check on `plugin`, `source`, `tool`, `parser` or `post-processor`.

    Args:
        on: what it is given.
        needs: what a scene has to do more for it.
    """

    def kept(run: Callable[..., None]) -> Callable[..., None]:
        CHECKS[run.__name__] = Check(run.__name__, on, needs, run)
        return run

    return kept


def require(condition: object, message: str) -> None:
    """Raise CheckFailedError with the message where the condition does not hold."""
    if not condition:
        raise CheckFailedError(message)


def listed(changes: Iterable[Any]) -> dict[str, str | None]:
    """Return keys and versions of a whole listing; fails where a key comes twice or what comes is no change."""
    found: dict[str, str | None] = {}
    for change in changes:
        require(isinstance(change, (Changed, Deleted, Checkpoint)), f"{change!r} is no Changed, Deleted or Checkpoint")
        if isinstance(change, Changed):
            require(change.access is None or isinstance(change.access, Access), f"{change!r} has readers that are none")
            require(change.key not in found, f"{change.key!r} was listed twice")
            found[change.key] = change.version
    return found


def shown(changes: Iterable[Any]) -> dict[str, Access | None]:
    """Return keys and readers of a listing."""
    return {change.key: change.access for change in changes if isinstance(change, Changed)}


def synced(source: DataSource, cursor: str | None, before: Iterable[str]) -> tuple[set[str], set[str], str | None]:
    """Do with a listing what a sync does.

    Args:
        source: is listed.
        cursor: from here on.
        before: the keys that were known.

    Returns:
        the keys that are known then, those that were listed as changed, and the cursor for the next time.
    """
    known, seen, last = set(before), set(), cursor
    for change in source.changes(cursor):
        match change:
            case Changed(key=key):
                known.add(key)
                seen.add(key)
            case Deleted(key=key):
                known.discard(key)
                seen.discard(key)
            case Checkpoint(cursor=mark, complete=whole):
                require(isinstance(mark, str), f"the cursor {mark!r} is no text")
                last = mark
                known = set(seen) if whole else known
    return known, seen, last


def fill(scene: Scene, *keys: str) -> None:
    """Put a document for each key."""
    for key in keys:
        scene.put(key, f"the text of {key}\n".encode())
