"""Groups what a run could not index by cause."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.runs import Failed, OpenFailure

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures of one kind: the name of their error, and the failures by key.

    `code` is empty where an older version did not keep it: then they are one group without advice.
    """

    code: str
    failures: tuple[Failed, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its documents."""
        return tuple(one.key for one in self.failures)


def by_cause(failures: Sequence[Failed]) -> tuple[Cause, ...]:
    """Return the causes, the most frequent first."""
    groups: dict[str, list[Failed]] = {}
    for one in failures:
        groups.setdefault(one.code, []).append(one)
    return tuple(
        Cause(code, tuple(held)) for code, held in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def as_csv(failures: Sequence[Failed], still: Mapping[str, OpenFailure]) -> bytes:
    """Return failures as a CSV file that a spreadsheet opens; nothing in it is a formula.

    Args:
        failures: of a run.
        still: those of them that are open still, by key.
    """
    made = io.StringIO()
    rows = csv.writer(made)
    rows.writerow(["key", "error", "code", "retryable", "open", "ignored"])
    for one in failures:
        now = still.get(one.key)
        flags = [one.retryable, now is not None, now is not None and now.ignored]
        rows.writerow([_cell(one.key), _cell(one.error), one.code, *(str(flag).lower() for flag in flags)])
    return made.getvalue().encode("utf-8-sig")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text
