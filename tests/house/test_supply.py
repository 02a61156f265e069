"""What is permissive, what is not, and that nothing counts as audited which was not."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "infra" / "supply.py"
_SPEC = importlib.util.spec_from_file_location("supply", SCRIPT)
assert _SPEC is not None
assert _SPEC.loader is not None
supply = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(supply)


@pytest.mark.parametrize(
    "stated",
    [
        *("MIT", "Apache-2.0 OR GPL-2.0-or-later", "BSD-3-Clause AND (MIT OR LGPL-3.0-only)", "BSD License"),
        "Apache-2.0 WITH LLVM-exception",
    ],
)
def test_these_are_permissive(stated: str) -> None:
    assert supply.is_permissive(stated)


@pytest.mark.parametrize(
    "stated",
    [
        *(
            "GPL-3.0-or-later",
            "AGPL-3.0-only",
            "LGPL-2.1-only",
            "MIT AND GPL-2.0-only",
            "GPL-2.0-only OR LGPL-3.0-only",
        ),
        *(
            "GNU General Public License v3 (GPLv3)",
            "Elastic-2.0",
            "BUSL-1.1",
            "",
            "UNKNOWN",
            "see the website",
            "MIT OR (",
        ),
    ],
)
def test_these_are_not(stated: str) -> None:
    assert not supply.is_permissive(stated)


def component(name: str, *licences: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1", "licenses": list(licences)}


def test_every_licence_that_a_package_states_counts() -> None:
    mit = {"license": {"name": "License :: OSI Approved :: MIT License"}}
    silent = {"license": {"name": "License :: OSI Approved"}}
    assert (
        supply.unlicensed([component("a", mit, silent), component("Pi_Heif", {"license": {"id": "LGPL-3.0-only"}})])
        == []
    )
    wrong = [component("b", mit, {"expression": "GPL-3.0-only"}), component("c"), component("d", silent)]
    assert supply.unlicensed(wrong) == [
        "b 1: MIT License, GPL-3.0-only",
        "c 1: states no licence",
        "d 1: states no licence",
    ]


HOLE = {"dependencies": [{"name": "urllib3", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]}
NONE = {"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "assistant", "skip_reason": "not found"}]}


@pytest.mark.parametrize(
    ("answers", "options", "code", "told"),
    [
        ([None], [], 0, "warning: NOT AUDITED"),
        ([None], ["--must-reach"], 1, "warning: NOT AUDITED"),
        ([NONE], [], 0, "warning: NOT AUDITED"),  # a database that knows no holes is none
        ([HOLE, NONE], [], 0, "1 packages audited, 0 holes\nwarning: not on PyPI, so not audited: assistant"),
        ([HOLE, HOLE], [], 1, "error: known hole: urllib3 1: CVE-1, mended in 2"),
        ([HOLE, None], [], 1, "error: the database of known holes answered once"),
    ],
)
def test_silence_is_not_safety(
    answers: list[Any],
    options: list[str],
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    left = iter(answers)
    listed = {"components": [component("a", {"license": {"id": "MIT"}}), component("assistant", {"expression": "MIT"})]}
    monkeypatch.setattr(supply, "audited", lambda _: next(left))
    monkeypatch.setattr(supply, "sbom", lambda _: listed)
    assert supply.main(["--to", str(tmp_path), *options]) == code
    assert told in capsys.readouterr().out


def test_a_licence_that_is_not_permissive_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply, "audited", lambda _: None)
    monkeypatch.setattr(
        supply, "sbom", lambda _: {"components": [component("x", {"license": {"id": "AGPL-3.0-only"}})]}
    )
    assert supply.main(["--to", str(tmp_path)]) == 1
