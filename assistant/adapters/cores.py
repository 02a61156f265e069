"""Tells how many CPU cores this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def available_cores(cgroups: Path = _CGROUPS) -> int:
    """Return the number of cores that this process may use, at least 1.

    That is the number in its affinity mask, or its container's CPU quota (rounded up) where that is less.

    Args:
        cgroups: where the kernel shows the control groups; both versions are read.
    """
    # macOS and Windows have no affinity masks of this kind.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroups)
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def _quota(cgroups: Path) -> float | None:
    """Return the quota in cores, None where there is none."""
    version2 = _words(cgroups / "cpu.max")
    if len(version2) == 2:
        return _ratio(*version2)
    version1 = [*_words(cgroups / "cpu/cpu.cfs_quota_us"), *_words(cgroups / "cpu/cpu.cfs_period_us")]
    return _ratio(*version1) if len(version1) == 2 else None


def _ratio(quota: str, period: str) -> float | None:
    """Return quota / period; `max` (version 2) and -1 (version 1) mean no limit."""
    if not (quota.isdecimal() and period.isdecimal()) or int(period) == 0 or int(quota) == 0:
        return None
    return int(quota) / int(period)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:  # not Linux, or no such controller: no limit is known
        return []
