"""The checks as pytest suites: a class for what a plugin offers, a test method for each check."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from assistant.plugin_kit.checks import CHECKS, Check, CheckFailedError, Target
from assistant.plugin_kit.runner import AREAS, SECONDS, Outcome, attempt, load_target, try_source, try_tool_kinds

__all__ = ["AREAS", "PluginSuite", "SourceSuite"]


class _Suite:
    """What both suites have."""

    plugin = ""
    """The plugin: its name, or a path; see `load_target`."""
    seconds = SECONDS
    """That one check may take."""

    def target(self) -> Target:
        """Return the plugin, loaded."""
        return load_target(self.plugin)


class PluginSuite(_Suite):
    """Subclass it in a test module and set `plugin`: a test for each check on manifest, tools, parsers and so on."""


class SourceSuite(_Suite):
    """Subclass it in a test module, set `plugin` and `kind`, and give `scene`: a test for each check on the source.

    A check that needs what the scene does not do passes without a word; `assistant plugins check` names these.
    """

    kind = ""
    """The source kind."""

    def scene(self, folder: Path) -> Any:
        """Return a `Scene` with nothing in it, on an empty folder of its own."""
        raise NotImplementedError("give the method `scene`")


def _judge(outcome: Outcome) -> None:
    if outcome.state == "failed":
        raise CheckFailedError(f"{outcome.on}: {outcome.detail}")


def _source_test(check: Check) -> Callable[[SourceSuite], None]:
    def test(self: SourceSuite) -> None:
        _judge(try_source(check, self.target(), self.kind, self.scene, self.seconds))

    test.__doc__ = check.about
    return test


def _plugin_test(check: Check) -> Callable[[PluginSuite], None]:
    def test(self: PluginSuite) -> None:
        target = self.target()
        things: dict[str, tuple[Any, ...]] = {
            "plugin": (target,),
            "tool": target.tools,
            "parser": target.parsers,
            "post-processor": target.post_processors,
        }
        for thing in things[check.on]:
            given = (thing,) if check.on == "plugin" else (thing, target)
            on = f"{check.on} {thing.name}"
            _judge(attempt(check, on, partial(check.run, *given), self.seconds))
        if check.on == "tool":
            for outcome in try_tool_kinds([check], target, self.seconds):
                _judge(outcome)

    test.__doc__ = check.about
    return test


for _check in CHECKS.values():
    if _check.on == "source":
        setattr(SourceSuite, f"test_{_check.name}", _source_test(_check))
    else:
        setattr(PluginSuite, f"test_{_check.name}", _plugin_test(_check))
