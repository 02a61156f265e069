"""`assistant secrets` as operators use it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run, json_of


def test_the_key_is_checked_and_changed(assistant: Run, folder: Path, tmp_path: Path, assistant_home: Path) -> None:
    json_of(assistant("ingest", folder, "--source", "d", "--json"))
    passwords = tmp_path / "passwords"
    passwords.write_text("hunter2hunter2\n")
    assert assistant("sources", "passwords", "d", passwords).returncode == 0
    before = json_of(assistant("secrets", "check", "--json"))
    assert before["ok"]
    of_sources = {"table": "sources", "key": before["keys"][0], "count": 1, "closed": 0}
    assert of_sources in before["secrets"]  # beside those of the audit log
    done = json_of(assistant("secrets", "rotate", "--json"))
    assert done["former"] == before["keys"]
    after = json_of(assistant("secrets", "check", "--json"))
    assert (after["keys"], {one["key"] for one in after["secrets"]}) == ([done["key"]], {done["key"]})
    (assistant_home / "secret.key").write_text("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=\n")
    lost = assistant("secrets", "check")
    assert lost.returncode == 1
    assert "cannot be opened" in lost.stdout
