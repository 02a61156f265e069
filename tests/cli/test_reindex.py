"""Another index by command: built, gone over to beside a running assistant, kept level, gone back from, given up."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from assistant.app import App, Reindexing, build
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR
from tests.cli.conftest import Run, assert_one_clear_line, json_of
from tests.cli.test_up import SECONDS, running, wait_for

pytestmark = pytest.mark.timeout(900)  # one starts a whole installation, on a machine that may have other work
LONG = "# Travel\n\n" + " ".join(f"Rule {n} of travelling says that ticket {n} is booked in Concur." for n in range(40))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text(LONG)
    (folder / "vpn.txt").write_text("The VPN gateway is vpn-frankfurt-2. Certificates expire after 90 days.\n")
    return folder


def chunks_of(app: App) -> int:
    return app.library.count(LOCAL_OPERATOR)[1]


def test_build_swap_keep_level_back_and_give_up(assistant: Run, folder: Path, assistant_home: Path) -> None:
    json_of(assistant("ingest", folder, "--source", "docs", "--json"))
    assert_one_clear_line(assistant("reindex"), "already", "--embedder")
    assert_one_clear_line(assistant("reindex", "--back"), "no former index is kept")
    listed = json_of(assistant("reindex", "--list", "--json"))["indexes"]
    assert [(one["name"], one["state"], one["chunk_tokens"]) for one in listed] == [("first", "current", 200)]
    done = assistant("reindex", "--chunk-tokens", "64")
    assert done.returncode == 0, done.stderr
    assert "onnx-64: 2 documents" in done.stdout
    assert "vector search 100.0% of the nearest" in done.stdout
    assert "searches use the index onnx-64 now" in done.stdout
    listed = json_of(assistant("reindex", "--list", "--json"))["indexes"]
    assert {one["name"]: one["state"] for one in listed} == {"first": "kept", "onnx-64": "current"}
    report = json_of(assistant("sources", "sync", "docs", "--json"))["documents"]
    assert (report["unchanged"], report["updated"]) == (2, 0)
    hits = json_of(assistant("search", "VPN gateway", "--json"))["hits"]
    assert hits[0]["document"]["key"] == "vpn.txt"
    (folder / "new.txt").write_text("The canteen serves lunch at noon.\n")
    json_of(assistant("sources", "sync", "docs", "--json"))
    with build(load_settings(home=assistant_home)) as app:
        assert app.served.name == "onnx-64"
        (level,) = Reindexing(app).keep_level()
        assert level.built == 1
        many = chunks_of(app)
    done = assistant("reindex", "--back")
    assert (done.returncode, done.stdout) == (0, "searches use the index first again\n"), done.stderr
    with build(load_settings(home=assistant_home)) as app:
        assert app.index.counts().documents == 3
        assert app.index.counts().chunks == chunks_of(app) < many
    assert json_of(assistant("search", "lunch in the canteen", "--json"))["hits"][0]["document"]["key"] == "new.txt"
    assert_one_clear_line(assistant("reindex", "--drop", "first"), "searches use the index 'first'")
    assert assistant("reindex", "--drop", "onnx-64").returncode == 0
    assert not (assistant_home / "indexes" / "onnx-64").exists()
    assert_one_clear_line(assistant("reindex", "--drop", "onnx-64"), "there is no index 'onnx-64'")


def test_a_running_assistant_goes_over_by_itself(assistant: Run, folder: Path, assistant_home: Path) -> None:
    with running(assistant_home) as server:
        body = {"name": "docs", "kind": "folder", "config": {"path": str(folder)}, "schedule": "every 2s"}
        assert httpx.post(f"{server.api}/api/sources", json=body, timeout=SECONDS).status_code == 201
        wait_for(lambda: server.get("/api/status").json()["documents"] == 2)
        few = server.get("/api/status").json()["chunks"]
        done = assistant("reindex", "--chunk-tokens", "64")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: server.get("/api/status").json()["index"] == "onnx-64")
        assert server.get("/api/status").json()["chunks"] > few
        (folder / "new.txt").write_text("The canteen serves lunch at noon.\n")
        wait_for(lambda: server.get("/api/status").json()["documents"] == 3)
        found = httpx.post(f"{server.api}/api/search", json={"query": "lunch at noon"}, timeout=SECONDS).json()
        assert found["hits"][0]["document"]["key"] == "new.txt"
        runs = [run for run in server.get("/api/runs").json()["runs"] if run["documents"]["updated"]]
        assert runs == []  # nothing was parsed again because of the new chunks
        done = assistant("reindex", "--back")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: server.get("/api/status").json()["index"] == "first")
        found = httpx.post(f"{server.api}/api/search", json={"query": "lunch at noon"}, timeout=SECONDS).json()
        assert found["hits"][0]["document"]["key"] == "new.txt"
