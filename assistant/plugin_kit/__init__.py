"""Tries whether a plugin does what it has to: checks, run by `assistant plugins check` or as pytest suites."""

from __future__ import annotations

from assistant.plugin_kit.checks import CHECKS, Check, CheckFailedError, Scene, Target
from assistant.plugin_kit.runner import Outcome, load_target, run_checks, target_of
from assistant.plugin_kit.suites import PluginSuite, SourceSuite

__all__ = [
    "CHECKS",
    "Check",
    "CheckFailedError",
    "Outcome",
    "PluginSuite",
    "Scene",
    "SourceSuite",
    "Target",
    "load_target",
    "run_checks",
    "target_of",
]
