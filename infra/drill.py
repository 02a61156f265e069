"""A drill: backs the configured assistant up, restores it into a new home, compares both, and says how long it took.

    .venv/bin/python infra/drill.py [FOLDER]

Compared are the rows of every table, documents with their readers, sources and people, and the audit log is verified.

The assistant may run meanwhile, and nothing of it is changed. FOLDER, which is new or empty, or a temporary folder,
gets the backup and the home, and keeps no copy of the key; the restored catalog is SQLite and the index in-process,
whatever is configured. Exit code 1: they differ, or the restored home is not healthy. What changes while the drill runs
counts as a difference: run it again.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

_COMMAND = (sys.executable, "-m", "assistant.cli")
_GROWS = {"audit", "audit_documents", "person_keys"}  # a restore is recorded, too
_MADE_ANEW = {"indexes"}  # of several, the one that is filled is kept


def main(arguments: list[str]) -> int:
    """Run the drill in the folder that is named, or in a temporary one. Returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="assistant-drill-") as scratch:
        place = Path(arguments[0]) if arguments else Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise SystemExit(f"{place} is not empty, as after another drill: name a new folder, or delete that one")
        try:
            return _drill(place)
        finally:  # whoever finds the backup is not to find beside it what opens it
            (place / "home" / "secret.key").unlink(missing_ok=True)


def _drill(place: Path) -> int:
    here, there = dict(os.environ), _restored_to(place / "home")
    times, backup = {}, place / "backup"
    earlier, began = _rows_here(), time.monotonic()
    _run(here, "backup", str(backup))
    times["backup"] = time.monotonic() - began
    later = _rows_here()
    began = time.monotonic()
    # the copy has the keys that are here: what those do not open here either is nothing that the backup lost
    _run(there, "restore", str(backup), "--without-keys")
    times["restore"] = time.monotonic() - began
    odd = _odd_rows((earlier, later), _rows_in_backup(backup), _rows_restored(place / "home"))
    odd += _audit_lost(here, there)
    before, after = _held(here), _held(there)
    health = json.loads(_run(there, "doctor", "--json", may_fail=True))["checks"]
    # an assistant that does not run, and a key that is kept elsewhere, are as they should be in a drill
    ill = [f"{one['name']}: {one['detail']}" for one in health if one["state"] == "broken" and one["name"] != "secrets"]
    for name, seconds in times.items():
        _say(f"{name}: {seconds:.1f} s")
    for name, had in before.items():
        _say(f"{name}: {len(had)} before, {len(after[name])} restored, {len(had ^ after[name])} differ")
    _say(f"tables: {len(later)} compared")
    for one in odd:
        _say(f"differs: {one}")
    for one in ill:
        _say(f"not healthy: {one}")
    return 1 if before != after or ill or odd else 0


def _rows_here() -> dict[str, int]:
    """Return how many rows each table of the configured catalog has."""
    from assistant.backup.tables import counts
    from assistant.catalog.database import Database
    from assistant.settings import load_settings

    database = Database(load_settings().catalog)
    try:
        return counts(database)
    finally:
        database.close()


def _rows_in_backup(backup: Path) -> dict[str, int]:
    found = {}
    for path in (backup / "catalog").glob("*.jsonl.gz"):
        with gzip.open(path, "rb") as lines:
            found[path.name.removesuffix(".jsonl.gz")] = sum(1 for _ in lines)
    return found


def _rows_restored(home: Path) -> dict[str, int]:
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as catalog:
        tables = [name for (name,) in catalog.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: catalog.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def _odd_rows(
    here: tuple[Mapping[str, int], Mapping[str, int]], backup: Mapping[str, int], restored: Mapping[str, int]
) -> list[str]:
    """Say which tables lost or won rows. `here` is before and after the backup, which is a moment in between."""
    odd = []
    for table in sorted(here[0].keys() | here[1].keys()):
        least, most = sorted(rows.get(table, 0) for rows in here)
        held, back = backup.get(table, -1), restored.get(table, -1)
        if not least <= held <= most:
            odd.append(f"{table}: {least} to {most} rows here, {held} in the backup")
        if table not in _MADE_ANEW and (back < held or (back > held and table not in _GROWS)):
            odd.append(f"{table}: {held} rows in the backup, {back} restored")
    return odd


def _audit_lost(here: dict[str, str], there: dict[str, str]) -> list[str]:
    """Say what the check of the audit log finds in the restored home that it does not find here."""
    sides = [json.loads(_run(side, "audit", "verify", "--json", may_fail=True)) for side in (here, there)]
    if sides[1]["good"] or not sides[0]["good"]:
        return []
    return [f"the audit log: {sides[1]['why'] or sides[1]['seal']}"]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _restored_to(home: Path) -> dict[str, str]:
    """Return the variables of an assistant of the same settings on another home, which needs no server."""
    here = Path(os.environ.get("ASSISTANT_HOME", Path.home() / ".assistant"))
    home.mkdir(mode=0o700)
    if (here / "secret.key").exists():
        shutil.copy2(here / "secret.key", home / "secret.key")
    given = {
        "ASSISTANT_HOME": str(home),
        "ASSISTANT_CATALOG_URL": f"sqlite:///{home / 'catalog.sqlite3'}",
        "ASSISTANT_INDEX": "edge",
        "ASSISTANT_BROKER_URL": "memory://",
    }
    if "ASSISTANT_CONFIG" not in os.environ and (here / "assistant.toml").exists():
        given["ASSISTANT_CONFIG"] = str(here / "assistant.toml")
    return {**os.environ, **given}


def _held(variables: dict[str, str]) -> dict[str, set[str]]:
    """Return what an assistant holds, as texts that can be compared."""
    asked: dict[str, tuple[str, ...]] = {
        "documents": ("documents", "list"),
        "sources": ("sources", "list"),
        "users": ("users", "list"),
    }
    found = {}
    for name, command in asked.items():
        rows: list[Any] = json.loads(_run(variables, *command, "--json"))[name]
        found[name] = {json.dumps(_lasting(row), sort_keys=True) for row in rows}
    return found


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is of a moment, such as when a source is due."""
    return {key: row[key] for key in ("id", "name", "kind", "source", "key", "chunks", "access", "role") if key in row}


def _run(variables: dict[str, str], *arguments: str, may_fail: bool = False) -> str:
    command = [*_COMMAND, *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 (our own)
    if done.returncode and not may_fail:
        raise SystemExit(f"`assistant {' '.join(arguments)}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
