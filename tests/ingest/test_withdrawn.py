"""Uploads that are un-shared, removed or given back while they are read, or before the next sync."""

from __future__ import annotations

import pytest

from tests.fakes.uploads import UploadSystem
from tests.ingest.test_uploads import ALICE, HR, LUNCH, system

__all__ = ["system"]  # the fixture


@pytest.mark.parametrize("act", ["unshare", "remove"])
def test_what_is_withdrawn_while_it_is_prepared_does_not_come_into_force(system: UploadSystem, act: str) -> None:
    system.uploads.put(ALICE, "lunch.txt", LUNCH, ["hr"])
    system.ingestor.begin("uploads-alice", "upload")
    assert system.ingestor.stages.parse() == 1
    if act == "unshare":
        system.uploads.share(ALICE, "lunch.txt", [])
    else:
        system.uploads.remove(ALICE, "lunch.txt")
    assert system.ingestor.stages.embed() == 1
    assert system.found("canteen lunch", HR) == set()
    assert system.found("canteen lunch", ALICE) == ({"lunch.txt"} if act == "unshare" else set())
    system.sync()
    assert system.found("canteen lunch", HR) == set()
    assert system.found("canteen lunch", ALICE) == ({"lunch.txt"} if act == "unshare" else set())


def test_what_is_withdrawn_and_given_back_before_a_sync_is_open_again(system: UploadSystem) -> None:
    system.uploads.put(ALICE, "lunch.txt", LUNCH, ["hr"])
    system.sync()
    system.uploads.share(ALICE, "lunch.txt", [])
    system.uploads.share(ALICE, "lunch.txt", ["hr"])
    system.sync()
    assert system.found("canteen lunch", HR) == {"lunch.txt"}
    system.uploads.remove(ALICE, "lunch.txt")
    system.uploads.put(ALICE, "lunch.txt", LUNCH, ["hr"])
    system.sync()
    assert system.found("canteen lunch", ALICE) == system.found("canteen lunch", HR) == {"lunch.txt"}
