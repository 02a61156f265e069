"""A process of this interpreter that serves requests over its pipes, and that its owner can end at any moment."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

_PIPE_CHUNK = 1 << 16
_LAST_WORDS = 300
_KEPT_WORDS = 1 << 16  # bytes of its standard error: a chatty one must fill neither disk nor memory
_END_SECONDS = 5.0


class Child:
    """One process and the pipes to it. Used by one thread at a time; `kill` may come from any.

    Of its standard error the end is kept. It is read while the process is asked something, so that one which writes
    without end goes on, and is ended by its time.

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
        self._words = bytearray()
        self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # so that Ctrl-C reaches the owner only, which then ends its children
        )
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
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
        to, out_of, words = self._child.stdin, self._child.stdout, self._child.stderr
        if to is None or out_of is None or words is None:
            raise EOFError
        rest, incoming = memoryview(outgoing), bytearray()
        with selectors.DefaultSelector() as selector:
            if rest:
                selector.register(to, selectors.EVENT_WRITE)
            selector.register(out_of, selectors.EVENT_READ)
            selector.register(words, selectors.EVENT_READ)
            while True:
                ready = [event.fileobj for event, _ in selector.select(max(0.0, deadline - time.monotonic()))]
                if not {to, out_of}.intersection(ready) and time.monotonic() >= deadline:
                    raise TimeoutError
                if words in ready and not self._hear():
                    selector.unregister(words)
                if to in ready:
                    rest = rest[os.write(to.fileno(), rest[:_PIPE_CHUNK]) :]
                    if not rest:
                        selector.unregister(to)
                if out_of in ready:
                    data = os.read(out_of.fileno(), 1 << 20)
                    if not data:
                        raise EOFError
                    incoming += data
                    frame = complete(incoming)
                    if frame is not None:
                        return frame

    def cause(self) -> str:
        """Say how the process ended, with its last words."""
        status = self._status()
        if status is None:
            return "closed its pipe"
        if status == -signal.SIGXCPU:
            return "ran over its limit of CPU time"
        words = self._words[-4096:].decode("utf-8", errors="replace").strip().splitlines()
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
        self._hear()
        words = self._words[max(0, len(self._words) - most) :]
        self._words.clear()
        return words.decode("utf-8", errors="replace")

    def _status(self) -> int | None:
        """Return the status that the process ends with, None where it does not end; its last words are heard."""
        until = time.monotonic() + _END_SECONDS
        while time.monotonic() < until:
            self._hear()  # one that waits for room in its pipe would not end
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self._child.wait(timeout=0.05)
                self._hear()
                return status
        return None

    def _hear(self) -> bool:
        """Take over what its standard error holds now. Returns whether more may come."""
        if self._child.stderr is None or self._child.stderr.closed:
            return False
        try:
            said = os.read(self._child.stderr.fileno(), _KEPT_WORDS)  # as much as a pipe holds
        except BlockingIOError:
            return True
        self._words += said
        del self._words[:-_KEPT_WORDS]
        return bool(said)

    def kill(self) -> None:
        """Kill the process and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._child.poll() is None:
                os.killpg(self._child.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process, wait until it is gone, and free what belongs to it. Doing so twice does no harm."""
        self.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):  # unsent bytes have nowhere to go any more
                    stream.close()
