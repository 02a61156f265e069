"""Documents that are looked for by name: in any case, and with signs that mean something in SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.catalog import Wanted
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> System:
    system = System(tmp_path)
    system.source.texts = {"Über uns.txt": "one", "50%_off.txt": "two", "plan.txt": "three"}
    system.ingestor.sync("s", "cli")
    return system


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("PLAN", ["plan.txt"]),
        ("Über", ["Über uns.txt"]),
        ("UNS", ["Über uns.txt"]),
        ("0%_o", ["50%_off.txt"]),
        ("%", ["50%_off.txt"]),
        ("p_an", []),
        ("", ["50%_off.txt", "plan.txt", "Über uns.txt"]),
    ],
)
def test_a_name_is_found_as_it_is_written(system: System, query: str, keys: list[str]) -> None:
    found, total = system.catalog.inventory.page(None, Wanted(query), 10, 0)
    assert ([one.key for one in found], total) == (keys, len(keys))
    assert system.catalog.inventory.page(["other"], Wanted(query), 10, 0) == ([], 0)
