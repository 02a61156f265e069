"""A drill: backs the configured assistant up, restores it into a new home, compares both, and says how long it took.

    .venv/bin/python infra/drill.py [FOLDER]

The assistant may run meanwhile, and nothing of it is changed. FOLDER, which is new or empty, or a temporary folder,
gets the backup and the home, and keeps no copy of the key; the restored catalog is SQLite and the index in-process,
whatever is configured. Exit code 1: they differ, or the restored home is not healthy. What changes while the drill runs
counts as a difference: run it again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_COMMAND = (sys.executable, "-m", "assistant.cli")


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
    began = time.monotonic()
    _run(here, "backup", str(backup))
    times["backup"] = time.monotonic() - began
    began = time.monotonic()
    # the copy has the keys that are here: what those do not open here either is nothing that the backup lost
    _run(there, "restore", str(backup), "--without-keys")
    times["restore"] = time.monotonic() - began
    before, after = _held(here), _held(there)
    health = json.loads(_run(there, "doctor", "--json", may_fail=True))["checks"]
    # an assistant that does not run, and a key that is kept elsewhere, are as they should be in a drill
    ill = [f"{one['name']}: {one['detail']}" for one in health if one["state"] == "broken" and one["name"] != "secrets"]
    for name, seconds in times.items():
        _say(f"{name}: {seconds:.1f} s")
    for name, had in before.items():
        _say(f"{name}: {len(had)} before, {len(after[name])} restored, {len(had ^ after[name])} differ")
    for one in ill:
        _say(f"not healthy: {one}")
    return 1 if before != after or ill else 0


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
