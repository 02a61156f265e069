"""What the conformance kit tries the folder source with."""

from __future__ import annotations

from pathlib import Path

from plugins.folder.source import FolderConfig, FolderSource


class FolderScene:
    """A folder, and the means to change what is in it."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "documents"
        self._root.mkdir()
        self.config = {"path": str(self._root)}

    def source(self) -> FolderSource:
        """Return a new source on the folder."""
        return FolderSource(FolderConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a file."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def remove(self, key: str) -> None:
        """Delete a file."""
        (self._root / key).unlink()

    def rename(self, old: str, new: str) -> None:
        """Rename a file."""
        (self._root / old).rename(self._root / new)

    def refuse(self, key: str) -> None:
        """Put a link that leads out of the folder in a file's place."""
        self.remove(key)
        (self._root / key).symlink_to("/etc/hostname")


SCENES = {"folder": FolderScene}
