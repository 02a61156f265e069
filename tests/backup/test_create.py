"""A backup is made while the assistant works, is one moment of it, and is there whole or not at all."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from assistant.access import stored_text
from assistant.adapters.blobs import FolderBlobs
from assistant.backup import Missing, create_backup
from assistant.backup.copying import KINDS
from assistant.errors import BackupError, StorageFullError
from assistant.types import document_id
from tests.backup.homes import Home, assert_whole, backed_up, hits, origin, texts
from tests.fakes.system import System

WORDS = [f"word{n}" for n in range(40)]


def test_every_kind_of_blob_is_in_a_backup() -> None:
    assert set(KINDS) == set(stored_text._KINDS) - {"prepared"}  # what is lost of that is parsed again
    assert KINDS.index("text") == len(KINDS) - 1  # copied last, for it is deleted first
    assert stored_text._KINDS[0] == "text"


def edit(system: System, dice: random.Random) -> None:
    for _ in range(dice.randrange(1, 8)):
        key = f"note{dice.randrange(30)}"
        if dice.random() < 0.3:
            system.source.texts.pop(key, None)
        else:
            lines = [" ".join(dice.choices(WORDS, k=5)) for _ in range(dice.randrange(1, 6))]
            system.source.texts[key] = "\n".join(lines)


@pytest.mark.parametrize("turn", range(4))
def test_made_while_documents_come_change_and_go(tmp_path: Path, turn: int) -> None:
    """What is restored is one moment: it searches as a home does that was ingested with just these documents."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    (tmp_path / "origin").mkdir()
    system = System(tmp_path / "origin")
    for _ in range(12):
        edit(system, dice)
    system.ingestor.sync("s", "cli")
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.05):  # without a pause some document changes in each of the rounds, and is named
            edit(system, dice)
            system.ingestor.sync("s", "cli")

    worker = threading.Thread(target=work)
    worker.start()
    try:
        report = create_backup(origin(system), tmp_path / "backup")
    finally:
        ended.set()
        worker.join()
    assert report.manifest.missing == []
    home = Home(tmp_path / "home")
    home.restore(tmp_path / "backup")
    restored = home.system()
    assert_whole(restored)
    (tmp_path / "reference").mkdir()
    reference = System(tmp_path / "reference")
    reference.source.texts = texts(restored)
    reference.ingestor.sync("s", "cli")
    for query in (*WORDS[:10], "word1 word2 word3"):
        assert hits(restored, query) == hits(reference, query)
    stored = {path.relative_to(tmp_path / "backup" / "blobs").as_posix() for path in _files(tmp_path / "backup/blobs")}
    assert stored == set(restored.blobs.keys())  # nothing of what was deleted meanwhile
    for each in (system, reference):
        each.close()


class Disturbed(FolderBlobs):
    """Blobs that something happens to while they are copied: `happens` is called before each export."""

    def __init__(self, folder: Path, happens: list[object]) -> None:
        super().__init__(folder)
        self.happens = happens

    def export(self, key: str, path: Path) -> None:
        if self.happens:
            self.happens.pop()()  # type: ignore[operator]
        super().export(key, path)


def test_what_is_deleted_in_the_middle_is_no_loss(system: System, tmp_path: Path) -> None:
    def change() -> None:
        system.source.texts = {"travel": "by bus", "vpn": system.source.texts["vpn"], "new": "just come"}
        system.ingestor.sync("s", "cli")

    blobs = Disturbed(system.folder / "blobs", [change])
    report = create_backup(origin(system, blobs), tmp_path / "backup")
    assert (report.rounds, report.manifest.missing) == (2, [])
    home = Home(tmp_path / "home")
    home.restore(tmp_path / "backup")
    assert texts(home.system()) == system.source.texts
    assert_whole(home.system())
    with_points = (tmp_path / "backup" / "index").iterdir()
    assert b"grade K7" not in b"".join(_unzipped(path) for path in with_points)


@pytest.mark.parametrize("name", ["first", "b"])
def test_an_index_that_takes_over_meanwhile_leaves_no_backup(system: System, tmp_path: Path, name: str) -> None:
    """Chunks are counted by the new one's models from then on, so that no restore would find them in the former."""
    system.catalog.indexes.add("b", "model", 100, first=("fake", 200, ""))
    system.catalog.indexes.ready("b")

    def change() -> None:
        system.source.texts = {"new": "just come"}  # so that there is another round
        system.ingestor.sync("s", "cli")
        if name == "b":
            assert system.catalog.indexes.swap("b", system.catalog.indexes.documents(), str).done

    made = partial(create_backup, origin(system, Disturbed(system.folder / "blobs", [change])), tmp_path / "backup")
    if name == "first":
        assert made().rounds == 2
        return
    with pytest.raises(BackupError, match="index 'b' took over from 'first'") as caught:
        made()
    assert caught.value.hint == "run it again"
    assert not (tmp_path / "backup").exists()


def test_what_changes_in_every_round_is_given_up_and_named(system: System, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("assistant.backup.create._WAIT_SECONDS", 0)
    turns, one_at_a_time = iter(range(1000)), threading.Lock()

    class Restless(FolderBlobs):
        def export(self, key: str, path: Path) -> None:
            with one_at_a_time:
                system.source.texts["travel"] = f"turn {next(turns)}"
                system.ingestor.sync("s", "cli")
            super().export(key, path)

    report = create_backup(origin(system, Restless(system.folder / "blobs")), tmp_path / "backup")
    assert {missing.key for missing in report.manifest.missing} == {"travel"}
    home = Home(tmp_path / "home")
    assert home.restore(tmp_path / "backup").manifest.documents == 3
    restored = home.system()
    restored.source.texts = {**system.source.texts, "travel": "the last word"}
    restored.ingestor.sync("s", "cli")
    assert texts(restored) == restored.source.texts
    assert_whole(restored)


def test_what_the_home_itself_lacks_is_named(system: System, tmp_path: Path) -> None:
    system.blobs.delete(f"text/{document_id('s', 'vpn')}")
    report = create_backup(origin(system), tmp_path / "backup")
    assert report.manifest.missing == [Missing(source="s", key="vpn", what="text")]
    home = Home(tmp_path / "home")
    home.restore(tmp_path / "backup")
    stored = {path.relative_to(tmp_path / "backup" / "blobs").as_posix() for path in _files(tmp_path / "backup/blobs")}
    assert stored == set(system.blobs.keys()) == set(home.blobs.keys())


def test_a_later_change_does_not_alter_a_backup(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "backup")
    before = {path: path.read_bytes() for path in _files(backup)}
    system.source.texts = {"travel": "quite another text"}
    system.ingestor.sync("s", "cli")
    system.index.flush()
    assert {path: path.read_bytes() for path in _files(backup)} == before
    home = Home(tmp_path / "home")
    home.restore(backup)
    assert len(texts(home.system())) == 3


def test_nobody_else_may_read_it(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "deep" / "backup")
    assert backup.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in _files(backup)} == {0o600}
    assert [path.name for path in backup.parent.iterdir()] == ["backup"]


def test_only_a_new_or_empty_folder_is_taken(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    backed_up(system, tmp_path / "empty")
    with pytest.raises(BackupError, match="not empty"):
        backed_up(system, tmp_path / "empty")
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="not empty"):
        backed_up(system, tmp_path / "file")
    with pytest.raises(BackupError, match="cannot be used"):
        backed_up(system, tmp_path / "file" / "below")
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda _: True)
    with pytest.raises(BackupError, match="a disk of its own"):
        backed_up(system, tmp_path / "disk")


def test_a_home_without_sources_is_not_backed_up(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    system = home.system()
    system.catalog.sources.remove("s")
    with pytest.raises(BackupError, match="nothing to back up"):
        backed_up(system, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_one_process_at_a_time_fills_a_folder(system: System, tmp_path: Path) -> None:
    seen: list[str] = []

    def second(what: str, *_: int) -> None:
        if what == "files" and not seen:
            with pytest.raises(BackupError, match="another process") as caught:
                backed_up(system, tmp_path / "backup")
            seen.append(str(caught.value))

    backed_up(system, tmp_path / "backup", second)
    assert seen


def test_a_full_disk_leaves_nothing(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.backup.create.write_manifest", full)
    with pytest.raises(StorageFullError, match="no space left"):
        backed_up(system, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["origin"]


SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.backup.homes import backed_up
from tests.fakes.system import System
folder, backup, at = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
system = System(folder)
system.source.texts = {f"k{n}": f"text {n}" for n in range(9)}
system.ingestor.sync("s", "cli")
def kill(what, done, total):
    if what == at and done >= total - 1:
        os.kill(os.getpid(), signal.SIGKILL)
backed_up(system, backup, kill)
"""


@pytest.mark.parametrize("at", ["catalog", "files", "index", "checking"])
def test_killed_in_the_middle_it_is_no_backup(system: System, tmp_path: Path, at: str) -> None:
    (tmp_path / "killed").mkdir()
    command = [sys.executable, "-c", SCRIPT, tmp_path / "killed", tmp_path / "backup", at]
    done = subprocess.run(command, check=False, cwd=Path(__file__).parents[2], timeout=60)
    assert done.returncode == -signal.SIGKILL
    left = tmp_path / ".backup.partial"
    assert left.is_dir()
    assert not (tmp_path / "backup").exists()
    shutil.copytree(left, tmp_path / "taken")
    home = Home(tmp_path / "home")
    for folder in (tmp_path / "backup", left, tmp_path / "taken"):
        with pytest.raises(BackupError, match="no finished backup"):
            home.restore(folder)
    backed_up(system, tmp_path / "backup")  # takes over what is left
    assert not left.exists()
    home.restore(tmp_path / "backup")
    assert texts(home.system()) == system.source.texts
    assert_whole(home.system())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _unzipped(path: Path) -> bytes:
    import gzip

    return gzip.decompress(path.read_bytes())
