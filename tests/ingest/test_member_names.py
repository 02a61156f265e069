"""Names, limits and counts of documents inside documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.types import LOCAL_OPERATOR
from tests.fakes.bundles import BundleParser, put, sync
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = System(tmp_path)
    made.registry.add_parser(BundleParser())
    yield made
    made.close()


def test_names_with_the_separator_are_names(system: System):
    put(system, "a.bundle", {"Wichtig!/b.txt": "Bees."})
    for number in range(4):
        put(system, f"a!/b!/c!/{number}.bundle", {"x.txt": f"X{number}."})
    sync(system, "added 10")
    assert system.library.read("s", "a.bundle!/Wichtig!/b.txt", LOCAL_OPERATOR).text == "Bees."
    assert system.library.read("s", "a!/b!/c!/0.bundle!/x.txt", LOCAL_OPERATOR).text == "X0."


def test_the_same_work_again_does_not_use_up_the_limit(system: System, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assistant.ingest.members.MAX_IN_TREE", 8)
    inner = {f"{n}.txt": f"Text {n}." for n in range(5)}
    put(system, "a.bundle", {"inner.bundle": inner})
    sync(system, "added 7")
    put(system, "a.bundle", {"inner.bundle": {**inner, "0.txt": "Other."}})
    sync(system, "updated 3 unchanged 4")


def test_a_listed_document_is_not_replaced_by_a_member_of_the_same_key(system: System):
    system.source.texts["a.bundle!/b.txt"] = "Listed."
    put(system, "a.bundle", {"b.txt": "Member."})
    sync(system)
    sync(system)
    assert system.library.read("s", "a.bundle!/b.txt", LOCAL_OPERATOR).text == "Listed."


def test_members_of_a_member_that_stays_the_same_are_counted(system: System):
    put(system, "a.bundle", {"b.txt": "Bees.", "inner.bundle": {"one.txt": "One.", "two.txt": "Two."}})
    sync(system, "added 5")
    put(system, "a.bundle", {"b.txt": "Bumblebees.", "inner.bundle": {"one.txt": "One.", "two.txt": "Two."}})
    sync(system, "updated 2 unchanged 3")


def test_a_path_that_is_too_long_is_a_clear_error(system: System):
    put(system, "a.bundle", {"x" * 3000: "Long."})
    assert sync(system).failures[0].code == "DocumentTooLargeError"
