"""Plugins: what is there, what is enabled, and how it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from assistant.cli.output import JsonOption, opened, out, print_json, print_table
from assistant.cli.wording import counted
from assistant.errors import PluginError
from assistant.ingest.editing import addable_kinds
from assistant.wire import PluginJson

group = typer.Typer(help="What is installed, and what of it is enabled.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The plugin's name; see `assistant plugins list`.")]


class PluginsJson(BaseModel):
    """All plugins, and everything that the enabled ones offer."""

    sources: list[str]
    parsers: list[str]
    tools: list[str]
    plugins: list[PluginJson]


@group.command("list")
def list_plugins(as_json: JsonOption = False) -> None:
    """List the plugins, and what the enabled ones offer."""
    with opened() as app:
        found = PluginsJson(
            sources=sorted(addable_kinds(app.registry)),
            parsers=[f"{parser.name} {parser.version}" for parser in app.registry.parsers],
            tools=sorted(app.registry.tools),
            plugins=[PluginJson.of(info) for info in app.plugins.all()],
        )
    if as_json:
        print_json(found)
        return
    rows = ((p.name, p.origin, _state(p), p.version, _brief(p.offers), p.error) for p in found.plugins)
    print_table(("plugin", "from", "state", "version", "offers", "error"), rows)


@group.command("show")
def show(name: NameArgument) -> None:
    """Print one plugin as JSON: what it offers and what it wants to use.

    One that was never enabled is loaded for this, in a process of its own without the network.
    """
    with opened() as app:
        print_json(PluginJson.of(app.plugins.show(name)))


@group.command("enable")
def enable(name: NameArgument) -> None:
    """Use a plugin from now on, as the version that is installed now.

    After an upgrade it is enabled again; configurations of its sources are migrated then.
    """
    with opened() as app:
        info = app.plugins.enable(name)
    offers = f"; it offers {', '.join(' '.join(offer) for offer in info.offers)}" if info.offers else ""
    out.print(f"{name} {info.version} is enabled{offers}", markup=False)


@group.command("disable")
def disable(name: NameArgument) -> None:
    """Use a plugin no more; documents of its sources stay, but cannot be synced."""
    with opened() as app:
        app.plugins.disable(name)
    out.print(f"{name} is disabled; `assistant plugins enable {name}` uses it again", markup=False)


@group.command("health")
def health(name: NameArgument) -> None:
    """Ask an enabled plugin how it is; fails if it is not well."""
    with opened() as app:
        said = app.plugins.health(name)
    out.print(f"{name} is well{f': {said}' if said else ''}", markup=False)


def _brief(offers: list[str]) -> str:
    return ", ".join(offers) if len(offers) <= 4 else f"{', '.join(offers[:3])} and {len(offers) - 3} more"


def _state(plugin: PluginJson) -> str:
    return f"{plugin.state}, experimental" if plugin.experimental else plugin.state


class OutcomeJson(BaseModel):
    """How one check went."""

    check: str
    on: str
    state: str
    detail: str


class CheckJson(BaseModel):
    """How the conformance kit went."""

    plugin: str
    passed: int
    failed: int
    left_out: int
    checks: list[OutcomeJson]


@group.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new plugin's name: of a-z, 0-9 and _.")],
    tool: Annotated[bool, typer.Option("--tool", help="A tool; default: a data source.")] = False,
    folder: Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="Where its folder is made.")] = Path(),
) -> None:
    """Make a new plugin: a package that works, with tests and the conformance kit."""
    from assistant.plugin_kit.scaffold import new_plugin

    for path in new_plugin(folder, name, "tool" if tool else "source"):
        out.print(str(path), markup=False)
    out.print(f"`assistant plugins check {folder / name}` tries it", markup=False)


@group.command("check")
def check(
    plugin: Annotated[
        str, typer.Argument(metavar="PATH_OR_NAME", help="A plugin's folder, or an installed one's name.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Try whether a plugin does what it has to; fails if a check does. The plugin runs in this process."""
    from assistant.plugin_kit import load_target, run_checks

    target = load_target(plugin)
    outcomes = [OutcomeJson(check=o.check, on=o.on, state=o.state, detail=o.detail) for o in run_checks(target)]
    counts = {state: sum(o.state == state for o in outcomes) for state in ("passed", "failed", "left out")}
    found = CheckJson(
        plugin=target.name,
        passed=counts["passed"],
        failed=counts["failed"],
        left_out=counts["left out"],
        checks=outcomes,
    )
    if as_json:
        print_json(found)
    else:
        rows = [(o.state, o.on, o.check, o.detail) for o in outcomes if o.state != "passed"]
        print_table(("", "on", "check", "why"), rows, "every check passed")
        out.print(f"{found.passed} passed, {found.failed} failed, {found.left_out} left out", markup=False)
    if found.failed:
        raise PluginError(f"{counted(found.failed, 'check')} of {target.name!r} failed", "correct what is listed")
    if not found.passed:
        raise PluginError(f"nothing of {target.name!r} was tried", "give it scenes: see the plugin author's guide")
