"""A backup that is put back: the same documents, readers, work and search results, on either database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.backup import Contents, Missing, Model, create_backup, restore_backup
from assistant.backup.restore import MARKER
from assistant.catalog import Act, Keyring, Secret
from assistant.catalog.jobs import NewJob
from assistant.catalog.secrets import key_names, sealed
from assistant.errors import BackupError, EmbedderMismatchError
from assistant.ingest.owners import this_process
from assistant.types import LOCAL_OPERATOR, Attachment, Question, User, document_id
from tests.backup.homes import Home, assert_whole, backed_up, hits, origin, texts
from tests.fakes.index import FakeIndex
from tests.fakes.system import System
from tests.fakes.uploads import ALICE, UploadSystem


def test_a_restored_home_is_the_one_that_was_backed_up(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    report = home.restore(backup)
    restored = home.system()
    assert (report.replaced, report.migrated, report.chunks, report.unindexed) == (None, False, 5, ())
    assert texts(restored) == texts(system) == system.source.texts
    assert_whole(restored)
    for query in ("train", "grade K7", "certificates expire", "nothing of it"):
        assert hits(restored, query) == hits(system, query)
    assert restored.catalog.sources.all() == system.catalog.sources.all()
    assert restored.catalog.runs.newest() == system.catalog.runs.newest()
    assert not (home.folder / MARKER).exists()
    restored.source.texts = dict(system.source.texts)
    again = restored.ingestor.sync("s", "cli")
    assert (again.unchanged, again.added, again.updated) == (3, 0, 0)


def test_readers_are_restored_as_the_catalog_says_where_the_index_lagged(system: System, tmp_path: Path) -> None:
    from assistant.types import Access

    system.index.set_access(document_id("s", "hr/pay"), Access())
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    home.restore(backup)
    restored = home.system()
    vector = restored.embedder.embed_query("grade")
    assert {h.document_id for h in home.index.search(vector, "grade", User("a", frozenset({"hr"})), 9)} == {
        document_id("s", "hr/pay")
    }
    everyone = User("b", frozenset({"everyone"}))
    assert document_id("s", "hr/pay") not in {h.document_id for h in home.index.search(vector, "grade", everyone, 9)}


@pytest.mark.parametrize("way", ["out", "in"])
def test_from_either_database_to_the_other(system: System, tmp_path: Path, catalog_url: str, way: str) -> None:
    """On SQLite and on Postgres: restored into that database, and backed up from there."""
    backup = backed_up(system, tmp_path / "backup")
    there = Home(tmp_path / "there", catalog_url)
    there.restore(backup)
    if way == "out":
        backup = backed_up(there.system(), tmp_path / "second")
        there = Home(tmp_path / "back")
        there.restore(backup)
    restored = there.system()
    assert texts(restored) == system.source.texts
    assert_whole(restored)
    restored.source.texts = {**system.source.texts, "new": "number one", "vpn": "changed"}
    report = restored.ingestor.sync("s", "cli")
    assert (report.added, report.updated, report.unchanged, report.failed) == (1, 1, 2, 0)


def test_new_jobs_go_on_behind_the_restored_ones(system: System, tmp_path: Path, catalog_url: str) -> None:
    run = system.catalog.runs.start("s", "cli", this_process())
    system.catalog.jobs.record("s", run.id, [NewJob(f"k{n}", "ingest") for n in range(5)])
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home", catalog_url)
    home.restore(backup)
    before = {job.id for job in home.catalog.jobs.of_source("s").values()}
    later = home.catalog.runs.start("s", "cli", this_process())
    home.catalog.jobs.record("s", later.id, [NewJob("later", "ingest")])
    assert home.catalog.jobs.of_source("s")["later"].id > max(before)


def test_work_of_the_assistant_that_was_backed_up_is_free_again(system: System, tmp_path: Path) -> None:
    system.source.texts["more"] = "text"
    run = system.ingestor.begin("s", "cli")
    (job,) = system.catalog.jobs.claim(run, "another-host/1/2/3", 9, 3600)
    backup = backed_up(system, tmp_path / "one")
    home = Home(tmp_path / "home")
    home.restore(backup)
    (left,) = home.catalog.jobs.of_source("s").values()
    assert (left.key, left.state) == (job.key, "queued")
    assert home.catalog.jobs.lease_owners() == set()
    restored = home.system()
    restored.source.texts = dict(system.source.texts)
    restored.ingestor.work(run)
    assert texts(restored) == system.source.texts


def test_a_listing_of_another_host_does_not_keep_the_source_busy(system: System, tmp_path: Path) -> None:
    run = system.catalog.runs.start("s", "cli", "another-host/1/2/3")
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    home.restore(backup)
    assert home.catalog.runs.get(run.id).state == "interrupted"
    restored = home.system()
    restored.source.texts = dict(system.source.texts)
    assert restored.ingestor.sync("s", "cli").unchanged == 3


def test_a_document_that_the_index_lacked_comes_with_the_next_sync(system: System, tmp_path: Path) -> None:
    system.index.delete(document_id("s", "vpn"))
    report = create_backup(origin(system), tmp_path / "backup")
    assert report.manifest.missing == [Missing(source="s", key="vpn", what="index")]
    home = Home(tmp_path / "home")
    report = home.restore(tmp_path / "backup")
    assert report.unindexed == (Missing(source="s", key="vpn", what="index"),)
    assert report.chunks == 3
    restored = home.system()
    restored.source.texts = dict(system.source.texts)
    restored.ingestor.sync("s", "cli")
    assert_whole(restored)
    assert hits(restored, "certificates")[0][0] == "vpn"


def test_without_its_index_a_backup_is_embedded_anew(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    other = Model(name="another", dimension=64)
    with pytest.raises(EmbedderMismatchError, match="fake/words") as caught:
        restore_backup(backup, home.target(other))
    assert "--without-index" in caught.value.hint
    with pytest.raises(EmbedderMismatchError, match="pictures"):
        restore_backup(backup, home.target(pictures=other))
    with pytest.raises(EmbedderMismatchError, match="weights of words of no model, but splade"):
        restore_backup(backup, home.target(sparse="splade@0a1b2c3d/fp32"))
    report = restore_backup(backup, home.target(other), with_index=False)
    assert len(report.unindexed) == 3
    restored = home.system()
    restored.source.texts = dict(system.source.texts)
    restored.ingestor.sync("s", "cli")
    assert_whole(restored)


def test_only_an_empty_home_is_restored_into_unless_forced(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    held = home.system()
    held.source.texts = {"old": "kept so far"}
    held.ingestor.sync("s", "cli")
    with pytest.raises(BackupError, match="1 sources with 1 documents") as caught:
        home.restore(backup)
    assert "--force" in caught.value.hint
    assert texts(held) == {"old": "kept so far"}
    report = home.restore(backup, force=True)
    assert report.replaced == Contents(1, 1)
    assert home.discarded == 1
    assert texts(home.system()) == system.source.texts
    assert_whole(home.system())


def test_files_or_an_index_without_a_catalog_are_not_replaced_unasked(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    home.blobs.put("text/a/1", b"of another catalog")
    with pytest.raises(BackupError, match="its catalog does not know") as caught:
        home.restore(backup)
    assert "catalog_url" in caught.value.hint
    home.blobs.delete("text")
    home.index.write_points(system.index.read_points([document_id("s", "vpn")]))
    with pytest.raises(BackupError, match="1 documents that its catalog does not know"):
        home.restore(backup)
    home.restore(backup, force=True)
    assert_whole(home.system())


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


@pytest.mark.parametrize("at", ["files", "index"])
def test_a_restore_that_was_cut_off_is_run_again(system: System, tmp_path: Path, at: str) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")

    def kill(what: str, done: int, _: int) -> None:
        if what == at and done:
            raise Killed

    with pytest.raises(Killed):
        home.restore(backup, on_progress=kill)
    assert home.catalog.documents.page(LOCAL_OPERATOR) == []
    home.restore(backup)
    assert_whole(home.system())
    assert texts(home.system()) == system.source.texts


def test_a_restore_that_was_cut_off_before_its_last_check_is_run_again(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The catalog is in by then, and speaks of the index that was filled; of another backup it is still asked."""
    backup = backed_up(system, tmp_path / "backup")
    system.source.texts = {"vpn": "changed"}
    system.ingestor.sync("s", "cli")
    other = backed_up(system, tmp_path / "other")
    home = Home(tmp_path / "home")
    home.served = replace(home.served, name="b")

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as killed:
        killed.setattr(FakeIndex, "versions", kill)
        with pytest.raises(Killed):
            home.restore(backup)
    assert [record.name for record in home.catalog.indexes.all()] == ["b"]
    with pytest.raises(BackupError, match="is not empty"):
        home.restore(other)
    assert home.restore(backup).replaced == Contents(1, 3)
    assert_whole(home.system())
    assert not (home.folder / MARKER).exists()
    with pytest.raises(BackupError, match="is not empty"):
        home.restore(backup)


def test_an_index_that_differs_in_the_end_is_said(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    write = FakeIndex.write_points
    monkeypatch.setattr(FakeIndex, "write_points", lambda index, points: write(index, points[1:]))
    with pytest.raises(BackupError, match="4 chunks of 5"):
        home.restore(backup)


def test_secrets_are_restored_and_need_their_key(system: System, tmp_path: Path) -> None:
    system.catalog.sources.set_passwords("s", ["hunter2"])
    report = create_backup(origin(system), tmp_path / "backup")
    (key,) = report.keys
    stored = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    assert not list((tmp_path / "backup").rglob("secret.key*"))
    assert (system.folder / "secret.key").read_bytes().strip() not in stored
    home = Home(tmp_path / "home")
    home.blobs.put("text/a/1", b"of what is here")
    with pytest.raises(BackupError, match=f"lacks the key {key}, which the backup needs for s") as caught:
        home.restore(tmp_path / "backup", force=True, without_keys=False)
    assert "--without-keys" in caught.value.hint
    assert (list(home.blobs.keys()), home.discarded, (home.folder / MARKER).exists()) == (["text/a/1"], 0, False)
    home.blobs.delete("text")
    assert home.restore(tmp_path / "backup").locked == {"s": [key]}
    other = Home(tmp_path / "other")
    (other.folder / "secret.key").write_bytes((system.folder / "secret.key").read_bytes())
    assert other.restore(tmp_path / "backup", without_keys=False).locked == {}
    assert other.catalog.sources.get("s").passwords == ("hunter2",)


def test_the_keys_of_webhooks_and_of_the_log_s_seal_are_needed_too(system: System, tmp_path: Path) -> None:
    system.catalog.webhooks.add("chat", "https://example.org/in", ["run.failed"], "whsec_c2VjcmV0")
    system.catalog.audit.append([Act("searched", "ann")])
    key = system.catalog.keyring.all()[0].name
    (system.folder / "secret.key").unlink()
    system.catalog.audit.append([Act("searched", "ann")])  # sealed by another key, as after a restore without keys
    other = system.catalog.keyring.all()[0].name
    report = create_backup(origin(system), tmp_path / "backup")
    assert report.keys == tuple(sorted((key, other)))
    locked = Home(tmp_path / "home").restore(tmp_path / "backup").locked
    assert locked == {"webhook chat": [key], "the audit log": sorted((key, other))}


def test_secrets_are_found_as_the_catalog_stores_them(tmp_path: Path) -> None:
    one, other = Keyring(tmp_path / "one"), Keyring(tmp_path / "other")
    stored = [sealed({"a": [Secret.of("t")]}, one), sealed([Secret.of("t")], other), "x", None]
    assert set(key_names(stored)) == {ring.all()[0].name for ring in (one, other)}
    assert len(set(key_names(stored))) == 2


def test_what_is_attached_in_conversations_comes_along(system: System, tmp_path: Path) -> None:
    shot = Attachment("shot.png", b"shot", "image/png")
    record, turn = system.conversations.begin(ALICE, Question("What is this?", attachments=(shot,)))
    gone, _ = system.conversations.begin(ALICE, Question("And this?", attachments=(shot,)))
    system.conversations.close()
    system.conversations.delete(ALICE, gone.id, for_good=True)
    home = Home(tmp_path / "home")
    home.restore(backed_up(system, tmp_path / "backup"))
    assert home.system().conversations.attachment(ALICE, record.id, turn.id, 1) == shot
    assert len(list(home.blobs.keys("attachment"))) == 1


def test_uploads_that_wait_come_along_and_those_that_are_indexed_once(tmp_path: Path) -> None:
    (tmp_path / "origin").mkdir()
    system = UploadSystem(tmp_path / "origin")
    system.uploads.put(ALICE, "indexed.txt", b"the first upload")
    system.sync()
    system.uploads.put(ALICE, "waits.txt", b"the second upload")
    backup = backed_up(system, tmp_path / "backup")
    system.close()
    assert len(list((backup / "blobs" / "uploads").rglob("*"))) == 2  # a folder with one file
    Home(tmp_path / "new").restore(backup)
    restored = UploadSystem(tmp_path / "new")
    assert restored.states() == {"indexed.txt": "indexed", "waits.txt": "waiting"}
    restored.sync()
    assert restored.states() == {"indexed.txt": "indexed", "waits.txt": "indexed"}
    assert restored.library.read("uploads-alice", "waits.txt", ALICE).text == "the second upload"
    restored.close()
