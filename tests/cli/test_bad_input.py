"""Bad input and bad places: one clear line, a non-zero exit, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_one_clear_line, json_of
from tests.fakes.ports import free_port


def test_a_missing_folder(assistant: Run, tmp_path: Path) -> None:
    assert_one_clear_line(assistant("ingest", tmp_path / "nowhere"), "nowhere", "does not exist")
    (tmp_path / "file").write_text("x")
    assert_one_clear_line(assistant("ingest", tmp_path / "file"), "is not a folder")


def test_a_source_that_cannot_be_read_is_not_added(assistant: Run, tmp_path: Path) -> None:
    config = json.dumps({"path": str(tmp_path / "nowhere")})
    assert_one_clear_line(assistant("sources", "add", "folder", "--name", "n", "--config", config), "nowhere")
    assert json_of(assistant("sources", "list", "--json"))["sources"] == []


def test_a_home_that_is_not_writable(assistant: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for home in ("/proc/assistant", str(tmp_path / "file"), str(tmp_path / "file" / "below")):
        assert_one_clear_line(
            assistant("ingest", folder, ASSISTANT_HOME=home), home, "cannot be used", "ASSISTANT_HOME"
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chunk_tokens = [", ("not valid TOML",)),
        ("chunk_tokens = 'many'", ("chunk_tokens", "ASSISTANT_CHUNK_TOKENS")),
        ("chunk_tokns = 100", ("chunk_tokns",)),
    ],
)
def test_a_broken_settings_file(
    assistant: Run, folder: Path, assistant_home: Path, text: str, words: tuple[str, ...]
) -> None:
    assistant_home.mkdir()
    (assistant_home / "assistant.toml").write_text(text)
    assert_one_clear_line(assistant("search", "x"), "assistant.toml", *words)
    assert_one_clear_line(assistant("ingest", folder), "assistant.toml")
    doctor = assistant("doctor")
    assert doctor.returncode == 1
    assert "BROKEN" in doctor.stdout
    assert "assistant.toml" in doctor.stdout


def test_wrong_values_of_variables_and_files(assistant: Run, folder: Path, tmp_path: Path) -> None:
    assert_one_clear_line(assistant("search", "x", ASSISTANT_PORT="many"), "ASSISTANT_PORT")
    assert_one_clear_line(assistant("search", "x", ASSISTANT_CONFIG=str(tmp_path / "no.toml")), "no.toml")
    (tmp_path / "acl.json").write_text("{")
    assert_one_clear_line(assistant("ingest", folder, "--acl", tmp_path / "acl.json"), "acl.json", "not JSON")
    (tmp_path / "h.json").write_text('[{"role": "pope", "content": "x"}]')
    assert_one_clear_line(assistant("ask", "x", "--history", tmp_path / "h.json"), "h.json")
    assert_one_clear_line(assistant("documents", "list", "--source", "nowhere"), "nowhere")
    assert_one_clear_line(assistant("documents", "text", "a", "b"), "'b'", "'a'")


def test_wrong_usage_is_exit_2(assistant: Run, folder: Path, tmp_path: Path) -> None:
    for arguments in (
        ("ask", "x", "--mode", "telepathy"),
        ("ask", "x", "--budget", "0"),
        ("ask",),
        ("levitate",),
        ("ingest", folder, "--readers", "a", "--acl", tmp_path / "x"),
    ):
        assert assistant(*arguments).returncode == 2, arguments


def test_one_name_is_one_folder(assistant: Run, folder: Path, tmp_path: Path) -> None:
    json_of(assistant("ingest", folder, "--source", "d", "--json"))
    other = tmp_path / "other"
    other.mkdir()
    assert_one_clear_line(assistant("ingest", other, "--source", "d"), "'d'", str(folder), "--source")
    assert len(json_of(assistant("documents", "list", "--json"))["documents"]) == 3


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small tmpfs needs root on Linux")
def test_a_full_disk_is_said_and_nothing_is_lost(assistant: Run, tmp_path: Path) -> None:
    home = tmp_path / "small"
    home.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600m", "tmpfs", str(home)], check=False).returncode:
        pytest.skip("this machine does not allow mounting a tmpfs")
    try:
        folder = tmp_path / "docs"
        folder.mkdir()
        for number in range(30):
            (folder / f"{number}.txt").write_text(f"Document {number} has some words.\n" * 20)
        variables = {"ASSISTANT_HOME": str(home)}
        json_of(assistant("ingest", folder, "--json", **variables))
        (home / "filler").write_bytes(b"x" * (_free(home) - 60_000_000))
        (folder / "new.txt").write_text("A new document that finds no room.\n")
        assert_one_clear_line(assistant("ingest", folder, **variables), "full")
        assert len(json_of(assistant("documents", "list", "--json", **variables))["documents"]) == 30
        (home / "filler").unlink()
        assert json_of(assistant("ingest", folder, "--json", **variables))["documents"]["added"] == 1
        assert "finds no room" in assistant("search", "new document room", "--limit", "1", **variables).stdout
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def test_a_port_in_use(assistant: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_one_clear_line(assistant("up", "--port", port, "--ui-port", "0"), port, "--port")
        assert_one_clear_line(assistant("up", "--port", "0", "--ui-port", port), port)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104 - it is to be refused
def test_without_sign_in_only_loopback(assistant: Run, host: str) -> None:
    assert_one_clear_line(assistant("up", "--host", host), host, "loopback")


def test_a_second_process_on_the_same_home_is_told_before_anything_is_touched(
    assistant: Run, folder: Path, assistant_home: Path
) -> None:
    json_of(assistant("ingest", folder, "--json"))
    code = (
        "import time\nfrom assistant import build, load_settings\n"
        "with build(load_settings(), owns_index=True) as app:\n"
        "    app.index.counts(); print('open', flush=True); time.sleep(600)"
    )
    environment = {**os.environ, "ASSISTANT_HOME": str(assistant_home)}
    holder = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder:
        try:
            assert holder.stdout.readline() == "open\n"
            assert_one_clear_line(assistant("ingest", folder), str(holder.pid))
            assert_one_clear_line(
                assistant("up", "--port", str(free_port()), "--ui-port", str(free_port())), str(holder.pid)
            )
            assert assistant("documents", "list").returncode == 0
        finally:
            holder.send_signal(signal.SIGKILL)
    assert json_of(assistant("search", "train tickets", "--json"))["hits"]
    assert json.loads(assistant("ingest", folder, "--json").stdout)["documents"]["unchanged"] == 3
