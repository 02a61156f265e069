"""The capacity plan: every assumption counts, every formula names what there is, and the sums are right."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from types import ModuleType

import pytest

from tests.infra.tools import INFRA, passes, run

SCRIPT = INFRA / "plan.py"
WORDS = {"max", "ln", "room", "cache_bytes", "read_seconds", "write_rate", "by", "share", "the", "sum"}


@pytest.fixture(scope="module")
def plan() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plan", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["plan"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def values(plan: ModuleType, *changes: str) -> dict[str, float]:
    return {name: one.value for name, one in plan.Plan(plan.inputs(list(changes))).results.items()}


def test_every_assumption_counts(plan: ModuleType) -> None:
    before = values(plan)
    for one in plan.ASSUMPTIONS:
        assert one.value > 0, f"{one.name} was never filled in"
        changed = values(plan, f"{one.name}={one.value * 16}")
        assert changed != before, f"nothing depends on {one.name}"


def test_every_assumption_has_a_source(plan: ModuleType) -> None:
    for one in plan.ASSUMPTIONS:
        assert one.source.split(":")[0] in {"the task", "the default embedder", "assumed", "measured", "published"}
        if named := re.search(r"([a-z_-]+\.md)", one.source):
            assert (INFRA / "docs" / named[1]).exists()


def test_every_formula_names_inputs_and_earlier_results(plan: ModuleType) -> None:
    known = {one.name for one in plan.ASSUMPTIONS}
    for one in plan.Plan(plan.inputs([])).results.values():
        named = set(re.findall(r"[a-z][a-z_0-9]*", one.formula)) - WORDS
        assert named <= known, f"{one.name}: {named - known}"
        known.add(one.name)


@pytest.mark.parametrize("name", ["peak", "full", "small", "copy_ram", "copy_disk", "node_disk", "documents", "day"])
def test_plain_formulas_give_what_stands_beside_them(plan: ModuleType, name: str) -> None:
    given = plan.inputs([])
    results = plan.Plan(given).results
    formula = results[name].formula
    value = eval(formula, {"__builtins__": {}}, {**given, **{key: one.value for key, one in results.items()}})  # noqa: S307
    assert results[name].value in (pytest.approx(value), pytest.approx(value / 1e9))  # bytes are shown as GB


def test_published_figures_of_memory(plan: ModuleType) -> None:
    # Qdrant's page on capacity: a million vectors of 1,024 numbers take 6,144,000,000 bytes
    found = values(plan, "chunks=1e6", "dimension=1024")
    assert found["all_in_memory"] == pytest.approx(6.144)


def test_what_was_measured_comes_out_again(plan: ModuleType) -> None:
    # scale.md: 1,000,000 chunks took 4,983 MB on disk and 3,519 MB of memory
    found = values(plan, "chunks=1e6", "replicas=1")
    assert found["copy_disk"] == pytest.approx(4.983)
    assert found["copy_ram"] == pytest.approx(3.519)


def test_more_people_take_more_machines(plan: ModuleType) -> None:
    few, many = values(plan, "users=1000"), values(plan, "users=100000")
    for name in ("api", "ui", "machines", "index_cores", "iops", "cost"):
        assert few[name] < many[name]
    assert few["nodes"] == many["nodes"]  # they share the same index
    assert few["cost_user"] > many["cost_user"]


def test_the_command_prints_other_inputs_too() -> None:
    found = json.loads(passes(sys.executable, SCRIPT, "--set", "users=500", "--json"))
    assert found["day"] == 500 * 0.4 * 8
    assert "| `machines` |" in passes(sys.executable, SCRIPT)
    wrong = run(sys.executable, SCRIPT, "--set", "people=5")
    assert wrong.returncode == 2
    assert "there is no input 'people'" in wrong.stdout
