"""Every plugin of this project has scenes and examples, and passes the conformance kit."""

from __future__ import annotations

import importlib
import time
from importlib.metadata import entry_points

import pytest

from assistant.plugin_kit import PluginSuite, SourceSuite, load_target, run_checks
from assistant.registry import GROUP, is_own

OWN = sorted(point.name for point in entry_points(group=GROUP) if is_own(point))
# The servers that these are tried on are scripted in tests/fakes, so that their suites are in tests/plugins.
ELSEWHERE = {"confluence", "github", "gitlab", "jira"}
# What a scene cannot do, for there is no such thing at its source; everything else is tried.
CANNOT = {
    "folder": {"set_readers", "throttle", "down", "damage", "secret"},
    "web": {"set_readers", "refuse", "damage"},
    "feed": {"set_readers", "refuse"},
    "webdav": set(),
    "s3": set(),
    "git": {"refuse"},
    "imap": {"set_readers", "refuse", "throttle", "rename"},
    "sql": {"refuse", "throttle", "secret"},
    "llamaindex": {"refuse", "throttle"},
    "google_drive": set(),
    "sharepoint": set(),
    "slack": {"set_readers", "rename"},
}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long between two tries."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))


def test_all_are_tried() -> None:
    assert set(CANNOT) < set(OWN)
    assert len(OWN) >= 15


@pytest.mark.parametrize("name", sorted(set(OWN) - ELSEWHERE))
def test_a_built_in_plugin_passes_the_kit(name: str) -> None:
    target = load_target(name)
    assert {tool.name for tool in target.tools} == set(target.examples), "a tool has no example"
    outcomes = list(run_checks(target, seconds=120))  # the machine may have other work
    assert [one for one in outcomes if one.state == "failed"] == []
    left = [one.detail for one in outcomes if one.state == "left out"]
    assert not [detail for detail in left if "no scene" in detail], "a kind has no scene"
    missing = {need for one in left if one.startswith("its scene has no ") for need in one[17:].split(", ")}
    assert missing == CANNOT.get(name, set())
    assert [one for one in outcomes if one.state == "passed"]


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_the_others_have_suites_of_their_own(name: str) -> None:
    module = importlib.import_module(f"tests.plugins.{name}.test_source")
    suites = [one for one in vars(module).values() if isinstance(one, type) and getattr(one, "plugin", "") == name]
    assert {base for one in suites for base in (PluginSuite, SourceSuite) if issubclass(one, base)} == {
        PluginSuite,
        SourceSuite,
    }
    assert name in OWN


def test_few_say_of_checks_that_they_do_not_apply() -> None:
    from assistant.plugin_kit import CHECKS

    for name in CANNOT:
        target = load_target(name)
        scenes = __import__(f"{target.module.__name__}.conformance", fromlist=["SCENES"]).SCENES
        exempt = {check for scene in scenes.values() for check in getattr(scene, "exempt", {})}
        assert exempt <= set(CHECKS)
        assert len(exempt) == {"feed": 6, "webdav": 1}.get(name, 0)
