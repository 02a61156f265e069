"""The wiring: every part is made once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from assistant.app import build
from assistant.registry import PluginRegistry
from assistant.settings import load_settings


def test_a_part_is_made_once_for_all_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_slowly() -> PluginRegistry:
        time.sleep(0.1)
        return PluginRegistry()

    monkeypatch.setattr("assistant.app.load_registry", load_slowly)
    found: list[PluginRegistry] = []
    with build(load_settings(home=tmp_path / "home")) as app:
        threads = [threading.Thread(target=lambda: found.append(app.registry)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [part is app.registry for part in found] == [True] * 4
