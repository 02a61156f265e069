"""When what failed is tried again: later each time, and not all of it at once."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retries:
    """Exponential backoff with jitter.

    Args:
        first_seconds: the wait after the first failure; it doubles with each failure in a row.
        longest_seconds: no wait is longer.
        most: how often something is tried again by itself; then it rests until a person or a change wants it.
    """

    first_seconds: float = 60.0
    longest_seconds: float = 6 * 3600.0
    most: int = 8

    def next_try(self, failures: int, retryable: bool, now: float) -> float | None:
        """Return when to try again what has failed `failures` times in a row (1 or more), None for never.

        Between half of the wait and all of it, so that what failed together does not come back together.
        """
        if not retryable or failures > self.most:
            return None
        wait: float = min(self.first_seconds * 2.0 ** (failures - 1), self.longest_seconds)
        return now + wait * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it
