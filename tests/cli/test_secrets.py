"""`assistant secrets` as operators use it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run, json_of


def test_the_key_is_checked_and_changed(assistant: Run, folder: Path, tmp_path: Path, assistant_home: Path) -> None:
    assert json_of(assistant("secrets", "check", "--json"))["keys"] == []
    assert assistant("secrets", "rotate").returncode == 1
    json_of(assistant("ingest", folder, "--source", "d", "--json"))
    passwords = tmp_path / "passwords"
    passwords.write_text("hunter2hunter2\n")
    assert assistant("sources", "passwords", "d", passwords).returncode == 0
    before = json_of(assistant("secrets", "check", "--json"))
    assert before["ok"]
    assert before["secrets"] == [{"table": "sources", "key": before["keys"][0], "count": 1, "closed": 0}]
    done = json_of(assistant("secrets", "rotate", "--json"))
    assert done["former"] == before["keys"]
    after = json_of(assistant("secrets", "check", "--json"))
    assert (after["keys"], after["secrets"][0]["key"]) == ([done["key"]], done["key"])
    (assistant_home / "secret.key").write_text("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n")
    lost = assistant("secrets", "check")
    assert lost.returncode == 1
    assert "cannot be opened" in lost.stdout
