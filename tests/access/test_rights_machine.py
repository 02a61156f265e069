"""Nobody is shown what they may not read, whatever happens in whatever order, on any way: short here, long in soak."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.access.machine import Rights, counted
from tests.access.mutations import MUTATIONS, Mutation

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SOAK, RUNS = 50, 4  # examples of a run and how many of them: of 100 steps each


def run(machine: type[Rights], examples: int, steps: int, number: int | None = None) -> None:
    """Run the machine; what fails is not made smaller, as each example takes seconds."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=number is None,
        suppress_health_check=QUIET,
        phases=(Phase.generate,),
    )
    run_state_machine_as_test(machine if number is None else seed(number)(machine), settings=chosen)


def test_nobody_sees_what_is_not_theirs() -> None:
    before = counted["steps"]
    run(Rights, 5, 20)
    assert counted["steps"] > before + 50


@pytest.mark.soak
@pytest.mark.parametrize("number", range(RUNS))
def test_nobody_sees_what_is_not_theirs_for_long(number: int) -> None:
    before = counted["steps"]
    run(Rights, SOAK, 100, number)
    assert counted["steps"] - before > 0.9 * SOAK * 100


@pytest.mark.soak
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_the_machine_finds_a_planted_bug(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance, within 40 examples; the other tests look on purpose."""

    class Planted(Rights):
        cheap, dear_share = 6, 1.0

    mutation.plant(monkeypatch)
    with pytest.raises(AssertionError):
        run(Planted, 40, 60, 1)
