"""A real Postgres that goes away in the middle of a sync, orderly and by a crash, and comes back some seconds later."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
import pytest

from assistant.app import build
from assistant.settings import load_settings
from tests.fakes.databases import Postgres, new_database, running_postgres
from tests.ingest.test_kill import assert_is_the_folder, edit, write
from tests.workers.cluster import Cluster, running_cluster, wait_for
from tests.workers.test_cluster import WORKERS, add, sync_and_wait

DOCUMENTS = 120
AWAY_SECONDS = 4.0


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A Postgres that this test may stop."""
    with running_postgres() as server:
        yield server


def documents(cluster: Cluster) -> int:
    """How many there are; none as long as the API says that the catalog is away."""
    answer = httpx.get(f"{cluster.api}/api/status", timeout=120)
    return 0 if answer.status_code == 503 else int(answer.raise_for_status().json()["documents"])


def assert_answers_without_waiting(cluster: Cluster) -> None:
    """The API says that the catalog is away, instead of keeping who asks waiting."""
    for path in ("/api/status", "/api/sources"):
        answer = httpx.get(cluster.api + path, timeout=60)
        assert answer.status_code == 503
        assert "does not answer" in answer.text


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_every_document_is_there_once(tmp_path: Path, server: Postgres, mode: Literal["fast", "immediate"]) -> None:
    folder = tmp_path / "notes"
    for number in range(DOCUMENTS):
        write(folder, number, "the beginning")
    catalog = new_database(server.url)
    with running_cluster(tmp_path, catalog, WORKERS) as cluster:
        add(cluster, folder)
        wait_for(lambda: documents(cluster) > 10)
        server.stop(mode)
        assert_answers_without_waiting(cluster)
        time.sleep(AWAY_SECONDS)
        server.start()
        wait_for(lambda: documents(cluster) == DOCUMENTS)
        edit(folder, random.Random(7), 1)
        sync_and_wait(cluster)
        assert cluster.ended() == []
    with build(load_settings(home=cluster.home, catalog_url=catalog)) as app:
        assert_is_the_folder(app, folder)
