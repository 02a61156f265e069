"""The audit log in a backup: it verifies after a restore, in either database, and takes the place of the home's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.catalog import Act, AuditFilter
from assistant.errors import BackupError
from tests.backup.homes import Home, backed_up
from tests.fakes.system import System


def test_it_verifies_in_the_other_database(system: System, tmp_path: Path, catalog_url: str) -> None:
    """On SQLite and on Postgres: restored into that database, and backed up from there."""
    system.catalog.people.add("ann", "Ann", [], "employee")
    system.catalog.audit.append([Act("searched", "ann", documents=("d1",), at=1.0) for _ in range(3)])
    system.catalog.audit.append([Act("document opened", "ann", documents=("d1",)), Act("searched", "bob")])
    system.catalog.audit.prune(2.0)
    system.catalog.audit.forget("bob")
    kept = system.catalog.audit.head()
    home = Home(tmp_path / "home", catalog_url)
    home.catalog.audit.append([Act("searched", "operator")])  # a home that is empty but for that
    shutil.copyfile(system.folder / "secret.key", home.folder / "secret.key")
    home.restore(backed_up(system, tmp_path / "backup"))
    found = home.catalog.audit.verify(kept)
    assert (found.good, found.entries, found.anchor.number, found.head) == (True, 4, 3, kept)
    assert [one.who for one in home.catalog.audit.page(AuditFilter(document="d1")).entries] == ["ann"]
    assert home.catalog.audit.page(AuditFilter(), 4).entries[2].erased
    home.catalog.audit.append([Act("searched", "ann")])  # it goes on behind what was restored
    back = Home(tmp_path / "back")
    shutil.copyfile(system.folder / "secret.key", back.folder / "secret.key")
    back.restore(backed_up(home.system(), tmp_path / "again"))
    assert back.catalog.audit.verify(kept).entries == 5


def test_a_home_with_documents_is_still_not_replaced(system: System, tmp_path: Path) -> None:
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    home.restore(backup)
    home.catalog.audit.append([Act("searched", "ann")])
    with pytest.raises(BackupError, match="is not empty"):
        home.restore(backup)
    home.restore(backup, force=True)
    assert home.catalog.audit.page(AuditFilter()).entries == ()
    home.catalog.audit.append([Act("searched", "ann")])
    assert home.catalog.audit.verify().good


def test_the_names_of_its_keys_are_in_the_manifest(system: System, tmp_path: Path) -> None:
    system.catalog.audit.append([Act("searched", "ann")])
    backup = backed_up(system, tmp_path / "backup")
    home = Home(tmp_path / "home")
    report = home.restore(backup)
    name = system.catalog.keyring.all()[0].name
    assert report.locked == {"the audit log": [name]}
    assert "needs the key" in home.catalog.audit.verify().seal
