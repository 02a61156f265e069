"""Compares two runs over the same questions: is the second better than the first, and how sure is that?

Paired bootstrap after Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (chapters 13 and 16), as Sakai uses
it for retrieval (SIGIR 2006): the questions' differences are drawn with replacement, 10,000 times. The 95 % interval of
the mean difference is that of the drawn means (percentiles). The p-value (two-sided) is the share of draws whose mean
lies at least as far from the measured mean as that does from 0: what chance alone gives where there is no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import ConfigurationError
from assistant.evaluation.runs import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20_260
_AT_ONCE = 2_000_000  # draws in memory
_ENOUGH = 30  # questions; with fewer the interval is too narrow
_EPSILON = 1e-12  # rounding of means


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose score is another in the second run."""

    id: str
    text: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """How much better the second run is."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric of two runs.

    Attributes:
        metric: which.
        before, after: the means of the questions that both runs have a score for, of which there are `queries`.
        difference: the mean difference; above 0 where the second run is better.
        low, high: its 95 % interval.
        p: how likely chance alone gives at least this difference.
        wins, losses, ties: questions where the second run is better, worse, equal.
        changes: the questions that changed, those that changed most first.
    """

    metric: str
    before: float
    after: float
    difference: float
    low: float
    high: float
    p: float
    queries: int
    wins: int
    losses: int
    ties: int
    changes: tuple[Change, ...] = ()

    @property
    def is_worse(self) -> bool:
        """Whether the second run is worse and chance does not explain it: the whole interval lies below 0."""
        return self.high < 0

    def as_dict(self, most_changes: int | None = None) -> dict[str, Any]:
        """Return the values by name, with the questions that changed most."""
        shown = self.changes[:most_changes]
        return {
            "metric": self.metric,
            "before": round(self.before, 4),
            "after": round(self.after, 4),
            "difference": round(self.difference, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
            "p": round(self.p, 4),
            "queries": self.queries,
            "wins": self.wins,
            "losses": self.losses,
            "ties": self.ties,
            "worse": self.is_worse,
            "changed": [
                {"id": c.id, "text": c.text, "before": round(c.before, 4), "after": round(c.after, 4)} for c in shown
            ],
        }


def compare_runs(before: Run, after: Run, seed: int = SEED) -> list[Comparison]:
    """Compare the second run with the first, metric by metric; the first metric is the one that decides.

    Args:
        before, after: runs of one kind over the same questions.
        seed: of the draws; the same one gives the same figures.

    Raises:
        ConfigurationError: the runs are of different kinds or questions, or have no score in common.
    """
    check_comparable(before, after)
    first, second = before.by_id(), after.by_id()
    found = []
    for metric in (metric for metric in before.metrics if metric in after.metrics):
        pairs = [(first[query].scores.get(metric), second[query].scores.get(metric), query) for query in first]
        known = [(a, b, query) for a, b, query in pairs if a is not None and b is not None]
        if known:
            changes = [Change(query, first[query].text, a, b) for a, b, query in known if abs(a - b) > _EPSILON]
            found.append(_compared(metric, [a for a, _, _ in known], [b for _, b, _ in known], changes, seed))
    if not found:
        raise ConfigurationError("the two runs have no score in common", "compare runs of the same command")
    return found


def check_comparable(before: Run, after: Run) -> None:
    """Raise ConfigurationError where the runs are not of one kind, or not over the same questions."""
    if before.kind != after.kind:
        raise ConfigurationError(
            f"a run of `eval {before.kind}` and one of `eval {after.kind}` cannot be compared", "take two of one kind"
        )
    first = {(result.id, result.text) for result in before.results}
    second = {(result.id, result.text) for result in after.results}
    if first != second:
        only = sorted(query for query, _ in first ^ second)[0]
        raise ConfigurationError(
            f"the runs are over different questions: {len(first)} of {before.name!r} ({before.split}) and {len(second)}"
            f" of {after.name!r} ({after.split}), {len(first & second)} in common; {only!r} is in one only or differs",
            "measure both with the same set, --split and --limit-queries",
        )


def differences(before: Run, after: Run) -> list[str]:
    """Return in words what else differs between the runs: corpus, settings, versions."""
    found = []
    if before.corpus != after.corpus:
        found.append("the documents were not the same")
    for kind, first, second in (
        ("setting", before.settings, after.settings),
        ("version of", before.versions, after.versions),
    ):
        found += [f"{kind} {name}: {a} -> {b}" for name, a, b in _changed(first, second)]
    return found


def warnings(comparison: Comparison) -> list[str]:
    """Return in words why the figures say less than they seem to."""
    if comparison.queries < _ENOUGH:
        return [f"{comparison.queries} questions are few: the interval is narrower than it should be below {_ENOUGH}"]
    return []


def _changed(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    names = sorted({*first, *second})
    return [(name, first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)]


def _compared(
    metric: str, before: Sequence[float], after: Sequence[float], changes: list[Change], seed: int
) -> Comparison:
    import numpy as np

    deltas = np.asarray(after) - np.asarray(before)
    difference = float(deltas.mean())
    low, high, p = bootstrap(deltas, seed)
    wins = sum(change.difference > 0 for change in changes)
    return Comparison(
        metric=metric,
        before=float(np.mean(before)),
        after=float(np.mean(after)),
        difference=difference,
        low=low,
        high=high,
        p=p,
        queries=len(before),
        wins=wins,
        losses=len(changes) - wins,
        ties=len(before) - len(changes),
        changes=tuple(sorted(changes, key=lambda change: (-abs(change.difference), change.id))),
    )


def bootstrap(deltas: NDArray[np.float64], seed: int = SEED, resamples: int = RESAMPLES) -> tuple[float, float, float]:
    """Return the 95 % interval of the mean of paired differences and the two-sided p-value.

    Args:
        deltas: one a question, shape `(questions,)`, at least one.
        seed: of the draws.
        resamples: how many.

    Returns:
        low, high, p. One question, or no difference at all, says nothing: p is 1 then.
    """
    import numpy as np

    count = len(deltas)
    mean = float(deltas.mean())
    if count == 1 or not np.any(deltas):
        return mean, mean, 1.0
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    step = max(1, _AT_ONCE // count)
    for start in range(0, resamples, step):
        size = (min(step, resamples - start), count)
        means[start : start + size[0]] = deltas[generator.integers(0, count, size)].mean(axis=1)
    low, high = (float(value) for value in np.percentile(means, (2.5, 97.5)))
    beyond = int(np.count_nonzero(np.abs(means - mean) >= abs(mean) - _EPSILON))
    return low, high, (beyond + 1) / (resamples + 1)  # the measured sample is one of those that chance may give
