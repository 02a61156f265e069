"""Removes an Edge index as a whole, whatever is in it, where no process owns it."""

from __future__ import annotations

import shutil
from pathlib import Path

from assistant.adapters.disk import storage_error
from assistant.adapters.folder_lock import FolderLock


def remove_edge_index(folder: Path) -> None:
    """Delete the index in `folder`, of any embedder, damaged or not; nothing there is no error.

    Raises:
        HomeInUseError: another process owns it; nothing was touched.
        HomeNotWritableError, StorageError: it cannot be deleted.
    """
    lock = FolderLock(folder)
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise storage_error(folder, error) from error
    finally:
        lock.release()
