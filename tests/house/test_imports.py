"""`import assistant` is cheap, and so is everything that a command or a server imports before it is asked something."""

from __future__ import annotations

import ast
import re
import resource
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("assistant", "plugins", "workers", "ui")

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "llama_index",
    "langchain",
    "langchain_core",
    "qdrant_client",
    "qdrant_edge",
    "streamlit",
    "vllm",
    "onnx",
    "onnxruntime",
    "kreuzberg",
    "pypdfium2",
    "docx",
)
SECONDS = 0.5


def _loaded(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


def test_import_assistant_takes_under_half_a_second() -> None:
    def spent() -> float:  # of processors: how long it waits for one says nothing of the import
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    def once() -> float:
        before = spent()
        subprocess.run([sys.executable, "-c", "import assistant"], check=True, timeout=120)
        return spent() - before

    best = min(once() for _ in range(3))
    assert best < SECONDS, f"import assistant took {best:.2f} s in a fresh process"


def test_import_assistant_pulls_in_nothing_heavy() -> None:
    loaded = _loaded("import assistant")
    assert "assistant" in loaded
    assert not loaded & {*HEAVY, "numpy", "sqlalchemy", "pydantic"}


@pytest.mark.parametrize("module", ["assistant.app", "assistant.api", "assistant.cli", "workers", "plugins.folder"])
def test_heavy_libraries_are_imported_where_they_are_used(module: str) -> None:
    loaded = _loaded(f"import {module}")
    assert module.partition(".")[0] in loaded
    assert not loaded & set(HEAVY), f"import {module} pulls in {sorted(loaded & set(HEAVY))}"


def test_the_ui_imports_only_settings_of_the_house() -> None:
    code = "import ui, sys\nprint(*sorted(name for name in sys.modules if name.startswith('assistant.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert set(done.stdout.split()) <= {"assistant.settings", "assistant.errors"}


def _imported(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
    return {module.partition(".")[0] for module in modules}


def _of_this_environment(folder: Path) -> list[Path]:
    """Return the Python files of a folder, without what brings a requirements file and so an environment of its own."""
    others = [path.parent for path in folder.rglob("requirements.txt")]
    return sorted(path for path in folder.rglob("*.py") if not any(other in path.parents for other in others))


@pytest.mark.parametrize("folder", [*SHIPPED, "tests", "infra"])
def test_what_is_imported_is_a_direct_dependency(folder: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["torch"], *(extras["dev"] if folder not in SHIPPED else [])]
    direct = {re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in wanted}
    ours = {*sys.stdlib_module_names, *SHIPPED, "tests"}
    owners = packages_distributions()
    missing = [
        f"{path.relative_to(ROOT)}: {module} (of {', '.join(owners.get(module, ['?']))})"
        for path in _of_this_environment(ROOT / folder)
        for module in sorted(_imported(path) - ours)
        if not {name.lower().replace("_", "-") for name in owners.get(module, [])} & direct
    ]
    assert not missing, "add these to the dependencies in pyproject.toml:\n" + "\n".join(missing)
