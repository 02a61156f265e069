"""Imports what parsers and plugins' processes import, so that Python keeps it compiled.

`infra/install.sh` runs it after the packages are installed. Those processes are confined and may write nothing, so that
each would compile it anew when it starts. All other modules Python compiles when they are first imported; to compile
everything would take minutes, and a fifth more disk, for modules that nobody imports.
"""

from __future__ import annotations

import ast
import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONFINED = ("assistant/parsing", "assistant/plugin_host")


def modules() -> Iterator[str]:
    """Yield the names of the modules, and of all that is imported anywhere in them."""
    for file in sorted(file for folder in CONFINED for file in (ROOT / folder).rglob("*.py")):
        yield ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name.islower())


def main() -> None:
    """Import them; one that cannot be, such as of an extra that is not installed, is compiled when it is first used."""
    sys.dont_write_bytecode = False  # whatever the environment says: this environment is the assistant's own
    sys.path.insert(0, str(ROOT))
    warnings.simplefilter("ignore")
    for name in dict.fromkeys(modules()):
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001, S112 - whatever a library says to being imported
            continue


if __name__ == "__main__":
    main()
