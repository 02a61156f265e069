"""The threat model names a test for each threat, and each test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "infra" / "docs" / "threats.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.partition("## Threats")[2].splitlines() if re.match(r"\| \d", line)]


def names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    classes = {one.name for one in ast.walk(tree) if isinstance(one, ast.ClassDef)}
    return found | classes


def test_each_threat_has_a_kind_a_defence_and_a_test_that_is_there() -> None:
    assert len(ROWS) >= 20
    missing = []
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 5, row
        assert set(cells[1].split(", ")) <= set("STRIDE"), row
        tests = re.findall(r"`(tests/[^`]+)`", cells[4])
        assert tests, f"no test is named: {row}"
        for test in tests:
            file, *parts = test.split("::")
            path = ROOT / file
            if not path.is_file() or not set(parts) <= names(path):
                missing.append(test)
    assert missing == []


def test_every_kind_of_threat_is_there() -> None:
    assert {row.split("|")[2].strip() for row in ROWS} >= set("STRIDE") - {"R"}
