"""Limits that scores have to keep, so that a CI job fails where quality falls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.errors import ConfigurationError
from assistant.evaluation.results import Scores


@dataclass(frozen=True, slots=True)
class Threshold:
    """The least, or the most, that a metric may be."""

    metric: str
    value: float
    is_least: bool = True

    def broken_by(self, scores: Scores) -> str:
        """Return in words how the scores break it, nothing where they keep it; no score at all breaks it."""
        score = scores.get(self.metric)
        if score is None:
            return f"there is no {self.metric}: no question says anything of it"
        if self.is_least and score < self.value:
            return f"{self.metric} is {score:g}, less than {self.value:g}"
        if not self.is_least and score > self.value:
            return f"{self.metric} is {score:g}, more than {self.value:g}"
        return ""


def read_threshold(text: str, metrics: Sequence[str], *, is_least: bool = True) -> Threshold:
    """Read `ndcg@10=0.72`.

    Args:
        text: metric and value.
        metrics: those that there are.
        is_least: whether the value is the least allowed, else the most.

    Raises:
        ConfigurationError: it is written in another way, or there is no such metric.
    """
    metric, sign, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not sign or not math.isfinite(number):
        raise ConfigurationError(f"{text!r} is not METRIC=NUMBER", f"such as {metrics[0]}=0.7")
    if metric not in metrics:
        raise ConfigurationError(f"there is no metric {metric!r} here", f"take one of {', '.join(metrics)}")
    return Threshold(metric, number, is_least)


def broken(thresholds: Iterable[Threshold], scores: Scores) -> list[str]:
    """Return in words every threshold that the scores break."""
    return [words for threshold in thresholds if (words := threshold.broken_by(scores))]
