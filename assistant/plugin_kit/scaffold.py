"""Makes a new plugin: a package that can be installed, with tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from assistant.errors import ConfigurationError

What = Literal["source", "tool"]
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")

_PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "assistant-@NAME@"
version = "0.1.0"
description = "A @WHAT@ for Assistant"
requires-python = ">=3.11"

[project.entry-points."assistant.plugins"]
@NAME@ = "@NAME@:register"

[tool.setuptools.packages.find]
include = ["@NAME@*"]
"""

_README = """\
# assistant-@NAME@

A @WHAT@ for Assistant.

    assistant plugins check .         # the conformance kit
    python -m pytest                  # the same checks, and your own tests
    pip install .                     # into the assistant's environment
    assistant plugins enable @NAME@
"""

_SOURCE = '''\
"""@NAME@: a data source. It reads the files of one folder; put your own server in its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from assistant.errors import NotFoundError, SourceUnreachableError
from assistant.interfaces import Registry
from assistant.types import Change, Changed, Checkpoint, Manifest, Permissions, RawDocument

MANIFEST = Manifest("@NAME@", "0.1.0", description="Reads one folder.", permissions=Permissions(paths=("*",)))


class Config(BaseModel):
    """What an admin fills in."""

    model_config = ConfigDict(extra="forbid")

    path: Path = Field(description="The folder.")


class Source:
    """See `assistant.interfaces.DataSource`."""

    def __init__(self, config: Config) -> None:
        self._root = config.path.resolve()

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """List all keys; with `complete=True` at the end, what was not listed is deleted."""
        if not self._root.is_dir():
            raise SourceUnreachableError(f"{self._root} is not there", "check the path")
        for path in sorted(self._root.rglob("*")):
            if path.is_file():
                found = path.stat()
                yield Changed(path.relative_to(self._root).as_posix(), f"{found.st_mtime_ns}-{found.st_size}")
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """Return the document as it is now."""
        path = (self._root / key).resolve()
        if not self._root.is_dir():
            raise SourceUnreachableError(f"{self._root} is not there", "check the path")
        if not path.is_relative_to(self._root) or not path.is_file():
            raise NotFoundError(f"there is no {key!r}")
        return RawDocument(key, path.read_bytes(), "", path.name, path.as_uri())


def register(registry: Registry) -> None:
    """Offer the source."""
    registry.add_source("@NAME@", Config, Source)
'''

_SOURCE_SCENE = '''\
"""What the conformance kit tries the source with."""

from __future__ import annotations

from pathlib import Path

from @NAME@ import Config, Source


class Scene:
    """A source, and the means to change what is behind it; see `assistant.plugin_kit.Scene` for what it may do more."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "documents"
        self._root.mkdir()
        self.config = {"path": str(self._root)}

    def source(self) -> Source:
        return Source(Config(**self.config))

    def put(self, key: str, data: bytes) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def remove(self, key: str) -> None:
        (self._root / key).unlink()

    def rename(self, old: str, new: str) -> None:
        (self._root / old).rename(self._root / new)

    def down(self, is_down: bool) -> None:
        away = self._root.with_name("away")
        (self._root.rename(away) if is_down else away.rename(self._root))


SCENES = {"@NAME@": Scene}
'''

_SOURCE_TEST = '''\
"""The conformance kit on @NAME@, and tests of your own."""

from __future__ import annotations

from pathlib import Path

from assistant.plugin_kit import PluginSuite, SourceSuite
from @NAME@.conformance import Scene

PLUGIN = str(Path(__file__).parents[1])


class TestPlugin(PluginSuite):
    plugin = PLUGIN


class TestSource(SourceSuite):
    plugin = PLUGIN
    kind = "@NAME@"

    def scene(self, folder: Path) -> Scene:
        return Scene(folder)
'''

_TOOL = '''\
"""@NAME@: a tool. It counts words; put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.errors import ToolError
from assistant.interfaces import Registry
from assistant.types import Manifest, ToolResult, User

MANIFEST = Manifest("@NAME@", "0.1.0", description="Counts words.")


class Tool:
    """See `assistant.interfaces.Tool`."""

    name = "@NAME@"
    description = "Counts the words of a text. Returns their number."
    parameters = {
        "type": "object",
        "properties": {"text": {"type": "string", "description": "The text."}},
        "required": ["text"],
        "additionalProperties": False,
    }
    writes = False

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """Count the words."""
        text = arguments.get("text")
        if not isinstance(text, str):
            raise ToolError("text is no text", "give the text whose words are to be counted")
        words = len(text.split())
        return ToolResult(f"{words} words", {"words": words})


def register(registry: Registry) -> None:
    """Offer the tool."""
    registry.add_tool(Tool())
'''

_TOOL_EXAMPLES = '''\
"""What the conformance kit tries the tool with."""

from __future__ import annotations

EXAMPLES = {"@NAME@": {"text": "three short words"}}
'''

_TOOL_TEST = '''\
"""The conformance kit on @NAME@, and tests of your own."""

from __future__ import annotations

from pathlib import Path

from assistant.plugin_kit import PluginSuite
from assistant.types import LOCAL_OPERATOR
from @NAME@ import Tool


class TestPlugin(PluginSuite):
    plugin = str(Path(__file__).parents[1])


def test_it_counts():
    assert Tool().run({"text": "three short words"}, LOCAL_OPERATOR).data == {"words": 3}
'''


def new_plugin(folder: Path, name: str, what: What) -> list[Path]:
    """Write a working plugin into a new folder, and return its files.

    Args:
        folder: where the folder `name` is made.
        name: of the plugin, its package and what it offers.
        what: what it offers.

    Raises:
        ConfigurationError: the name is none for a package, or the folder is there already or cannot be made.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} cannot be a plugin's name", "use 2 to 40 of a-z, 0-9 and _")
    root = folder / name
    files = {
        "pyproject.toml": _PROJECT,
        "README.md": _README,
        f"{name}/__init__.py": _SOURCE if what == "source" else _TOOL,
        f"{name}/conformance.py": _SOURCE_SCENE if what == "source" else _TOOL_EXAMPLES,
        f"tests/test_{name}.py": _SOURCE_TEST if what == "source" else _TOOL_TEST,
    }
    words = "data source" if what == "source" else "tool"
    try:
        root.mkdir(parents=True)
        for path, text in files.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text.replace("@NAME@", name).replace("@WHAT@", words), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{root} cannot be made: {error.strerror}", "name another folder") from error
    return [root / path for path in files]
