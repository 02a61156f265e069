from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from assistant.errors import (
    DamagedDocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    ParserCrashedError,
    PluginError,
    ServiceError,
)
from assistant.parsing.process import child
from assistant.parsing.process.messages import dump, load, unpack
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import Access, DocumentRef
from tests.fakes.processes import is_gone

MEMORY = 1 << 30
REF = DocumentRef(
    "files", "a.txt", "v1", "a.txt", "", "text/plain", Access(frozenset({"group:hr"}), frozenset({"user:eve"}))
)
HOSTILE = """
import ctypes, os, socket, sys, tempfile, time
from assistant.types import Block, Document

class Hostile:
    name = "hostile"
    version = "1"

    def accepts(self, ref):
        return ref.media_type == "application/x-hostile"

    def parse(self, ref, data):
        what = data.decode()
        if what == "segfault":
            ctypes.string_at(0)
        if what == "exit":
            os._exit(3)
        if what == "sleep":
            time.sleep(60)
        if what == "spin":
            while True:
                pass
        if what == "memory":
            bytearray(4 << 30)
        if what == "raise":
            raise ValueError("no idea")
        if what == "recurse":
            return self.parse(ref, data)
        if what == "print":
            print("noise on stdout", flush=True)
            os.write(1, b"more noise")
        while what == "flood":
            os.write(2, bytes(1 << 16))
        if what.startswith("chatter"):
            for _ in range(200):
                sys.stderr.write("x" * (1 << 20))
            sys.stderr.write("\\nlast words\\n")
            if what == "chatter and exit":
                os._exit(3)
            return Document(ref, f"{os.fstat(2).st_size} bytes on the disk")
        if what == "large file":
            with tempfile.TemporaryFile() as file:
                file.truncate(2_000_000_001)
        if what == "network":
            socket.create_connection(("127.0.0.1", int(ref.uri)), timeout=2).close()
        if what == "wrong":
            return Document(ref, "abc", (Block("text", "b", 0, 1),))
        if what == "empty":
            return Document(ref, " ")
        files = len(os.listdir("/proc/self/fd"))
        return Document(ref, repr([os.environ.get("ASSISTANT_SECRET"), sorted(ref.access.allow), files, os.getpid()]))

def register(registry):
    registry.add_parser(Hostile())
"""


def place_of(parser: str) -> str:
    return "hostile" if parser == "hostile" else ""


@pytest.fixture
def hostile_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a plugin whose parser does what a document tells it."""
    folder = tmp_path / "site"
    information = folder / "hostile-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "hostile_plugin.py").write_text(HOSTILE, encoding="utf-8")
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text("[assistant.plugins]\nhostile = hostile_plugin:register\n")
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def pool(hostile_plugin: Path):
    with ParserPool(place_of=place_of, workers=1, memory_bytes=MEMORY, seconds=120, max_bytes=10_000_000) as made:
        yield made


def test_parses_and_the_readers_never_leave_the_owner(pool: ParserPool, monkeypatch: pytest.MonkeyPatch):
    document = pool.parse("text", REF, b"Hello.\n\nWorld.")
    assert document.text == "Hello.\n\nWorld."
    assert [block.text for block in document.blocks] == ["Hello.", "World."]
    assert document.ref == REF
    monkeypatch.setenv("ASSISTANT_SECRET", "s3cret")
    secret, allowed, files, _ = eval(pool.parse("hostile", REF, b"look").text)  # noqa: S307 (written by our own parser)
    assert secret is None
    assert allowed == []
    assert files <= 6


def test_every_disaster_is_named_and_the_pool_lives_on(pool: ParserPool):
    for what, cause in [
        ("segfault", "crashed (SIGSEGV"),
        ("exit", "ended by itself with status 3"),
        ("memory", "needed more than its limit of 1,024 MB"),
    ]:
        with pytest.raises(ParserCrashedError) as caught:
            pool.parse("hostile", REF, what.encode())
        assert "a.txt" in caught.value.message
        assert cause in caught.value.message
        assert pool.parse("text", REF, b"still here").text == "still here"


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("raise", DamagedDocumentError),
        ("recurse", DamagedDocumentError),
        ("wrong", DamagedDocumentError),
        ("empty", EmptyDocumentError),
    ],
)
def test_errors_come_back_whole_from_a_process_that_goes_on(pool: ParserPool, what: str, error: type[Exception]):
    before = pool.parse("hostile", REF, b"look").text
    with pytest.raises(error, match=r"a\.txt"):
        pool.parse("hostile", REF, what.encode())
    assert pool.parse("hostile", REF, b"look").text == before


def test_a_parser_that_prints_does_not_disturb(pool: ParserPool):
    assert pool.parse("hostile", REF, b"print").text.startswith("[")


def test_a_parser_that_writes_much_to_its_standard_error_fills_no_disk_and_goes_on(pool: ParserPool):
    before = pool.parse("hostile", REF, b"look").text
    assert pool.parse("hostile", REF, b"chatter").text == "0 bytes on the disk"
    (process,) = pool._living
    assert process.take_words(1 << 30).endswith("x\nlast words\n")
    assert len(process._words) == 0
    assert pool.parse("hostile", REF, b"look").text == before


def test_of_what_a_parser_wrote_before_it_ended_the_end_is_told(pool: ParserPool):
    with pytest.raises(ParserCrashedError, match="ended by itself with status 3: last words"):
        pool.parse("hostile", REF, b"chatter and exit")
    assert pool.parse("text", REF, b"still here").text == "still here"


def test_a_parser_writes_no_file_without_end(pool: ParserPool):
    with pytest.raises(DamagedDocumentError, match=r"a\.txt: the parser hostile could not read it: .*File too large"):
        pool.parse("hostile", REF, b"large file")
    assert pool.parse("text", REF, b"still here").text == "still here"


@pytest.mark.parametrize("what", ["sleep", "spin", "flood"])
def test_time_limit(hostile_plugin: Path, what: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child, "_KEPT_WORDS", 1)  # read byte by byte, the pipe of one that floods it is never empty
    with ParserPool(place_of=place_of, workers=1, memory_bytes=MEMORY, seconds=120, max_bytes=1000) as pool:
        pool.parse("text", REF, b"warm")
        pool._seconds = 0.5
        started = time.monotonic()
        with pytest.raises(ParserCrashedError, match=r"a\.txt: the parser hostile ran over its limit of 0\.5 seconds"):
            pool.parse("hostile", REF, what.encode())
        assert time.monotonic() - started < 120
        pool._seconds = 120  # the next one's is a new process, which may be slow to start
        assert pool.parse("text", REF, b"fine").text == "fine"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can surely make a namespace")
def test_no_network(pool: ParserPool):
    import socket
    from dataclasses import replace

    with socket.create_server(("127.0.0.1", 0)) as server:
        ref = replace(REF, uri=str(server.getsockname()[1]))
        with pytest.raises(DamagedDocumentError, match="Network is unreachable"):
            pool.parse("hostile", ref, b"network")


def test_too_large_is_refused_before_any_process_starts():
    with ParserPool(place_of=place_of, workers=1, memory_bytes=MEMORY, seconds=5, max_bytes=10) as pool:
        with pytest.raises(DocumentTooLargeError, match=r"a\.txt: 11 bytes, over the limit of 10"):
            pool.parse("text", REF, b"x" * 11)
        assert not pool._living


def test_unknown_parser(pool: ParserPool):
    with pytest.raises(PluginError, match="no parser called 'nobody'"):
        pool.parse("nobody", REF, b"x")


def test_large_documents_cross_whole(pool: ParserPool):
    text = "0123456789abcdef\n" * 200_000
    assert pool.parse("text", REF, text.encode()).text == text


def test_many_threads_share_the_processes(hostile_plugin: Path):
    with ParserPool(place_of=place_of, workers=2, memory_bytes=MEMORY, seconds=120, max_bytes=1000) as pool:
        with ThreadPoolExecutor(6) as threads:
            texts = list(threads.map(lambda n: pool.parse("text", REF, f"text {n}".encode()).text, range(60)))
            disasters = [b"exit" if n % 3 == 0 else b"look" for n in range(12)]
            ends = list(threads.map(lambda data: attempt(pool, data), disasters))
        assert texts == [f"text {n}" for n in range(60)]
        assert [end is ParserCrashedError for end in ends] == [data == b"exit" for data in disasters]
        assert len(pool._living) <= 2


def attempt(pool: ParserPool, data: bytes) -> object:
    try:
        return pool.parse("hostile", REF, data).text
    except ParserCrashedError as error:
        return type(error)


def test_a_process_lives_on_when_the_thread_that_first_used_it_ends(pool: ParserPool):
    found: list[str] = []
    for _ in range(2):
        thread = threading.Thread(target=lambda: found.append(pool.parse("hostile", REF, b"look").text))
        thread.start()
        thread.join()
    assert found[0] == found[1]


def test_processes_are_recycled(pool: ParserPool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assistant.parsing.process.sandbox._DOCUMENTS_PER_PROCESS", 2)
    processes = [eval(pool.parse("hostile", REF, b"look").text)[3] for _ in range(4)]  # noqa: S307
    assert processes[0] == processes[1] != processes[2] == processes[3]
    assert not psutil.pid_exists(processes[0])


def test_close_ends_what_is_running(hostile_plugin: Path):
    pool = ParserPool(place_of=place_of, workers=1, memory_bytes=MEMORY, seconds=60, max_bytes=1000)
    pid = eval(pool.parse("hostile", REF, b"look").text)[3]  # noqa: S307
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.parse, "hostile", REF, b"sleep")
        deadline = time.monotonic() + 60
        while not pool._slots.empty():  # until then it is not parsed, and would not be broken off but refused
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.3)
        pool.close()
        with pytest.raises(ParserCrashedError):
            waiting.result(timeout=60)
    assert not psutil.pid_exists(pid)
    with pytest.raises(ServiceError, match="closed"):
        pool.parse("text", REF, b"x")


def test_processes_die_with_their_owner(hostile_plugin: Path):
    script = f"""
        import sys
        sys.path.insert(0, {str(hostile_plugin)!r})
        from assistant.parsing.process.sandbox import ParserPool
        from assistant.types import DocumentRef
        ref = DocumentRef("files", "a.txt", "v1", "a.txt", "", "text/plain")
        pool = ParserPool(1, {MEMORY}, 60, 1000, lambda name: name)
        print(eval(pool.parse("hostile", ref, b"look").text)[3], flush=True)
        pool.parse("hostile", ref, b"sleep")
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner.stdout:
        pid = int(owner.stdout.readline())
    time.sleep(0.3)
    assert psutil.pid_exists(pid)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    deadline = time.monotonic() + 60
    while not is_gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestMessages:
    def test_no_class_crosses(self):
        import pickle

        with pytest.raises(ParserCrashedError, match="must not cross"):
            load(pickle.dumps(Access()))

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            (),
            ("document", "t", b"bytes", [], []),
            ("document", "t", "text", [("evil", 0, 1, None, None, 0)], []),
            ("document", "t", "text", [("text", "0", 1, None, None, 0)], []),
            ("document", "t", "text", [], [(1, 2)]),
        ],
    )
    def test_rubbish_is_a_crash(self, answer: object):
        with pytest.raises(ParserCrashedError, match=r"a\.txt"):
            unpack(REF, load(dump(answer)))

    def test_half_an_error_is_a_crash(self):
        with pytest.raises(ParserCrashedError):
            unpack(REF, ("error",))

    def test_an_unknown_error_costs_the_document_only(self):
        with pytest.raises(DamagedDocumentError, match="odd"):
            unpack(REF, ("error", "OddError", "odd", ""))


def test_a_plugin_that_does_not_load_is_named(hostile_plugin: Path):
    (hostile_plugin / "hostile_plugin.py").write_text("import no_such_module", encoding="utf-8")
    with (
        ParserPool(place_of=place_of, workers=1, memory_bytes=MEMORY, seconds=120, max_bytes=1000) as pool,
        pytest.raises(PluginError, match="hostile"),
    ):
        pool.parse("hostile", REF, b"x")
