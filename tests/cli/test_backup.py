"""`backup` and `restore` as scripts use them, also beside a running assistant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from assistant.adapters import index_qdrant
from assistant.adapters.index_owner_server import serve_owner
from assistant.app import build
from assistant.cli import app as commands
from assistant.cli.backup import _must_be_named, _target
from assistant.errors import BackupError
from assistant.settings import load_settings
from tests.cli.conftest import Run, assert_one_clear_line, json_of
from tests.fakes.databases import new_database


@pytest.mark.timeout(900)
def test_backed_up_beside_its_owner_and_restored_into_a_new_home(
    assistant: Run, folder: Path, assistant_home: Path, tmp_path: Path
) -> None:
    json_of(assistant("ingest", folder, "--source", "docs", "--readers", "staff", "--json"))
    passwords = tmp_path / "passwords"
    passwords.write_text("hunter2\n")
    assert assistant("sources", "passwords", "docs", passwords).returncode == 0
    backup, new = tmp_path / "backup", str(tmp_path / "new")
    with build(load_settings(home=assistant_home), owns_index=True) as app:
        owner = serve_owner(app.index, assistant_home)
        made = json_of(assistant("backup", backup, "--json"))
        refused = assistant("restore", backup, "--force")
        owner.stop()
    assert (made["sources"], made["documents"], made["missing"]) == (1, 3, [])
    assert made["chunks"] >= 3
    assert_one_clear_line(refused, "in use by process")
    restored = json_of(assistant("restore", backup, "--without-keys", "--json", ASSISTANT_HOME=new))
    assert (restored["replaced"], restored["migrated"], restored["unindexed"]) == (None, False, [])
    assert (restored["documents"], restored["chunks"]) == (3, made["chunks"])
    assert restored["locked"] == {"docs": made["keys"], "the audit log": made["keys"]}
    search = ("search", "where is the VPN gateway", "--groups", "staff", "--json")
    assert json_of(assistant(*search))["hits"] == json_of(assistant(*search, ASSISTANT_HOME=new))["hits"] != []
    assert json_of(assistant("ingest", folder, "--source", "docs", "--readers", "staff", "--json", ASSISTANT_HOME=new))[
        "documents"
    ] == {"seen": 3, "added": 0, "moved": 0, "updated": 0, "unchanged": 3, "deleted": 0, "failed": 0}
    assert_one_clear_line(assistant("restore", backup, ASSISTANT_HOME=new), "not empty", "--force")
    again = assistant("restore", backup, "--force", "--without-keys", ASSISTANT_HOME=new)
    assert again.returncode == 0, again.stderr
    assert "replaced what was in" in again.stdout
    assert "the index equals the catalog" in again.stdout
    assert "the secrets of docs cannot be read" in again.stdout


def test_what_is_wrong_is_one_line(assistant: Run, tmp_path: Path) -> None:
    assert_one_clear_line(assistant("backup", tmp_path / "backup"), "nothing to back up")
    assert_one_clear_line(assistant("restore", tmp_path / "backup"), "no finished backup")
    assert assistant("restore").returncode == 2
    assert not (tmp_path / "backup").exists()


def run(*arguments: str | Path) -> str:
    """Run `assistant` in this process, on the home of the variable: a process of its own takes seconds to start."""
    done = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return done.stdout


@pytest.mark.timeout(900)
def test_with_its_key_a_new_home_goes_on_with_the_audit_log(
    folder: Path, assistant_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the page says it: the key's file is copied first. What is recorded of the restore follows a good seal."""
    with build(load_settings(home=assistant_home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
    assert "Not in it: settings, and the keys in" in run("backup", tmp_path / "first")
    (assistant_home / "plugins").mkdir()
    (assistant_home / "plugins" / "mine.py").write_text("def register(registry): ...\n")
    assert f"Not in it: settings, plugins in {assistant_home / 'plugins'}, and" in run("backup", tmp_path / "backup")
    assert not list((tmp_path / "backup").rglob("mine.py"))
    new = tmp_path / "new"
    new.mkdir(mode=0o700)
    shutil.copy2(assistant_home / "secret.key", new)
    monkeypatch.setenv("ASSISTANT_HOME", str(new))
    run("restore", tmp_path / "backup")
    run("audit", "verify")
    actions = [one["action"] for one in json.loads(run("audit", "list", "--json"))["entries"]]
    assert "backup restored" in actions
    assert "seal broken" not in actions


@pytest.mark.timeout(900)
def test_what_a_missing_key_means_is_said_of_each(
    folder: Path, assistant_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with build(load_settings(home=assistant_home)) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {}, passwords=["hunter2"])
        app.catalog.webhooks.add("chat", "https://example.org/in", ["run.failed"], "whsec_c2VjcmV0")
        (key,) = (one.name for one in app.catalog.keyring.all())
    run("backup", tmp_path / "backup")
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "new"))
    put = f"put the key {key} into the file {tmp_path / 'new' / 'secret.key'}"
    for _ in range(2):  # the second time there is a key, with which the refusal was recorded, but another one
        refused = CliRunner().invoke(commands, ["restore", str(tmp_path / "backup")])
        assert f"lacks the key {key}" in str(refused.exception)
    lines = run("restore", tmp_path / "backup", "--without-keys").splitlines()
    assert f"what the audit log holds of people cannot be read: {put}. Where" in lines[-2]
    assert f"the secrets of docs cannot be read: {put}, or give them again (`assistant sources passw" in lines[-3]
    assert lines[-1] == f"the webhook chat cannot sign: {put}, or make a new secret (`assistant webhooks secret chat`)"


@pytest.mark.timeout(900)
def test_a_backup_of_before_a_reindex_is_found_in_after_it(folder: Path, tmp_path: Path) -> None:
    """Such a backup has no row of its index, and the home has another index than the first by now."""
    run("ingest", folder, "--source", "docs", "--json")
    run("backup", tmp_path / "backup")
    run("reindex", "--chunk-tokens", "64")
    run("restore", tmp_path / "backup", "--force")
    (index,) = json.loads(run("reindex", "--list", "--json"))["indexes"]
    assert (index["name"], index["state"], index["chunk_tokens"]) == ("onnx-64", "current", 200)
    assert json.loads(run("search", "VPN gateway", "--json"))["hits"][0]["document"]["key"] == "it/vpn.txt"
    assert json.loads(run("sources", "sync", "docs", "--json"))["documents"]["unchanged"] == 3


@pytest.mark.timeout(300)
def test_a_catalog_outside_of_the_home_is_cleared_only_where_it_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: str
) -> None:
    """A new home with the settings of the one in use: a restore would go into the database that people work with."""
    url = make_url(new_database(postgres))
    monkeypatch.setenv("ASSISTANT_CATALOG_URL", url.render_as_string(hide_password=False))
    run("ingest", folder, "--source", "docs", "--json")
    run("backup", tmp_path / "backup")
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "new"))
    for force in ([], ["--force"], ["--force", "--replacing", "another"]):
        refused = CliRunner().invoke(commands, ["restore", str(tmp_path / "backup"), "--without-keys", *force])
        assert isinstance(refused.exception, BackupError)
        assert f"catalog {url.render_as_string()}" in refused.exception.message
        assert (f"--replacing {url.database}" in refused.exception.hint) == bool(force)
    with build(load_settings()) as app:
        assert len(app.catalog.sources.all()) == 1
    done = run("restore", tmp_path / "backup", "--without-keys", "--force", "--replacing", url.database)
    assert "replaced what was in" in done


def test_what_goes_is_named_also_where_catalog_and_collection_have_one_name(
    assistant_home: Path, monkeypatch: pytest.MonkeyPatch, postgres: str
) -> None:
    url = make_url(new_database(postgres))
    settings = load_settings(home=assistant_home, catalog_url=url.render_as_string(hide_password=False))
    monkeypatch.setattr("assistant.cli.backup.qdrant_collection", lambda *_: url.database)
    with build(settings, owns_index=True) as app:
        monkeypatch.setattr(
            app, "settings", settings.model_copy(update={"index": "qdrant", "qdrant_url": "http://q:6333"})
        )
        with pytest.raises(BackupError) as caught:
            _must_be_named(app, ())
        _must_be_named(app, [str(url.database)])
    assert f"the catalog {url.render_as_string()} and the collection {url.database}" in caught.value.message
    assert caught.value.hint.count("--replacing") == 1


def test_a_collection_is_removed_whole_before_it_is_opened(
    assistant_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Document by document took hours for millions, and one of another embedder could not be opened at all."""
    removed: list[str] = []
    monkeypatch.setattr(index_qdrant, "remove_qdrant_index", lambda *asked: removed.append(asked[2]))
    monkeypatch.setattr(index_qdrant, "open_qdrant_index", lambda *_: pytest.fail("it is opened"))
    settings = load_settings(home=assistant_home, index="qdrant", qdrant_url="http://qdrant:6333")
    with build(settings, owns_index=True) as app:
        _target(app).discard_index()
    assert removed == ["assistant"]
