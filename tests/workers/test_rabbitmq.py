"""A real RabbitMQ as the broker: all that passes through it, and its death in the middle."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from celery import Celery

from assistant.app import build
from assistant.settings import load_settings
from tests.fakes.databases import new_database
from tests.ingest.test_kill import assert_is_the_folder, edit, write
from tests.workers.brokers import RabbitMQ
from tests.workers.cluster import Cluster, running_cluster, wait_for
from tests.workers.test_cluster import DOCUMENTS, PHASES, WORKERS, add, is_settled, sync_and_wait
from workers.celery_app import QUEUES

pytestmark = pytest.mark.skipif(RabbitMQ.command() is None, reason="rabbitmq-server is not installed")


def documents(cluster: Cluster) -> int:
    return int(cluster.get("/api/status")["documents"])


def assert_queues_survive(url: str) -> None:
    """Each queue is there and durable: declared otherwise, it would be refused."""
    with Celery(broker=url, set_as_current=False).connection_for_write() as connection:
        for name in set(QUEUES.values()):
            connection.channel().queue_declare(name, durable=True, auto_delete=False)


@pytest.mark.timeout(1200)
def test_documents_pass_through_all_processes(tmp_path: Path, postgres: str) -> None:
    folder = tmp_path / "notes"
    for number in range(DOCUMENTS):
        write(folder, number, "the beginning")
    broker = RabbitMQ(tmp_path)
    with running_cluster(tmp_path, new_database(postgres), WORKERS, broker=broker) as cluster:
        add(cluster, folder)
        wait_for(lambda: is_settled(cluster))
        assert documents(cluster) == DOCUMENTS
        assert set(cluster.get("/api/runs")["runs"][0]["phases"]) == PHASES
        edit(folder, random.Random(7), 1)
        sync_and_wait(cluster)
        assert cluster.post("/api/search", {"query": "note 11 about turn 1"}).json()["hits"]
        assert_queues_survive(broker.url)
        assert cluster.ended() == []
        variables = cluster.variables
    with build(load_settings(home=cluster.home, catalog_url=variables["ASSISTANT_CATALOG_URL"])) as app:
        assert_is_the_folder(app, folder)


@pytest.mark.timeout(1200)
def test_killed_in_the_middle_and_started_again_it_loses_no_document(tmp_path: Path, postgres: str) -> None:
    folder = tmp_path / "notes"
    for number in range(90):
        write(folder, number, "the beginning")
    catalog = new_database(postgres)
    with running_cluster(tmp_path, catalog, WORKERS, broker=RabbitMQ(tmp_path)) as cluster:
        add(cluster, folder)
        wait_for(lambda: documents(cluster) > 10)
        cluster.kill("broker")
        assert cluster.post("/api/search", {"query": "the beginning"}).json()["hits"]
        cluster.start("broker")
        wait_for(lambda: documents(cluster) == 90)
        edit(folder, random.Random(7), 1)
        sync_and_wait(cluster)
        assert cluster.ended() == []
    with build(load_settings(home=cluster.home, catalog_url=catalog)) as app:
        assert_is_the_folder(app, folder)
