"""When what failed is tried again."""

from __future__ import annotations

import pytest

from assistant.ingest import Retries


@pytest.mark.parametrize(("failures", "least", "most"), [(1, 30, 60), (2, 60, 120), (4, 240, 480), (30, 10800, 21600)])
def test_the_wait_doubles_and_varies(failures: int, least: float, most: float) -> None:
    retries = Retries(60, most=100)
    waits = {retries.next_try(failures, retryable=True, now=0) for _ in range(50)}
    assert len(waits) > 40
    assert all(wait is not None and least <= wait <= most for wait in waits)


def test_what_would_fail_again_is_not_tried_again() -> None:
    assert Retries().next_try(1, retryable=False, now=0) is None


def test_tries_end() -> None:
    retries = Retries(most=3)
    assert retries.next_try(3, retryable=True, now=0) is not None
    assert retries.next_try(4, retryable=True, now=0) is None
