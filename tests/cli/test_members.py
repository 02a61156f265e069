"""Archives, mails and encrypted files by command: what is inside is found, and cited by its own name."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pyzipper

from tests.cli.conftest import Run, assert_one_clear_line, json_of


def archive(folder: Path) -> None:
    """Write an archive with a text, an archive and a mail with an attachment in it."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("deep/canteen.txt", "The canteen serves lunch from 11:45 to 14:15.\n")
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Parking", "Ann Archer <ann@example.org>"
    mail.set_content("The parking permits are attached.\n")
    mail.add_attachment("Permit 7731 is valid on level B2.\n", filename="permit.txt")
    with zipfile.ZipFile(folder / "office.zip", "w") as packed:
        packed.writestr("inner.zip", inner.getvalue())
        packed.writestr("parking.eml", bytes(mail))
        packed.writestr("vpn.md", "# VPN\n\nThe VPN gateway is vpn-frankfurt-2.\n")


def test_what_is_inside_is_found_under_its_own_name(assistant: Run, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    archive(folder)
    report = json_of(assistant("ingest", folder, "--readers", "hr", "--json"))
    assert report["failures"] == []
    assert (report["documents"]["seen"], report["documents"]["added"]) == (1, 6)
    listed = json_of(assistant("documents", "list", "--json"))["documents"]
    assert {document["key"] for document in listed} == {
        "office.zip",
        "office.zip!/inner.zip",
        "office.zip!/inner.zip!/deep/canteen.txt",
        "office.zip!/parking.eml",
        "office.zip!/parking.eml!/permit.txt",
        "office.zip!/vpn.md",
    }
    assert {tuple(document["access"]["allow"]) for document in listed} == {("group:hr",)}
    (mail,) = [document for document in listed if document["key"].endswith(".eml")]
    assert mail["authors"] == ["Ann Archer"]
    answer = json_of(assistant("ask", "On which level is parking permit 7731 valid?", "--json"))
    assert answer["citations"][0]["document"]["key"] == "office.zip!/parking.eml!/permit.txt"
    assert answer["citations"][0]["verified"]
    assert json_of(assistant("search", "lunch in the canteen", "--groups", "everyone", "--json"))["hits"] == []
    (folder / "office.zip").unlink()
    (folder / "new.txt").write_text("Something new.\n")
    assert json_of(assistant("ingest", folder, "--json"))["documents"]["deleted"] == 6


def test_encrypted_files_open_with_their_sources_passwords(assistant: Run, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    with pyzipper.AESZipFile(folder / "secret.zip", "w", encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(b"tulip-19")
        packed.writestr("plan.txt", "The move is planned for week 42.\n")
    (failure,) = json_of_failed(assistant, folder)
    assert "password" in failure["error"]
    passwords = tmp_path / "passwords.txt"
    passwords.write_text("wrong\ntulip-19\n")
    assert "2 passwords" in assistant("sources", "passwords", "docs", passwords).stdout
    assert json_of(assistant("sources", "sync", "docs", "--json"))["documents"]["added"] == 2
    assert "week 42" in assistant("documents", "text", "docs", "secret.zip!/plan.txt").stdout
    shown = assistant("sources", "show", "docs").stdout + assistant("runs", "list").stdout
    assert "tulip-19" not in shown


def test_passwords_that_cannot_be_read_are_a_clear_error(assistant: Run, tmp_path: Path) -> None:
    assert_one_clear_line(
        assistant("sources", "passwords", "docs", tmp_path / "none.txt"), "none.txt", "cannot be read"
    )


def json_of_failed(assistant: Run, folder: Path) -> list[dict[str, str]]:
    """Ingest a folder of which nothing can be read, and return the failures."""
    result = assistant("ingest", folder, "--json")
    assert result.returncode == 1
    failures: list[dict[str, str]] = json.loads(result.stdout)["failures"]
    return failures
