"""The folder source."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.errors import (
    ConfigurationError,
    DocumentChangedError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    SourceError,
)
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint
from plugins.folder import source as folder_source
from plugins.folder.source import FolderConfig, FolderSource
from tests.contracts.data_source_contract import DataSourceContract


@dataclass
class FolderScene:
    root: Path
    source: FolderSource

    def put(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def remove(self, key: str) -> None:
        (self.root / key).unlink()


@pytest.fixture
def scene(tmp_path: Path) -> FolderScene:
    root = tmp_path / "docs"
    root.mkdir()
    return FolderScene(root, FolderSource(FolderConfig(path=root, max_bytes=1000)))


class TestFolderSource(DataSourceContract):
    @pytest.fixture
    def scene(self, scene: FolderScene) -> FolderScene:
        return scene


def keys(source: FolderSource) -> list[str]:
    return [change.key for change in source.changes(None) if isinstance(change, Changed)]


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "folder" in load_registry().sources


def test_a_field_that_is_wrong_is_named() -> None:
    with pytest.raises(ConfigurationError, match="pathh"):
        load_registry().make_source("folder", {"path": "/x", "pathh": "/x"})


def test_hidden_files_and_folders_are_left_out(scene: FolderScene) -> None:
    for key in (".git/config", ".hidden", "seen.txt", "a/.DS_Store"):
        scene.put(key, b"x")
    assert keys(scene.source) == ["seen.txt"]


def test_what_programs_put_there_for_themselves_is_left_out(scene: FolderScene) -> None:
    litter = ("~$lock.docx", "a/~$plan.xlsx", "Thumbs.db", "a/thumbs.db", "desktop.ini", "Desktop.ini", ".DS_Store")
    for key in (*litter, ".~lock.plan.odt#", "a/plan~$.txt", "my desktop.ini.txt", "~$folder/c.txt"):
        scene.put(key, b"x")
    assert keys(scene.source) == ["my desktop.ini.txt", "a/plan~$.txt", "~$folder/c.txt"]


def test_missing_folder_deletes_nothing(tmp_path: Path) -> None:
    source = FolderSource(FolderConfig(path=tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="nowhere"):
        list(source.changes(None))


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(SourceError, match="not a folder"):
        list(FolderSource(FolderConfig(path=tmp_path / "f")).changes(None))


def test_links_that_lead_out_or_nowhere_are_listed_with_their_reason(scene: FolderScene, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (scene.root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (scene.root / "dead.txt").symlink_to(scene.root / "gone")
    (scene.root / "loop").symlink_to(scene.root)
    assert sorted(keys(scene.source)) == ["dead.txt", "loop", "out.txt"]
    for key, reason in (("out.txt", "leads out"), ("dead.txt", "link to nothing"), ("loop", "link to a folder")):
        with pytest.raises(DocumentUnreadableError, match=reason):
            scene.source.fetch(key)


def test_a_link_within_the_folder_is_followed(scene: FolderScene) -> None:
    scene.put("real.txt", b"text")
    (scene.root / "link.txt").symlink_to(scene.root / "real.txt")
    assert scene.source.fetch("link.txt").data == b"text"


def test_a_pipe_is_refused_and_does_not_hang(scene: FolderScene) -> None:
    os.mkfifo(scene.root / "pipe.txt")
    assert keys(scene.source) == ["pipe.txt"]
    with pytest.raises(DocumentUnreadableError, match="not a regular file"):
        scene.source.fetch("pipe.txt")


def test_a_large_file_is_refused_with_both_numbers(scene: FolderScene) -> None:
    scene.put("big.txt", b"x" * 1001)
    with pytest.raises(DocumentTooLargeError, match=r"1,001.*1,000"):
        scene.source.fetch("big.txt")


def test_a_name_that_is_not_utf8_is_found_again(scene: FolderScene) -> None:
    path = os.path.join(os.fsencode(scene.root), b"caf\xe9.txt")  # noqa: PTH118 - bytes paths need os.path
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(b"text")
    (key,) = keys(scene.source)
    assert key == "caf\\xe9.txt"
    assert scene.source.fetch(key).data == b"text"


def test_a_file_that_keeps_changing_is_a_retryable_failure(scene: FolderScene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.put("log.txt", b"0")
    read = folder_source._read

    def read_and_change(path: Path, limit: int) -> bytes:
        data = read(path, limit)
        with path.open("ab") as file:
            file.write(b"x")
        return data

    monkeypatch.setattr(folder_source, "_read", read_and_change)
    with pytest.raises(DocumentChangedError) as caught:
        scene.source.fetch("log.txt")
    assert caught.value.retryable


def test_a_folder_that_cannot_be_listed_keeps_its_documents(
    scene: FolderScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.put("open/a.txt", b"x")
    scene.put("closed/b.txt", b"x")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    changes = list(scene.source.changes(None))
    assert [change.key for change in changes if isinstance(change, Changed)] == ["open/a.txt", "closed/"]
    assert changes[-1] == Checkpoint("", complete=False)
    with pytest.raises(DocumentUnreadableError, match="cannot be listed"):
        scene.source.fetch("closed/")


def test_what_stays_of_a_mark_tells_a_renamed_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one")
    source = FolderSource(FolderConfig(path=tmp_path))
    (before,) = [change for change in source.changes(None) if isinstance(change, Changed)]
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    (after,) = [change for change in source.changes(None) if isinstance(change, Changed)]
    assert before.version is not None
    assert after.version is not None
    assert source.unmoved(before.version) == source.unmoved(after.version)
    (tmp_path / "b.md").write_text("more")
    (changed,) = [change for change in source.changes(None) if isinstance(change, Changed)]
    assert changed.version is not None
    assert source.unmoved(changed.version) != source.unmoved(after.version)
