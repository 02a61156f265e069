"""A real broker that is down at the start, and one that dies in the middle and comes back without its messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.app import build
from assistant.settings import load_settings
from tests.ingest.test_kill import assert_is_the_folder, write
from tests.workers.cluster import Cluster, running_cluster, wait_for

WORKER = {"worker": "sync,parse,embed,delete,maintenance"}


def documents(cluster: Cluster) -> int:
    return int(cluster.get("/api/status")["documents"])


@pytest.mark.timeout(1200)
def test_the_api_serves_without_a_broker_and_works_with_it_once_it_comes_and_comes_again(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    write(folder, 0, "the sauna")
    with build(load_settings(home=tmp_path / "home")) as app:
        app.catalog.sources.add("notes", "folder", {"path": str(folder)}, {}, "every 2s")
        app.ingestor.sync("notes", "cli")
    with running_cluster(tmp_path, "", WORKER, with_broker=False) as cluster:
        # down at the start: said clearly by the log; who asks for work has it recorded; what is there is found
        assert cluster.post("/api/search", {"query": "the sauna"}).json()["hits"]
        taken = cluster.post("/api/sources/notes/sync")
        assert (taken.status_code, taken.json()["is_asked"]) == (202, True)
        log = tmp_path / "api.log"
        wait_for(lambda: "the broker does not take work" in log.read_text())
        assert "search works, syncs wait" in log.read_text()
        # it comes: the schedule goes on by itself
        write(folder, 1, "the gym")
        cluster.start("broker")
        wait_for(lambda: documents(cluster) == 2)
        wait_for(lambda: "answers" in log.read_text())
        wait_for(lambda: not cluster.get("/api/sources")["sources"][0]["is_asked"])
        # it dies in the middle, and comes back empty
        for number in range(120):
            write(folder, number, "the library")
        wait_for(lambda: documents(cluster) > 20)
        cluster.kill("broker")
        assert cluster.post("/api/search", {"query": "the library"}).json()["hits"]
        cluster.start("broker")
        wait_for(lambda: documents(cluster) == 120)
        assert cluster.post("/api/sources/notes/pause").status_code == 200
        wait_for(lambda: all(run["state"] != "running" for run in cluster.get("/api/runs")["runs"]))
    with build(load_settings(home=cluster.home)) as app:
        assert_is_the_folder(app, folder)
