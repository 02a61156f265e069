"""Server mode for real: Postgres, Valkey, workers with queues of their own, beat, and the index in the API process."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from assistant.app import build
from assistant.settings import load_settings
from tests.fakes.databases import new_database
from tests.ingest.test_kill import assert_is_the_folder, edit, write
from tests.workers.cluster import Cluster, running_cluster, wait_for

WORKERS = {"parser": "parse", "others": "sync,embed,delete,maintenance"}
PHASES = {"list", "fetch", "parse", "embed", "write"}
DOCUMENTS = 60


def is_settled(cluster: Cluster) -> bool:
    """Whether there were runs, and all of them have ended."""
    runs = cluster.get("/api/runs")["runs"]
    return bool(runs) and all(run["state"] != "running" for run in runs)


def sync_and_wait(cluster: Cluster) -> None:
    wait_for(lambda: is_settled(cluster))
    before = time.time()
    assert cluster.post("/api/sources/notes/sync").status_code == 202

    def is_done() -> bool:
        runs = cluster.get("/api/runs")["runs"]
        done = any(run["started_at"] > before and run["state"] == "done" for run in runs)
        return done and all(run["state"] != "running" for run in runs)

    wait_for(is_done)  # one whose worker was killed ends otherwise, and is followed by another


def add(cluster: Cluster, folder: Path, schedule: str | None = None) -> None:
    body = {"name": "notes", "kind": "folder", "config": {"path": str(folder)}, "schedule": schedule}
    assert cluster.post("/api/sources", body).status_code == 201


@pytest.mark.timeout(1200)
def test_documents_pass_through_all_processes(tmp_path: Path, postgres: str) -> None:
    folder = tmp_path / "notes"
    for number in range(DOCUMENTS):
        write(folder, number, "the beginning")
    with running_cluster(tmp_path, new_database(postgres), WORKERS) as cluster:
        add(cluster, folder)
        wait_for(lambda: is_settled(cluster))
        assert cluster.get("/api/status")["documents"] == DOCUMENTS
        assert set(cluster.get("/api/runs")["runs"][0]["phases"]) == PHASES
        edit(folder, random.Random(7), 1)
        sync_and_wait(cluster)
        found = cluster.post("/api/search", {"query": "note 11 about turn 1"}).json()["hits"]
        assert found
        variables = cluster.variables
    settings = load_settings(home=cluster.home, catalog_url=variables["ASSISTANT_CATALOG_URL"])
    with build(settings) as app:
        assert_is_the_folder(app, folder)


@pytest.mark.timeout(1200)
def test_killed_five_times_anywhere_every_document_is_there_once(tmp_path: Path, postgres: str) -> None:
    kill_and_compare(tmp_path, new_database(postgres), 5)


@pytest.mark.soak
def test_killed_fifty_times_anywhere_every_document_is_there_once(tmp_path: Path, postgres: str) -> None:
    kill_and_compare(tmp_path, new_database(postgres), 50)


def kill_and_compare(tmp_path: Path, catalog: str, kills: int) -> None:
    """Kill processes at random while a schedule syncs what comes, changes and goes; then sync once more and compare."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    folder = tmp_path / "notes"
    for number in range(DOCUMENTS):
        write(folder, number, "the beginning")
    workers = {"parser": "parse", "second": "parse,embed,delete", "others": "sync,embed,delete,maintenance"}
    with running_cluster(tmp_path, catalog, workers, ASSISTANT_LEASE_SECONDS="5") as cluster:
        add(cluster, folder, "every 2s")
        for turn in range(kills):
            edit(folder, dice, turn)
            time.sleep(dice.uniform(0.1, 4.0))
            victim = dice.choice(cluster.names)
            print(f"kill {turn + 1}: {victim}")
            cluster.kill(victim)
            time.sleep(dice.uniform(0.0, 1.0))
            cluster.start(victim)
            if victim == "api":
                cluster.wait_until_ready()
        wait_for(cluster._answers)
        assert cluster.post("/api/sources/notes/pause").status_code == 200
        sync_and_wait(cluster)
    with build(load_settings(home=cluster.home, catalog_url=catalog)) as app:
        assert_is_the_folder(app, folder)
