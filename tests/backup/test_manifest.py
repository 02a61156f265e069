"""A backup that is damaged, unfinished or newer is refused before anything in the home is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.backup.manifest import FILES, MANIFEST, list_files, read_manifest, silent, verify_files
from assistant.errors import BackupError, StorageFullError
from tests.backup.homes import Home, backed_up
from tests.fakes.system import System


@pytest.fixture
def backup(system: System, tmp_path: Path) -> Path:
    return backed_up(system, tmp_path / "backup")


def refused(backup: Path, tmp_path: Path, *words: str) -> None:
    home = Home(tmp_path / "home")
    before = sorted(path.name for path in home.folder.iterdir())
    with pytest.raises(BackupError) as caught:
        home.restore(backup, force=True)
    for word in (str(backup), *words):
        assert word in caught.value.message
    assert caught.value.hint
    assert sorted(path.name for path in home.folder.iterdir()) == before
    assert home.discarded == 0


def change(backup: Path, **values: Any) -> None:
    path = backup / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()  # a blob is a link to the store's own file
    path.write_bytes(data)


def cut(path: Path) -> None:
    data = path.read_bytes()[:-1]
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize("harm", [one_bit, cut, Path.unlink])
@pytest.mark.parametrize("place", ["catalog/documents.jsonl.gz", "index/points-00.jsonl.gz", "blobs/text/*/*", FILES])
def test_any_harm_to_any_file_is_found(backup: Path, tmp_path: Path, place: str, harm: Callable[[Path], None]) -> None:
    harm(next(backup.glob(place)))
    refused(backup, tmp_path, "damaged")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1}', '{"format": "x"}', "\xff"])
def test_a_manifest_that_is_none(backup: Path, tmp_path: Path, text: str) -> None:
    (backup / MANIFEST).write_text(text, encoding="latin-1")
    refused(backup, tmp_path, "damaged", MANIFEST)


def test_a_folder_that_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    refused(tmp_path / "letters", tmp_path, "no finished backup")
    refused(tmp_path / "nowhere", tmp_path, "no finished backup")


def test_a_newer_backup_names_the_version_that_made_it(backup: Path, tmp_path: Path) -> None:
    change(backup, format=2, version="9.1.0", something="new")
    refused(backup, tmp_path, "9.1.0", "newer")


def test_a_newer_catalog_is_refused(backup: Path, tmp_path: Path) -> None:
    change(backup, revision="9999")
    home = Home(tmp_path / "home")
    with pytest.raises(BackupError, match="9999"):
        home.restore(backup, force=True)
    assert home.discarded == 0


def test_a_list_cannot_lead_out_of_the_backup(backup: Path, tmp_path: Path) -> None:
    import hashlib

    lines = (backup / FILES).read_bytes()
    for path in ("../secret", "/etc/passwd", "blobs//x", "blobs/./x"):
        listed = lines + json.dumps({"path": path, "size": 0, "sha256": ""}).encode() + b"\n"
        (backup / FILES).write_bytes(listed)
        change(backup, files_sha256=hashlib.sha256(listed).hexdigest())
        with pytest.raises(BackupError, match="does not lie in it"):
            verify_files(backup, read_manifest(backup), silent)


def test_progress_counts_the_files(backup: Path, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    verify_files(backup, read_manifest(backup), lambda *step: steps.append(step))
    count = read_manifest(backup).files
    assert steps == [("checking", number, count) for number in range(1, count + 1)]
    assert list_files(backup, silent)[0] == count + 2  # the manifest and the list itself by now


def test_too_little_room_is_said_before_anything_is_changed(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.adapters.disk.Disk._free", lambda _: 0)
    home = Home(tmp_path / "home")
    with pytest.raises(StorageFullError):
        home.restore(backup, force=True)
    assert home.discarded == 0
