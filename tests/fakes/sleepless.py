"""The polite clients of plugins wait for nothing, and what they would have waited for is told."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from plugins.cloud import api as cloud
from plugins.net import client
from plugins.vendors import api as vendors


def sleepless(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the list of what they want to sleep from now on, in seconds.

    It is their own `time` that is another one: the process's belongs to threads that other tests began as well.
    """
    slept: list[float] = []
    awake = SimpleNamespace(**{**vars(time), "sleep": slept.append})
    for module in (client, cloud, vendors):
        monkeypatch.setattr(module, "time", awake)
    return slept
