"""The whole assistant works in a network namespace with no way out, and nothing of it tries to find one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.chromium import CHROMIUM

_ROOT = Path(__file__).parents[2]
_UNSHARE = shutil.which("unshare")


def _may_unshare() -> bool:
    if _UNSHARE is None:
        return False
    return subprocess.run([_UNSHARE, "--net", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.timeout(1200)
@pytest.mark.skipif(not _may_unshare(), reason="a network namespace needs root and util-linux's unshare")
def test_nothing_looks_for_a_way_out(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent / "watched"), str(_ROOT)]),
        "ASSISTANT_TEST_ATTEMPTS": str(tmp_path / "attempts"),
    }
    environment.pop("ASSISTANT_HOME", None)
    command = [str(_UNSHARE), "--net", "--", sys.executable, "-m", "tests.cli.offline_run", str(tmp_path)]
    done = subprocess.run(
        command, env=environment, cwd=_ROOT, capture_output=True, text=True, timeout=1100, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads((tmp_path / "report.json").read_text())
    for way in ("connects", "looks up"):  # made on purpose: they are seen in both ways
        assert report[way]["did"] != 0
        assert report[way]["unrouted"], report
        assert report[way]["attempts"], report
    assert report["works"] == {
        "did": ["indexed", "searched", "asked", "conversed", "uploaded", "doctor", "reindex", "backup"],
        "unrouted": {},
        "attempts": [],
    }
    # the browser's own attempts are none of the assistant's, but what its pages load is
    assert report["shows pages"]["attempts"] == []
    assert report["shows pages"]["did"] == (["127.0.0.1"] if CHROMIUM.exists() else [])
