"""Nobody is shown what they may not read, whatever happens in whatever order, on any way: short here, long in soak."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.access.machine import Rights, counted

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_nobody_sees_what_is_not_theirs() -> None:
    run_state_machine_as_test(
        Rights,
        settings=settings(
            max_examples=6, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            suppress_health_check=QUIET, print_blob=False, phases=(Phase.generate,),
        ),
    )  # fmt: skip
    assert counted["steps"] > 50
