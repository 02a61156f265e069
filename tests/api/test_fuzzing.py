"""schemathesis over every route, as everybody: no server error, and no answer that the description does not have."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.api.fuzzing import WHO, fuzz, operations, served

SHARE = 3  # of the routes, each of which two of the six people call in the short form
CASES = 90  # for each route in the long form: over 5,000 as each of the people


@pytest.mark.parametrize("who", WHO)
def test_a_few_calls_of_every_route(who: str, tmp_path: Path) -> None:
    with served(tmp_path, who) as (client, known):
        statuses: Counter[int] = Counter()
        for number, operation in enumerate(operations(client)):
            if (number + WHO.index(who)) % SHARE == 0:
                statuses += fuzz(client, known, operation, 2, number).statuses
    assert statuses.total() > 20
    assert statuses.keys() & ({401} if who == "nobody" else {200, 201, 202}), "else nothing was reached"


@pytest.mark.soak
@pytest.mark.parametrize("who", WHO)
def test_five_thousand_calls(who: str, tmp_path: Path) -> None:
    seed = int(time.time())
    statuses: Counter[int] = Counter()
    reached: set[str] = set()
    with served(tmp_path, who) as (client, known):
        for operation in operations(client):
            done = fuzz(client, known, operation, CASES, seed)
            statuses += done.statuses
            reached |= done.reached
    print(f"{who}: {statuses.total():,} calls (seed {seed}), {len(reached)} operations reached, {dict(statuses)}")
    assert statuses.total() >= 5_000
