"""The exclusive lock that makes one process the owner of a folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import threading
import weakref
from pathlib import Path

from assistant.adapters.disk import storage_error
from assistant.errors import HomeInUseError

_held: weakref.WeakSet[FolderLock] = weakref.WeakSet()
_hook = threading.Lock()
_hooked = False


class FolderLock:
    """Holds `<folder>.lock` until `release` or the end of the process, however it ends.

    The file names the holder (process id and command) for people and for error messages; the lock itself is the
    kernel's (`flock`). Child processes never keep it: the descriptor is closed on exec and in forked children, which
    also lose whatever else they inherited that is open in the folder (an engine's own locks). They cannot use it.

    Raises:
        HomeInUseError: another process, named in the message, holds the lock. Nothing was touched.
        HomeNotWritableError, StorageFullError: the lock file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder.with_name(f"{folder.name}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_error(self.path.parent, error) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 400, 0).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise HomeInUseError(
                f"{folder} is in use by process {holder or 'unknown'}",
                "stop that process, or go through the running server",
            ) from error
        try:
            self._describe()
        except OSError as error:
            os.close(self._descriptor)
            raise storage_error(self.path.parent, error) from error
        _watch(self)

    def _describe(self) -> None:
        command = " ".join(sys.argv)[:200]
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()} ({command})\n".encode(errors="replace"), 0)

    def release(self) -> None:
        """Let go of the lock; a second call does nothing."""
        if self._descriptor < 0:
            return
        os.ftruncate(self._descriptor, 0)
        self.drop()

    def drop(self) -> None:
        """Close this process's descriptor; whoever else shares the lock keeps it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def forget(self) -> None:
        """In a forked child: drop the lock and let go of every file that is open in the folder.

        The numbers stay taken, by the null device, so that a library which closes its own later hits nothing else.
        """
        if self._descriptor < 0:
            return
        self.drop()
        inherited = Path("/proc/self/fd")  # Linux; elsewhere a forked child may keep the engine's own locks
        if not inherited.is_dir():
            return
        null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        inside = f"{self._folder.resolve()}{os.sep}"
        for entry in list(inherited.iterdir()):
            with contextlib.suppress(FileNotFoundError):  # the listing's own descriptor is gone by now
                if str(entry.readlink()).startswith(inside):
                    os.dup2(null, int(entry.name), inheritable=False)
        os.close(null)


def _watch(lock: FolderLock) -> None:
    global _hooked  # noqa: PLW0603 (the hook cannot be taken back, so it is set once a process, at first use)
    with _hook:
        _held.add(lock)
        if not _hooked:
            os.register_at_fork(after_in_child=_forget_all)
            _hooked = True


def _forget_all() -> None:
    for lock in list(_held):
        lock.forget()
