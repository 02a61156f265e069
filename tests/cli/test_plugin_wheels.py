"""The examples of the plugin author's guide, packed into wheels, installed into a fresh environment and used there."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.cli.conftest import json_of

ROOT = Path(__file__).parents[2]
PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "guide-{name}"
version = "1.0"

[project.entry-points."assistant.plugins"]
{name} = "guide_{name}:register"

[tool.setuptools]
py-modules = ["guide_{name}"]
"""


def example(what: str) -> str:
    page = (ROOT / "infra" / "docs" / "plugins.md").read_text(encoding="utf-8")
    code = page.split(f"<!-- example: {what} -->\n```python\n")[1].split("```")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    return code


def wheel(folder: Path, name: str, what: str) -> Path:
    project = folder / name
    project.mkdir()
    (project / "pyproject.toml").write_text(PROJECT.format(name=name))
    (project / f"guide_{name}.py").write_text(example(what))
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, project]
    subprocess.run(build, check=True, timeout=120)
    return next(folder.glob(f"guide_{name}-1.0-*.whl"))


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A new environment that sees what is installed here, as an assistant's own has it, and takes more."""
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "assistant.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n{ROOT}\n")
    return folder


def test_the_examples_are_used_from_wheels(fresh: Path, assistant_home: Path, tmp_path: Path):
    python = fresh / "bin" / "python"
    wheels = [wheel(tmp_path, "notes", "source"), wheel(tmp_path, "reverse", "tool")]
    site = next(fresh.glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", site]
    subprocess.run([*pip, *wheels], check=True, timeout=120)

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {"ASSISTANT_HOME": str(assistant_home), "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
        command = [python, "-m", "assistant.cli", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250, check=False)

    states = {one["name"]: one["state"] for one in json_of(run("plugins", "list", "--json"))["plugins"]}
    assert (states["notes"], states["reverse"]) == ("new", "new")
    for name in ("notes", "reverse"):
        done = run("plugins", "enable", name)
        assert done.returncode == 0, done.stderr
        assert re.search(r"enabled; it offers (source notes|tool reverse)", done.stdout)
    assert "reverse" in json_of(run("plugins", "list", "--json"))["tools"]
    notes = tmp_path / "texts"
    notes.mkdir()
    (notes / "vpn.note").write_text("The VPN gateway is vpn-frankfurt-2.\n")
    added = run("sources", "add", "notes", "--name", "n", "--config", f'{{"path": "{notes}"}}')
    assert added.returncode == 0, added.stderr
    assert json_of(run("sources", "sync", "n", "--json"))["documents"]["added"] == 1
    (notes / "vpn.note").unlink()
    assert json_of(run("sources", "sync", "n", "--json"))["documents"]["deleted"] == 1
