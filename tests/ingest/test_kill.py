"""The real command killed with -9 at random moments: every document there once, none lost, none twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.app import App, build
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR

DOCUMENTS = 120


def write(folder: Path, number: int, words: str) -> None:
    path = folder / f"team{number % 7}" / f"note{number:03}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "\n\n".join(
        f"Paragraph {part} of note {number} about {words} and the number {number * part}." for part in range(8)
    )
    path.write_text(f"# Note {number}\n\n{body}\n")


def edit(folder: Path, dice: random.Random, turn: int) -> None:
    """Add, change and delete a few files, so that every start finds new work beside what was left."""
    for _ in range(12):
        write(folder, dice.randrange(DOCUMENTS), f"turn {turn}")
    victim = folder / f"team{dice.randrange(7)}" / f"note{dice.randrange(DOCUMENTS):03}.md"
    victim.unlink(missing_ok=True)


def ingest(folder: Path, home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "assistant.cli", "ingest", str(folder), "--source", "notes", "--json"]
    environment = {**os.environ, "ASSISTANT_HOME": str(home)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def seconds_of_a_run(folder: Path, home: Path) -> float:
    started = time.monotonic()
    process = ingest(folder, home)
    _, error = process.communicate(timeout=200)
    assert process.returncode == 0, error.decode()
    return time.monotonic() - started


def assert_is_the_folder(app: App, folder: Path) -> None:
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.md")}
    infos = app.library.documents(LOCAL_OPERATOR)
    assert sorted(info.ref.key for info in infos) == sorted(files)
    for info in infos:
        assert app.library.read("notes", info.ref.key, LOCAL_OPERATOR).text == files[info.ref.key]
    current = app.catalog.documents.current_versions()
    assert app.index.versions() == {key: {version} for key, version in current.items()}
    assert app.index.counts().chunks == sum(info.chunks for info in infos)
    assert app.catalog.jobs.count("queued") == app.catalog.jobs.count("running") == 0


@pytest.mark.timeout(900)
def test_killed_ten_times_at_random_moments_every_document_is_there_once(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, 10)


@pytest.mark.soak
def test_killed_fifty_times_at_random_moments_every_document_is_there_once(tmp_path: Path) -> None:
    kill_and_compare(tmp_path, 50)


def kill_and_compare(tmp_path: Path, kills: int) -> None:
    """Kill `kills` ingestions while files come, change and go, then ingest once more and compare with the folder."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    folder, home = tmp_path / "notes", tmp_path / "home"
    for number in range(DOCUMENTS):
        write(folder, number, "the beginning")
    usual = seconds_of_a_run(folder, tmp_path / "calm-home")
    turns = died = 0
    while died < kills:
        started = time.monotonic()
        process = ingest(folder, home)
        try:
            process.wait(dice.uniform(0.2, 1.0) * usual)
            usual = time.monotonic() - started  # there is less to do than at first: kill earlier
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            died += 1
        process.communicate(timeout=60)
        turns += 1
        edit(folder, dice, turns)
        assert turns < 4 * kills, "the runs end before they are killed"
    seconds_of_a_run(folder, home)
    with build(load_settings(home=home)) as app:
        assert_is_the_folder(app, folder)
