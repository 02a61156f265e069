"""What `assistant doctor` mends: a real home is broken in each way, found, mended, and found healthy."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from assistant.access.stored_text import text_key
from assistant.adapters.folder_lock import FolderLock
from assistant.adapters.owner_wire import owner_file
from assistant.app import App, build
from assistant.backup.restore import MARKER
from assistant.catalog import Catalog, Keyring
from assistant.catalog.database import HEAD, _make_engine, current_revision
from assistant.catalog.indexes import IndexedDocument
from assistant.catalog.jobs import NewJob
from assistant.catalog.schema import move
from assistant.cli import app as commands
from assistant.cli import doctor
from assistant.cli.doctor import Check
from assistant.cli.mending import _OTHER_CATALOG as OTHER_CATALOG
from assistant.cli.mending import differing_index, exposed, exposed_elsewhere, stale_owner
from assistant.errors import HomeInUseError
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, Access, Question, document_id

pytestmark = pytest.mark.timeout(1800)
TRAVEL = document_id("docs", "travel.md")
DEAD = f"{socket.gethostname()}/{{}}/1/gone/1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two documents, and the folder that they are from beside it."""
    place = tmp_path_factory.mktemp("made")
    (place / "documents").mkdir()
    (place / "documents" / "travel.md").write_text("# Travel\n\nTickets are booked in Concur before the trip.\n")
    (place / "documents" / "leave.md").write_text("# Leave\n\nSick leave is told to the supervisor.\n")
    with build(load_settings(home=place / "home")) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(place / "documents")}, {})
        app.ingestor.sync("docs", "cli")
    return place / "home"


@pytest.fixture(autouse=True)
def home(made: Path, assistant_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; the other looks load models, and are tested elsewhere."""
    shutil.copytree(made, assistant_home)
    monkeypatch.setattr(doctor, "_looks", lambda _: [])
    return assistant_home


def found(*, fix: bool = False) -> dict[str, Check]:
    return {check.name: check for check in doctor.examine(fix=fix).checks}


def mended(name: str) -> None:
    """Mend it, see that it was, and that nothing is left."""
    assert found(fix=True)[name].state == "mended"
    checks = found()
    assert {one.state for one in checks.values()} == {"ok"}, checks


def change(home: Path, *statements: str) -> None:
    engine = create_engine(f"sqlite:///{home / 'catalog.sqlite3'}")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def in_the_home(act: Callable[[App], object]) -> None:
    with build(load_settings()) as app:
        act(app)


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_healthy_home_has_nothing_to_mend() -> None:
    checks = found(fix=True)
    assert {one.state for one in checks.values()} == {"ok"}
    looks = {"modes", "restore", "schema", "index owner", "runs", "indexes", "index and catalog", "stored texts"}
    assert looks <= checks.keys()


def test_files_that_others_may_read(home: Path) -> None:
    (home / "secret.key").touch()
    (home / "secret.key").chmod(0o644)
    home.chmod(0o755)
    check = found()["modes"]
    assert (check.state, check.detail) == ("warning", f"others may read {home}, {home / 'secret.key'}")
    assert check.hint == f"`chmod go= {home} {home / 'secret.key'}`; or `assistant doctor --fix`"
    (home / "secret.key").write_text("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")
    mended("modes")
    assert (home.stat().st_mode & 0o777, (home / "secret.key").stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_settings_file_outside_of_the_home_is_for_a_person(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = home.parent / "settings.toml"
    config.touch()
    monkeypatch.setenv("ASSISTANT_CONFIG", str(config))
    config.chmod(0o640)  # as the group of the service reads it
    assert {found(fix=True)[name].state for name in ("modes", "modes elsewhere")} == {"ok"}
    config.chmod(0o644)
    check = found(fix=True)["modes elsewhere"]
    assert (check.state, check.detail) == ("warning", f"everybody may read {config}")
    assert f"chmod o= {config}" in check.hint
    assert config.stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_what_has_another_owner_than_the_home_is_for_a_person(home: Path) -> None:
    key = home / "secret.key"
    key.write_text("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=")
    key.chmod(0o644)
    os.chown(home, 12345, 12345)
    settings = load_settings()
    assert exposed(settings) is None
    check = exposed_elsewhere(settings)
    assert check is not None
    assert (check.detail, check.mend) == (f"everybody may read {key}", None)


def test_a_restore_that_was_cut_off_is_for_a_person(home: Path) -> None:
    (home / MARKER).touch()
    check = found(fix=True)["restore"]
    assert (check.state, check.hint) == ("broken", "run the same `assistant restore` again")


def test_a_schema_that_is_behind_is_not_changed_unasked(home: Path) -> None:
    engine = _make_engine(f"sqlite:///{home / 'catalog.sqlite3'}")
    move(engine, "0001")
    checks = found()
    assert checks["schema"].state == "broken"
    assert checks["schema"].detail == f"the catalog has the schema 0001, this version's is {HEAD}"
    assert "assistant migrate" in checks["schema"].hint
    assert "runs" not in checks
    assert current_revision(engine) == "0001"
    mended("schema")
    assert current_revision(engine) == HEAD

    def see(app: App) -> None:
        """What was indexed before is listed, found and answered from, and conversations begin."""
        assert {one.ref.key for one in app.library.documents(LOCAL_OPERATOR)} == {"travel.md", "leave.md"}
        assert app.retriever.search("booked in Concur", LOCAL_OPERATOR, 1)[0].ref.key == "travel.md"
        record, turn = app.conversations.begin(LOCAL_OPERATOR, Question("Where are tickets booked?"))
        live = app.conversations.live(LOCAL_OPERATOR, record.id, turn.id)
        assert live is None or live.stored.wait(300)
        assert "Concur" in app.conversations.get(LOCAL_OPERATOR, record.id).turns[0].record.text

    in_the_home(see)
    engine.dispose()


@pytest.mark.parametrize(("oldest", "state"), [("0001", "warning"), ("9998", "broken")])
def test_a_newer_schema(home: Path, oldest: str, state: str) -> None:
    change(home, f"UPDATE alembic_version SET version_num = '9999', compatible_with = '{oldest}'")  # noqa: S608
    checks = found(fix=True)
    assert (checks["schema"].state, "runs" in checks) == (state, state == "warning")
    assert "9999, of a newer version" in checks["schema"].detail


def test_the_file_of_a_server_that_was_killed(home: Path) -> None:
    owner_file(home).write_text(f'{{"port": 1, "token": "t", "pid": {ended_process()}}}')
    owner_file(home).chmod(0o600)
    check = found()["index owner"]
    assert (check.state, check.hint) == ("warning", f"remove {owner_file(home)}; or `assistant doctor --fix`")
    mended("index owner")
    owner_file(home).write_text(f'{{"port": 1, "token": "t", "pid": {os.getpid()}}}')
    in_the_home(lambda app: _must_be(stale_owner(app), None))


def test_the_file_of_a_server_in_another_container_stays(home: Path) -> None:
    (home / "indexes" / "new").mkdir(parents=True)
    owner_file(home).write_text(f'{{"port": 1, "token": "t", "pid": {ended_process()}}}')  # as its pid is no one here
    with build(load_settings()) as app:
        for folder in (home / "index", home / "indexes" / "new"):
            before = stale_owner(app)
            lock = FolderLock(folder)
            assert stale_owner(app) is None
            assert before is not None
            assert before.mend is not None
            with pytest.raises(HomeInUseError):
                before.mend()
            lock.release()
            assert owner_file(home).exists()
        assert app.index.counts().documents == 2
        own = stale_owner(app)  # this process holds the index itself, as after the looks before
        assert own is not None
        assert own.mend is not None
        own.mend()
    assert not owner_file(home).exists()


def test_work_of_processes_that_are_gone(home: Path) -> None:
    owner = DEAD.format(ended_process())

    def leave_open(app: App) -> None:
        run = app.catalog.runs.start("docs", "cli", owner)
        app.catalog.jobs.record("docs", run.id, [NewJob("travel.md", "ingest", "m")])
        assert len(app.catalog.jobs.claim(run.id, owner, 1, 3600)) == 1

    in_the_home(leave_open)
    check = found()["runs"]
    assert (check.state, check.detail) == (
        "broken",
        "1 worker ended over work, 1 run over the listing of a source",
    )
    mended("runs")
    in_the_home(lambda app: app.ingestor.sync("docs", "cli"))
    in_the_home(lambda app: _must_be(app.catalog.runs.open(), []))


def _must_be(one: object, other: object) -> None:
    assert one == other


def test_what_is_left_of_other_indexes(home: Path) -> None:
    (home / "indexes" / "ghost").mkdir(parents=True)
    values = "'embedder', 64, 1.0, 0, 0, '', ''"
    columns = "embedder, chunk_tokens, created_at, done, total, error, sparse_embedder"
    change(home, f"INSERT INTO indexes (name, state, {columns}) VALUES ('old', 'dropped', {values})")  # noqa: S608
    check = found()["indexes"]
    assert (check.state, check.detail) == (
        "warning",
        f"left of indexes that were given up: old, {home / 'indexes' / 'ghost'}",
    )
    mended("indexes")
    assert not (home / "indexes" / "ghost").exists()
    change(home, f"INSERT INTO indexes (name, state, {columns}) VALUES ('new', 'building', {values})")  # noqa: S608
    check = found(fix=True)["indexes"]
    assert (check.state, "assistant reindex --drop new" in check.hint) == ("warning", True)


def test_an_index_that_differs_from_the_catalog(home: Path) -> None:
    in_the_home(lambda app: (app.index.delete(TRAVEL), app.index.flush()))
    leave = "SELECT id FROM documents WHERE key = 'leave.md'"
    change(home, f"DELETE FROM grants WHERE document_id IN ({leave})")  # noqa: S608
    change(home, "DELETE FROM documents WHERE key = 'leave.md'")
    check = found()["index and catalog"]
    assert check.state == "broken"
    assert check.detail == "the index lacks 1 document of docs, and holds 1 that the catalog does not know"
    assert check.hint == "`assistant sources sync docs --full`; or `assistant doctor --fix`"
    mended("index and catalog")

    def see(app: App) -> None:
        assert {hit.ref.key for hit in app.retriever.search("booked in Concur", LOCAL_OPERATOR, 1)} == {"travel.md"}
        assert app.index.versions().keys() == app.catalog.indexes.documents().keys()

    in_the_home(see)


def test_another_catalog_gives_no_reason_to_delete(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "indexes" / "new").mkdir(parents=True)
    other = home.parent / "other.sqlite3"
    monkeypatch.setenv("ASSISTANT_CATALOG_URL", f"sqlite:///{other}")
    for is_made in (False, True):  # as a setting that was forgotten or mistyped gives one
        check = found(fix=True)["index and catalog"]
        assert (check.state, check.hint) == ("broken", OTHER_CATALOG)
        assert check.detail == "the index lacks 0 documents of no source, and holds 2 that the catalog does not know"
        left = found(fix=True)["indexes"]
        assert (left.state, left.hint) == ("warning", OTHER_CATALOG)
        assert other.exists() == is_made, "a look makes no catalog"
        Catalog(f"sqlite:///{other}", Keyring(home / "secret.key")).close()
    monkeypatch.delenv("ASSISTANT_CATALOG_URL")
    assert found()["index and catalog"].state == "ok"
    assert (home / "indexes" / "new").exists()


def test_a_restore_that_was_cut_off_gives_no_reason_to_delete(home: Path) -> None:
    (home / MARKER).touch()
    (home / "indexes" / "new").mkdir(parents=True)
    in_the_home(lambda app: (app.index.delete(TRAVEL), app.index.flush()))
    checks = found(fix=True)
    for name, state in (("index and catalog", "broken"), ("indexes", "warning")):
        assert (checks[name].state, checks[name].hint) == (state, "run the same `assistant restore` again")
    assert (home / "indexes" / "new").exists()


def test_an_index_of_which_much_is_unknown_may_be_of_another_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    with build(load_settings()) as app:
        one = IndexedDocument("1", Access(frozenset()), 1, 1)

        def is_mended(known: int, unknown: int) -> bool:
            wanted = {f"known {n}": one for n in range(known)}
            stored = {name: ["1"] for name in (*wanted, *(f"unknown {n}" for n in range(unknown)))}
            monkeypatch.setattr(app.catalog.indexes, "documents", lambda: wanted)
            monkeypatch.setattr(app.index, "versions", lambda: stored)
            look = differing_index(app)
            assert look is not None
            assert (look.hint == OTHER_CATALOG) == (look.mend is None)
            return look.mend is not None

        assert (is_mended(1, 10), is_mended(1, 11)) == (True, False)
        assert (is_mended(900, 100), is_mended(900, 101)) == (True, False)


def test_folders_may_be_the_index_of_a_catalog_of_which_the_used_one_holds_nothing(home: Path) -> None:
    (home / "indexes" / "new").mkdir(parents=True)
    in_the_home(lambda app: ([app.index.delete(name) for name in list(app.index.versions())], app.index.flush()))
    assert (found()["indexes"].hint, found()["index and catalog"].hint) == (
        OTHER_CATALOG,
        "`assistant sources sync docs --full`; or `assistant doctor --fix`",
    )
    assert found(fix=True)["index and catalog"].state == "mended"
    mended("indexes")
    assert not (home / "indexes" / "new").exists()


def test_what_a_sync_brings_while_it_is_looked_at_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with build(load_settings()) as app:
        read = app.index.versions
        (home.parent / "more").mkdir()
        (home.parent / "more" / "gym.md").write_text("# Gym\n\nThe gym opens at seven.\n")
        app.catalog.sources.add("more", "folder", {"path": str(home.parent / "more")}, {})

        def synced_before() -> Mapping[str, Iterable[str]]:
            monkeypatch.setattr(app.index, "versions", read)
            app.ingestor.sync("more", "api")
            return read()

        monkeypatch.setattr(app.index, "versions", synced_before)
        assert differing_index(app) is None


def test_what_cannot_be_mended_for_its_mode_ends_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(doctor, "exposed", refused)
    checks = found(fix=True)
    assert (checks["modes"].state, checks["modes"].detail) == (
        "broken",
        "PermissionError: [Errno 30] Read-only file system",
    )
    assert checks["schema"].state == "ok"


def test_a_text_that_is_not_stored_is_for_a_person() -> None:
    def lose(app: App) -> None:
        info = app.catalog.documents.readable([TRAVEL], LOCAL_OPERATOR)[TRAVEL]
        app.blobs.delete(text_key(info.ref))

    in_the_home(lose)
    check = found(fix=True)["stored texts"]
    assert (check.state, check.detail) == ("broken", "the text of 1 document of docs is not stored")
    assert "restore a backup" in check.hint


def test_the_command(home: Path) -> None:
    home.chmod(0o755)
    run = CliRunner().invoke(commands, ["doctor"])
    assert (run.exit_code, "warn   modes: others may read" in run.stdout) == (0, True)
    run = CliRunner().invoke(commands, ["doctor", "--fix"])
    assert (run.exit_code, "mended modes: others may read" in run.stdout) == (0, True)
    (home / MARKER).touch()
    assert CliRunner().invoke(commands, ["doctor", "--fix"]).exit_code == 1


def test_going_back_says_what_it_loses_first(home: Path) -> None:
    in_the_home(lambda app: app.catalog.people.add("ann", "Ann", [], "employee"))
    refused = CliRunner().invoke(commands, ["migrate", "--to", "0014"])
    assert refused.exit_code == 1
    assert "people (1)" in str(refused.exception)
    assert CliRunner().invoke(commands, ["migrate", "--to", "0014", "--force"]).exit_code == 0
    assert found()["schema"].detail.startswith("the catalog has the schema 0014")
    assert CliRunner().invoke(commands, ["migrate"]).exit_code == 0
    assert found()["schema"].state == "ok"
