"""The folder of blobs."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NoReturn

import pytest

from assistant.adapters.blobs import FolderBlobs
from assistant.errors import StorageError, StorageFullError
from tests.contracts.blob_store_contract import BlobStoreContract


class TestFolderBlobs(BlobStoreContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> FolderBlobs:
        return FolderBlobs(tmp_path / "blobs")


def test_a_failed_put_leaves_the_old_bytes_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FolderBlobs(tmp_path)
    blobs.put("a", b"old")

    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFullError, match="disk is full"):
        blobs.put("a", b"new")
    assert blobs.get("a") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(StorageError, match="cannot be used"):
        FolderBlobs(tmp_path).get("a")


@pytest.mark.parametrize("cause", [errno.EXDEV, errno.EPERM])
def test_an_export_is_a_private_copy_where_no_link_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: int
) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    blobs.put("a", b"bytes")

    def refused(*_: object) -> NoReturn:
        raise OSError(cause, "no link")

    monkeypatch.setattr("os.link", refused)
    blobs.export("a", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"bytes"
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "copy").stat().st_nlink == 1
