"""A process of this interpreter that serves requests over its pipes, and that its owner can end at any moment."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import IO

_PIPE_CHUNK = 1 << 16
_LAST_WORDS = 300


class Child:
    """One process and the pipes to it. Used by one thread at a time; `kill` may come from any.

    Args:
        module: what it runs.
        arguments: given to it, after the id of this process.
        memory_bytes: its limit, as its last words name it.
        before: folders that it finds modules in before all others.
    """

    def __init__(self, module: str, arguments: Sequence[str], memory_bytes: int, before: Sequence[str] = ()) -> None:
        self.served = 0
        self.memory_bytes = memory_bytes
        # Nothing of this process's environment is passed on: it may hold passwords.
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(path for path in (*before, *sys.path) if path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ORT_DISABLE_TELEMETRY": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
        }
        # -P: the folder we happen to be in, which may be full of strangers' files, is not a place for modules.
        command = [sys.executable, "-P", "-m", module, str(os.getpid()), *arguments]
        # appended to, so that what was read can be cut off
        self._stderr: IO[bytes] = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (closed by `end`)
        try:
            self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment,
                start_new_session=True,  # so that Ctrl-C reaches the owner only, which then ends its children
            )
        except OSError:
            self._stderr.close()
            raise
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.poll() is None

    def exchange(self, outgoing: bytes, deadline: float, complete: Callable[[bytearray], bytes | None]) -> bytes:
        """Write a frame and read one, both as far as the pipes take it.

        Args:
            outgoing: the whole frame; empty to only read one.
            deadline: by the monotonic clock.
            complete: returns the content of a frame once all of it is there.

        Raises:
            TimeoutError: the deadline came first.
            EOFError, OSError, ValueError: the process is gone, or announces what it cannot mean.
        """
        to, out_of = self._child.stdin, self._child.stdout
        if to is None or out_of is None:
            raise EOFError
        rest, incoming = memoryview(outgoing), bytearray()
        with selectors.DefaultSelector() as selector:
            if rest:
                selector.register(to, selectors.EVENT_WRITE)
            selector.register(out_of, selectors.EVENT_READ)
            while True:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready and time.monotonic() >= deadline:
                    raise TimeoutError
                for event, _ in ready:
                    if event.fileobj is to:
                        rest = rest[os.write(to.fileno(), rest[:_PIPE_CHUNK]) :]
                        if not rest:
                            selector.unregister(to)
                        continue
                    data = os.read(out_of.fileno(), 1 << 20)
                    if not data:
                        raise EOFError
                    incoming += data
                    frame = complete(incoming)
                    if frame is not None:
                        return frame

    def cause(self) -> str:
        """Say how the process ended, with its last words."""
        try:
            status = self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "closed its pipe"
        if status == -signal.SIGXCPU:
            return "ran over its limit of CPU time"
        self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, self._stderr.tell() - 4096))
        words = self._stderr.read().decode("utf-8", errors="replace").strip().splitlines()
        last = f": {words[-1][:_LAST_WORDS]}" if words else ""
        if status < 0:
            name = signal.Signals(-status).name if -status in {item.value for item in signal.Signals} else str(-status)
            limit = self.memory_bytes // (1024 * 1024)
            return f"crashed ({name}; its memory limit is {limit:,} MB){last}"
        return f"ended by itself with status {status}{last}"

    def take_words(self, most: int) -> str:
        """Return the end of what the process wrote to its standard error since it was asked last, and forget it all.

        Args:
            most: bytes.
        """
        end = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, end - most))
        words = self._stderr.read()
        self._stderr.truncate(0)
        return words.decode("utf-8", errors="replace")

    def kill(self) -> None:
        """Kill the process and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._child.poll() is None:
                os.killpg(self._child.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process, wait until it is gone, and free what belongs to it. Doing so twice does no harm."""
        self.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout, self._stderr):
            if stream is not None:
                with contextlib.suppress(OSError):  # unsent bytes have nowhere to go any more
                    stream.close()
