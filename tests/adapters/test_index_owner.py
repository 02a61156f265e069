"""Another process reaches the owner's index: same contract, same errors, nothing for strangers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx
import numpy as np
import pytest

from assistant.adapters.index_owner_client import OwnerIndex, find_owner
from assistant.adapters.index_owner_server import serve_owner
from assistant.errors import EmbedderMismatchError, IndexUnavailableError, StorageFullError
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import DIMENSION, PICTURES, IndexContract, chunks, put, ref, vectors
from tests.fakes.index import FakeIndex


@pytest.fixture
def owned(tmp_path):
    index = FakeIndex(DIMENSION)
    server = serve_owner(index, tmp_path)
    yield index, server
    server.stop()


@pytest.fixture
def client(tmp_path, owned):
    client = OwnerIndex(tmp_path)
    yield client
    client.close()


@contextmanager
def served(pictures=None):
    from assistant.adapters.index_edge import open_edge_index

    with fast_folder() as home:
        owned = open_edge_index(home / "index", "test", DIMENSION, pictures)
        server = serve_owner(owned, home)
        client = OwnerIndex(home)
        yield client
        client.close()
        server.stop()
        owned.close()


class TestOwnerClient(IndexContract):
    @pytest.fixture
    def index(self):
        with served(PICTURES) as client:
            yield client

    @pytest.fixture
    def without_pictures(self):
        with served() as client:
            yield client


def post(server, name="counts", token=None, **headers):
    bearer = {"Authorization": f"Bearer {server.owner.token if token is None else token}"}
    url = f"http://127.0.0.1:{server.owner.port}/index/{name}"
    return httpx.post(url, content=b"{}", headers={**bearer, **headers}, trust_env=False, timeout=60)


def test_the_file_is_for_its_owner_only_and_goes_with_the_server(tmp_path, owned):
    _, server = owned
    path = tmp_path / "owner.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {
        "port": server.owner.port,
        "token": server.owner.token,
        "pid": os.getpid(),
    }
    assert [p.name for p in tmp_path.iterdir()] == ["owner.json"]
    server.stop()
    server.stop()
    assert not path.exists()


def test_strangers_are_refused(owned):
    _, server = owned
    assert post(server).status_code == 200
    assert post(server, token="wrong").status_code == 401
    assert post(server, Authorization="Bearer").status_code == 401
    assert post(server, Authorization=server.owner.token).status_code == 401
    assert post(server, Authorization="é".encode()).status_code == 401
    assert post(server, Host="evil.example").status_code == 421
    assert post(server, Host=f"evil.example:{server.owner.port}").status_code == 421
    assert post(server, Host="localhost:1").status_code == 200
    assert post(server, name="nothing").status_code == 404
    assert (
        httpx.get(f"http://127.0.0.1:{server.owner.port}/index/counts", trust_env=False, timeout=60).status_code == 405
    )


def test_a_broken_call_is_an_error_and_the_server_lives_on(owned):
    _, server = owned
    bearer = {"Authorization": f"Bearer {server.owner.token}"}
    url = f"http://127.0.0.1:{server.owner.port}/index"
    for name, body in (("write", b"{"), ("write", b"{}"), ("search", b"[]"), ("delete", b'"x"')):
        assert httpx.post(f"{url}/{name}", content=body, headers=bearer, trust_env=False, timeout=60).status_code == 400
    damaged = {"vector": {"shape": [8], "data": "!"}, "user": {"id": "a", "groups": [], "role": "employee"}}
    answer = httpx.post(f"{url}/search", json=damaged, headers=bearer, trust_env=False, timeout=60)
    assert answer.json()["error"] == "VectorIndexError"
    assert post(server).status_code == 200


def test_errors_arrive_as_what_they_are(client, owned, monkeypatch):
    index, _ = owned

    def full(*_):
        raise StorageFullError("no space left", "free some")

    monkeypatch.setattr(index, "write", full)
    with pytest.raises(StorageFullError) as caught:
        put(client, ref("a.txt"), "text")
    assert (caught.value.message, caught.value.hint, caught.value.retryable) == ("no space left", "free some", True)
    index.close()
    with pytest.raises(IndexUnavailableError):
        client.counts()


def test_a_proxy_in_the_environment_is_not_asked(tmp_path, owned, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = find_owner(tmp_path)
    assert client is not None
    assert client.counts().chunks == 0
    client.close()


def test_no_owner(tmp_path):
    assert find_owner(tmp_path) is None
    client = OwnerIndex(tmp_path)
    with pytest.raises(IndexUnavailableError, match="assistant up"):
        client.counts()
    client.close()


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("pid", [None, os.getpid(), 0, -1], ids=["dead", "own", "none", "all"])
def test_a_stale_file_is_no_owner(tmp_path, pid):
    stale = {"port": 9, "token": "t", "pid": dead_pid() if pid is None else pid}
    (tmp_path / "owner.json").write_text(json.dumps(stale))
    assert find_owner(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": "x"}', "null"])
def test_a_damaged_file_is_no_owner(tmp_path, text):
    (tmp_path / "owner.json").write_text(text)
    assert find_owner(tmp_path) is None


def test_another_process_on_the_port_is_no_owner(tmp_path, owned):
    _, server = owned
    stranger = {"port": server.owner.port, "token": "of another owner", "pid": os.getpid()}
    (tmp_path / "owner.json").write_text(json.dumps(stranger))
    assert find_owner(tmp_path) is None


def test_the_owners_embedder_is_compared(tmp_path, owned):
    client = find_owner(tmp_path, "fake", DIMENSION)
    assert client is not None
    client.close()
    with pytest.raises(EmbedderMismatchError, match="embedded anew"):
        find_owner(tmp_path, "other", DIMENSION)


def test_the_owners_picture_embedder_is_compared(tmp_path):
    owner = serve_owner(FakeIndex(DIMENSION, PICTURES), tmp_path)
    find_owner(tmp_path).close()
    find_owner(tmp_path, "fake", DIMENSION, PICTURES).close()
    for other in (None, ("looks", 7)):
        with pytest.raises(EmbedderMismatchError, match="embedded anew"):
            find_owner(tmp_path, "fake", DIMENSION, other)
    owner.stop()


def test_a_client_follows_a_restarted_owner(tmp_path):
    index = FakeIndex(DIMENSION)
    first = serve_owner(index, tmp_path)
    client = OwnerIndex(tmp_path)
    put(client, ref("a.txt"), "text")
    first.stop()
    with pytest.raises(IndexUnavailableError):
        client.counts()
    second = serve_owner(index, tmp_path)
    assert second.owner.port != first.owner.port or second.owner.token != first.owner.token
    assert client.counts().chunks == 1
    first.stop()  # late: the file is the second one's now
    assert (tmp_path / "owner.json").exists()
    client.close()
    second.stop()


def test_what_is_meant_for_another_index_is_not_written(tmp_path):
    index, has = FakeIndex(DIMENSION), ["first"]
    server = serve_owner(index, tmp_path, lambda: has[0])
    early = find_owner(tmp_path, name="second")  # it knows before the owner that another index took over
    with pytest.raises(IndexUnavailableError, match="'second'"):
        put(early, ref("a.txt"), "text")
    with pytest.raises(IndexUnavailableError, match="'second'"):
        early.versions()
    assert index.counts().chunks == 0
    assert early.counts().chunks == 0  # searches go on
    early.answers()
    has[0] = "second"
    put(early, ref("a.txt"), "text")
    anyhow = OwnerIndex(tmp_path)
    put(anyhow, ref("b.txt"), "text")
    assert set(early.versions()) == set(index.versions())
    early.close()
    anyhow.close()
    server.stop()


def test_an_owner_that_hangs_is_reported(client, owned, monkeypatch):
    index, _ = owned
    release = threading.Event()
    monkeypatch.setattr(index, "counts", lambda: release.wait(120))
    with pytest.raises(IndexUnavailableError, match="did not answer"):
        client._call("counts", timeout=0.2)
    release.set()


def test_whether_it_answers_is_asked_of_the_owners_engine_too(client, owned):
    index, _ = owned
    client.answers()
    index.close()
    assert client.ping()["dimension"] == DIMENSION
    with pytest.raises(IndexUnavailableError):
        client.answers()


def test_from_another_process(tmp_path, owned):
    index, _ = owned
    document = ref("a.txt")
    index.write(document, chunks(document, "naïve 日本"), vectors(0))
    script = (
        "import sys, pathlib, numpy as np\n"
        "from assistant.adapters.index_owner_client import find_owner\n"
        "from assistant.types import User\n"
        "index = find_owner(pathlib.Path(sys.argv[1]))\n"
        "hits = index.search(np.eye(1, 8, dtype=np.float32)[0], 'x', User('a', frozenset({'everyone'})), 3)\n"
        "assert [hit.chunk.text for hit in hits] == ['naïve 日本'], hits\n"
        "index.delete(hits[0].document_id)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60)
    assert index.counts().chunks == 0


def test_vectors_travel_bit_by_bit(client, owned):
    index, _ = owned
    row = np.array([[0.1, -1e-30, 3.4e38, 1 / 3, 0, -0.0, 1, 2]], dtype=np.float32)
    received = []
    index.write = lambda *arguments: received.append(arguments)
    sent = (ref("a.txt", title="Ä", allow={"group:b", "user:a"}, deny={"user:c"}), chunks(ref("a.txt"), "x"))
    client.write(*sent, row)
    assert received[0][:2] == sent
    assert received[0][2].tobytes() == row.tobytes()
