"""The Edge index passes the contract, owns its folder alone, and loses nothing that it has acknowledged."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.adapters import edge_folder
from assistant.adapters.disk import MEGABYTE
from assistant.adapters.index_edge import EdgeIndex, open_edge_index
from assistant.errors import (
    EmbedderMismatchError,
    HomeInUseError,
    HomeNotWritableError,
    IndexUnavailableError,
    StorageError,
    StorageFullError,
    VectorIndexError,
)
from assistant.types import LOCAL_OPERATOR, Access, User
from tests.adapters.index_folders import fast_folder
from tests.contracts.index_contract import ALICE, DIMENSION, PICTURES, QUERY, IndexContract, chunks, found, put, ref


@pytest.fixture
def folder():
    with fast_folder() as home:
        yield home / "index"


def opened(folder: Path, pictures: tuple[str, int] | None = None) -> EdgeIndex:
    return open_edge_index(folder, "test", DIMENSION, pictures)


class TestEdgeIndex(IndexContract):
    @pytest.fixture
    def index(self, folder):
        index = opened(folder, PICTURES)
        yield index
        index.close()

    @pytest.fixture
    def without_pictures(self, folder):
        index = opened(folder)
        yield index
        index.close()


def in_another_process(script: str, folder: Path) -> subprocess.Popen[str]:
    head = (
        "import sys, pathlib\n"
        "from assistant.adapters.index_edge import open_edge_index\n"
        "from tests.contracts.index_contract import put, ref\n"
        "folder = pathlib.Path(sys.argv[1])\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + script, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )


def test_it_is_there_after_reopening(folder):
    index = opened(folder)
    put(index, ref("a.txt", allow={"group:hr"}), "text")
    index.set_access(ref("b.txt").id, Access())
    index.close()
    index = opened(folder)
    assert found(index, ALICE, "text") == {ref("a.txt").id}
    assert found(index, User("x"), "text") == set()
    index.close()


def test_a_second_process_is_told_who_is_there_and_harms_nobody(folder):
    index = opened(folder)
    put(index, ref("a.txt"), "text")
    script = (
        "from assistant.errors import HomeInUseError\n"
        "try: open_edge_index(folder, 'test', 8)\n"
        "except HomeInUseError as error: print(error.message)\n"
    )
    out, err = in_another_process(script, folder).communicate(timeout=60)
    assert f"process {os.getpid()} (" in out, err
    with pytest.raises(HomeInUseError, match=str(os.getpid())):  # nor twice in one process
        opened(folder)
    put(index, ref("b.txt"), "text")
    index.flush()
    assert index.counts().documents == 2
    index.close()
    index = opened(folder)
    assert index.counts().documents == 2
    index.close()


def test_a_killed_process_loses_nothing_that_was_acknowledged(folder):
    script = (
        "index = open_edge_index(folder, 'test', 8)\n"
        "for number in range(10_000):\n"
        "    put(index, ref(f'{number}.txt'), 'one', 'two')\n"
        "    if number % 3 == 2: index.delete(ref(f'{number - 1}.txt').id)\n"
        "    print(number, flush=True)\n"
    )
    process = in_another_process(script, folder)
    last = -1
    for line in process.stdout:
        last = int(line)
        if last == 50:
            process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert last >= 50
    index = opened(folder)  # the lock went with the process
    stored = set(index.versions())
    wanted = {ref(f"{n}.txt").id for n in range(last + 1) if not (n % 3 == 1 and n + 1 <= last)}
    unsure = {ref(f"{n}.txt").id for n in (last, last + 1)}  # the call that the kill met, and the delete within it
    assert stored - unsure == wanted - unsure
    put(index, ref("after.txt"), "text")
    index.close()


def hold_until_told(ready, told):
    ready.set()
    told.wait(120)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_child_processes_do_not_keep_the_lock(folder):
    index = opened(folder)
    fork = multiprocessing.get_context("fork")
    ready, told = fork.Event(), fork.Event()
    forked = fork.Process(target=hold_until_told, args=(ready, told))
    forked.start()
    spawned = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    assert ready.wait(120)
    with pytest.raises(HomeInUseError):  # the children did not release it either
        opened(folder)
    index.close()
    try:
        opened(folder).close()
        assert forked.is_alive()
        assert spawned.poll() is None
    finally:
        told.set()
        forked.join()
        spawned.communicate(b"\n")
    assert forked.exitcode == 0


@pytest.mark.parametrize(("name", "dimension"), [("other", DIMENSION), ("test", DIMENSION + 1)])
def test_another_embedder_is_refused(folder, name, dimension):
    opened(folder).close()
    for _ in range(2):  # the first refusal has let go of the lock
        with pytest.raises(EmbedderMismatchError, match="embedded anew"):
            open_edge_index(folder, name, dimension)
    opened(folder).close()


def test_a_crash_while_it_was_made_leaves_no_half_index(folder, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(edge_folder, "write_durably", crash)
    with pytest.raises(KeyboardInterrupt):
        opened(folder)
    monkeypatch.undo()
    index = opened(folder)
    put(index, ref("a.txt"), "text")
    index.close()


def test_an_empty_folder_is_taken_and_a_strangers_is_not(folder):
    folder.mkdir()
    opened(folder).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    other = folder.with_name("other")
    other.mkdir()
    (other / "letter.txt").write_text("dear")
    with pytest.raises(StorageError, match="something else"):
        opened(other)
    assert [path.name for path in other.iterdir()] == ["letter.txt"]


def test_a_damaged_index_is_reported(folder):
    opened(folder).close()
    (folder / "embedder.json").write_text("{")
    with pytest.raises(StorageError, match=r"embedder\.json"):
        opened(folder)
    (folder / "embedder.json").write_text(json.dumps({"name": "test", "dimension": DIMENSION}))
    (folder / "shard" / "edge_config.json").write_text("{")
    with pytest.raises(VectorIndexError):
        opened(folder)


def test_a_home_that_is_a_file(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(HomeNotWritableError):
        opened(tmp_path / "home" / "index")


def test_closing_under_load_ends_in_errors_of_ours(folder):
    index = opened(folder)
    put(index, ref("a.txt"), "text")
    import threading

    seen: list[BaseException] = []

    def search() -> None:
        try:
            while True:
                index.search(QUERY, "text", LOCAL_OPERATOR, 3)
        except BaseException as error:  # noqa: BLE001 (looked at below)
            seen.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    index.close()
    for thread in threads:
        thread.join(20)
    assert [type(error) for error in seen] == [IndexUnavailableError] * 3


def test_too_little_room_is_an_error_before_anything_is_written(folder, monkeypatch):
    from assistant.adapters.disk import Disk

    free = 100 * MEGABYTE
    monkeypatch.setattr(Disk, "_free", lambda _: free)
    with pytest.raises(StorageFullError, match="100 MB free, 256 MB needed"):
        opened(folder)
    free = 10_000 * MEGABYTE
    index = opened(folder)
    put(index, ref("a.txt"), "text")
    free = 60 * MEGABYTE
    with pytest.raises(StorageFullError, match="60 MB free"):
        put(index, ref("b.txt"), "text")
    index.set_access(ref("a.txt").id, Access(frozenset({"group:hr"})))
    index.delete(ref("nothing.txt").id)
    assert found(index, ALICE, "text") == {ref("a.txt").id}
    free = MEGABYTE
    with pytest.raises(StorageFullError):
        index.delete(ref("a.txt").id)
    free = 10_000 * MEGABYTE
    put(index, ref("b.txt"), "text")
    index.close()
    free = MEGABYTE
    with pytest.raises(StorageFullError):
        opened(folder)


def test_a_disk_that_fills_up(tmp_path):
    """On a real small file system: an error, not the SIGBUS that ends a process; what was stored stays usable."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", tmp_path]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    script = (
        "from assistant.errors import StorageFullError\n"
        "index = open_edge_index(folder, 'test', 8)\n"
        "import os\n"
        "disk = os.statvfs(folder)\n"
        "taken = disk.f_bavail * disk.f_frsize - (300 << 20)\n"
        "folder.with_name('filler').write_bytes(bytes(taken))\n"
        "stored = 0\n"
        "def fill():\n"
        "    global stored\n"
        "    for _ in range(400):\n"
        "        put(index, ref(f'{stored}.txt'), *[os.urandom(1500).hex() for _ in range(50)])\n"
        "        stored += 1\n"
        "for turn in range(2):\n"
        "    try: fill()\n"
        "    except StorageFullError as error: print(error)\n"
        "    else: raise SystemExit('never full')\n"
        "    index.flush()\n"
        "index.close()\n"
        "index = open_edge_index(folder, 'test', 8)\n"
        "assert index.counts().documents == stored > 3, (index.counts(), stored)\n"
        "index.delete(ref('1.txt').id)\n"
        "index.close()\n"
    )
    try:
        process = in_another_process(script, tmp_path / "index")
        try:
            out, err = process.communicate(timeout=240)
        finally:
            process.kill()
        assert process.returncode == 0, err
        assert out.count("no space left") == 2
        subprocess.run(["mount", "-o", "remount,size=900m", tmp_path], check=True)
        index = opened(tmp_path / "index")
        put(index, ref("later.txt"), "text")
        index.close()
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)  # or a later run could not clean up after this one


def test_a_narrow_filter_finds_the_true_neighbours(folder):
    """Recall@10 against brute force, one document in ten readable, on full vectors and then on int8 ones."""
    random = np.random.default_rng(11)
    dimension, documents, each = 384, 90, 80  # more than the 10 MB of vectors below which the engine rewrites nothing
    rows = random.standard_normal((50, dimension))[random.integers(50, size=documents * each)]
    rows = rows + 1.5 * random.standard_normal(rows.shape)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    index = open_edge_index(folder, "test", dimension)
    for number in range(documents):
        document = ref(f"{number}.txt", allow={"group:hr" if number % 10 == 0 else "group:sales"})
        index.write(document, chunks(document, *["text"] * each), rows[number * each : (number + 1) * each])
    readable = [row for row in range(documents * each) if row // each % 10 == 0]
    queries = rows[random.integers(len(rows), size=40)] + 0.02 * random.standard_normal((40, dimension))

    def recall() -> float:
        right = 0
        for query in queries.astype(np.float32):
            best = sorted(readable, key=lambda row: -float(rows[row] @ query))[:10]
            wanted = {(ref(f"{row // each}.txt").id, row % each) for row in best}
            right += len(wanted & {(hit.document_id, hit.chunk.ordinal) for hit in index.search(query, "", ALICE, 10)})
        return right / 400

    before = index.counts(), index.versions()
    assert recall() == 1
    assert index.compact() is True
    assert recall() >= 0.98
    assert (index.counts(), index.versions()) == before
    for number in range(0, documents, 2):
        index.delete(ref(f"{number}.txt").id)
    assert index.counts().documents == documents // 2
    index.close()
    index = open_edge_index(folder, "test", dimension)
    assert set(index.versions()) == {ref(f"{number}.txt").id for number in range(1, documents, 2)}
    index.close()


def test_no_room_to_rewrite_is_no_error(folder, monkeypatch):
    index = opened(folder)
    put(index, ref("a.txt"), "text")
    monkeypatch.setattr(index._disk, "has", lambda _: False)
    assert index.compact() is False
    index.close()
