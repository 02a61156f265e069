"""Files and functions stay short enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("assistant", "plugins", "workers", "ui", "tests", "infra")
FILE_LINES = 400
FUNCTION_LINES = 50


def _files() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def _functions(source: str, filename: str = "<text>") -> Iterator[tuple[str, int, int]]:
    """Yield name, first line and length of every function, nested ones too; decorators do not count."""
    for node in ast.walk(ast.parse(source, filename)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def test_there_are_files_to_measure() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in _files()} >= set(FOLDERS)


def test_files_are_under_400_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _files()}
    long = [f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in lengths.items() if lines >= FILE_LINES]
    assert not long, "split these files:\n" + "\n".join(long)


def test_functions_are_under_50_lines() -> None:
    long = [
        f"{path.relative_to(ROOT).as_posix()}:{line} {name}: {length} lines"
        for path in _files()
        for name, line, length in _functions(path.read_text(encoding="utf-8"), str(path))
        if length >= FUNCTION_LINES
    ]
    assert not long, "split these functions:\n" + "\n".join(long)


def test_a_long_function_would_be_found() -> None:
    source = "class A:\n    async def f(self):\n" + "        pass\n" * 60
    assert list(_functions(source)) == [("f", 2, 61)]
