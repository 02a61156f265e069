"""What a plugin says of itself, and what its tools return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.types.answers import Passage

API_VERSION = 1
ANY = ("*",)
ROWS_CHARACTERS = 20_000  # of a table that a tool returns


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a plugin wants to use; `("*",)` stands for anything.

    `hosts` are names of network hosts, `paths` files or folders, `secrets` the names of its configurations' secret
    fields. `writes`: whether a tool of it changes something outside of the assistant.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    writes: bool = False


EVERY_PERMISSION = Permissions(ANY, ANY, ANY, writes=True)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's own description: `MANIFEST` in the module of its `register`.

    `api_version` is the version of the plugin interface it was written for. `declared` is False for a plugin that says
    nothing: then it is taken to want everything. `experimental`: nobody has run it against the real thing yet.
    """

    name: str
    version: str
    api_version: int = API_VERSION
    description: str = ""
    permissions: Permissions = field(default_factory=Permissions)
    declared: bool = True
    experimental: bool = False


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found or did: `text` for the model and the reader, `data` as JSON values for programs.

    `passages` are what an answer may cite of it. Only the assistant's own tools have them: what they say stands in a
    document, and the library gave it to this user; nobody could check that of another process.
    """

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()

    @classmethod
    def of_rows(
        cls, columns: Sequence[str], rows: Sequence[Sequence[Any]], most: int, passages: tuple[Passage, ...] = ()
    ) -> ToolResult:
        """Return the rows of a query as a table, which says so where it is cut.

        Args:
            columns: their names.
            rows: of values; one more than `most` where there are more.
            most: rows that are shown; of long ones fewer, `ROWS_CHARACTERS` in all.
            passages: what may be cited.
        """
        shown: list[list[Any]] = []
        lines = [" | ".join(columns)]
        size = len(lines[0])
        for row in rows[:most]:
            plain = [value if isinstance(value, int | float | None) else str(value) for value in row]
            line = " | ".join("" if value is None else str(value) for value in plain)
            size += len(line) + 1
            if size > ROWS_CHARACTERS:
                break
            shown.append(plain)
            lines.append(line)
        cut = len(shown) < len(rows)
        if cut:
            lines.append(f"There are more rows than these {len(shown)}: ask for fewer or shorter ones, or add them up.")
        elif not rows:
            lines.append("No row fits.")
        return cls("\n".join(lines), {"columns": list(columns), "rows": shown, "cut": cut}, passages)
