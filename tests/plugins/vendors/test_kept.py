"""Answers that are kept: used again, asked for anew in time, and not kept for ever."""

from __future__ import annotations

from itertools import count

import pytest

from plugins.vendors import Kept, kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    return now


def test_an_answer_is_used_again_for_a_while(clock: list[float]) -> None:
    one, answers = Kept(60), count(1)
    assert [one.get("a", lambda: next(answers)) for _ in range(3)] == [1, 1, 1]
    clock[0] += 61
    assert one.get("a", lambda: next(answers)) == 2


def test_old_answers_are_forgotten_and_new_ones_are_not(clock: list[float]) -> None:
    one = Kept(60)
    for number in range(50_000):
        clock[0] += 0.1
        one.get(f"page {number}", lambda: number)  # noqa: B023 (it is called at once)
    assert len(one._known) < 2_500
    assert one.get("page 49500", lambda: -1) == 49_500


def test_what_is_good_for_ever_stays(clock: list[float]) -> None:
    one = Kept(float("inf"))
    for number in range(5_000):
        one.get(f"page {number}", lambda: number)  # noqa: B023 (it is called at once)
    assert one.get("page 0", lambda: -1) == 0
