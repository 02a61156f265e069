"""Exports of the audit log, and the program in its page that checks them without the assistant."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.audit import AuditDesk, verify_file, write_lines
from assistant.catalog import Act, AuditFilter, Catalog, Keyring, Origin
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import LOCAL_OPERATOR, User

PAGE = Path(__file__).parents[2] / "infra" / "docs" / "audit.md"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite3'}", Keyring(tmp_path / "secret.key"))
    origin = Origin("api", "192.0.2.7", "Browser", "r")
    for number in range(4):
        catalog.audit.append([Act("document opened", "ann", origin=origin, documents=("d",), details={"n": number})])
    yield catalog
    catalog.close()


def _export(catalog: Catalog, path: Path, wanted: AuditFilter | None = None, *, sealed: bool = False) -> list[str]:
    desk, wanted = AuditDesk(catalog.audit), wanted or AuditFilter()
    entries = desk.entries(LOCAL_OPERATOR, wanted)
    whole = wanted == AuditFilter()
    lines = list(write_lines(desk.anchor(LOCAL_OPERATOR), entries, whole=whole, sealed=sealed))
    path.write_text("".join(lines), encoding="utf-8")
    return lines


def test_an_export_is_checked_and_says_what_was_done(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    lines = _export(catalog, path)
    opened = json.loads(lines[1])["opened"]
    assert (opened["who"], opened["address"], opened["details"]) == ("ann", "192.0.2.7", {"n": 0})
    head = catalog.audit.head()
    found = verify_file(path, head)
    assert (found.good, found.entries, found.head) == (True, 4, head)
    sealed = tmp_path / "sealed.jsonl"
    assert "192.0.2.7" not in "".join(_export(catalog, sealed, sealed=True))
    assert verify_file(sealed, head).good


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lambda lines: [*lines[:2], lines[2].replace('"done"', '"refused"'), *lines[3:]], 2),
        (lambda lines: [*lines[:2], *lines[3:]], 2),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 1),
        (lambda lines: lines[:-1], 4),
        (lambda lines: [*lines[:3], "nonsense\n", *lines[4:]], 3),
        (lambda lines: [*lines[:3], "[]\n", *lines[4:]], 3),
    ],
)
def test_a_changed_export_is_found(catalog: Catalog, tmp_path: Path, change: object, number: int) -> None:
    path = tmp_path / "audit.jsonl"
    lines = _export(catalog, path)
    path.write_text("".join(change(lines)), encoding="utf-8")  # type: ignore[operator]
    found = verify_file(path, catalog.audit.head())
    assert found.broken is not None
    assert (found.broken.number, found.good) == (number, False)


def test_a_selection_and_other_files_are_no_chain(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    _export(catalog, path, AuditFilter(who="ann"))
    with pytest.raises(ConfigurationError, match="a selection"):
        verify_file(path)
    for text in ("", "nonsense", "{}", "[]\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="is no export"):
            verify_file(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        verify_file(tmp_path / "none")


def test_the_program_in_the_page_checks_exports(catalog: Catalog, tmp_path: Path) -> None:
    program = PAGE.read_text(encoding="utf-8").split("<!-- verify -->\n```python\n")[1].split("```")[0]
    assert len(program.splitlines()) <= 20
    path = tmp_path / "audit.jsonl"

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    catalog.audit.append([Act("searched", "ann", at=1.0)])
    lines = _export(catalog, path)
    assert run().stdout.strip() == f"good up to {catalog.audit.head()}"
    path.write_text("".join([*lines[:3], lines[3].replace('"d"', '"e"'), *lines[4:]]), encoding="utf-8")
    assert "broken at entry 3" in run().stderr


@pytest.mark.parametrize("role", ["employee", "curator"])
def test_others_do_not_read_it(catalog: Catalog, role: str) -> None:
    desk, by = AuditDesk(catalog.audit), User("ann", frozenset({"everyone"}), role)  # type: ignore[arg-type]
    for read in (
        lambda: desk.page(by, AuditFilter()),
        lambda: desk.entries(by, AuditFilter()),
        lambda: desk.verify(by),
        lambda: desk.anchor(by),
        lambda: desk.head(by),
    ):
        with pytest.raises(AccessDeniedError, match="auditors"):
            read()
    auditor = User("eve", frozenset({"everyone"}), "auditor")
    assert len(desk.page(auditor, AuditFilter()).entries) == 4
