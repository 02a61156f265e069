"""Plugins: what is there, what is enabled, and how it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel, ValidationError

from assistant.cli.output import JsonOption, names, opened, out, print_json, print_table
from assistant.cli.wording import counted
from assistant.errors import ConfigurationError, NotFoundError, PluginError
from assistant.ingest.editing import addable_kinds
from assistant.wire import PackUseJson, PluginJson

if TYPE_CHECKING:
    from assistant.plugin_host import PackUse

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
def enable(
    name: NameArgument,
    groups: Annotated[
        str | None, typer.Option("--groups", metavar="A,B", help="Of a pack: who has it; `user:ID` is one person.")
    ] = None,
    documents: Annotated[
        list[str] | None,
        typer.Option(
            "--documents",
            metavar="SOURCE[:GLOB]",
            help="Of a pack: in which documents it finds headings; may be given several times.",
        ),
    ] = None,
) -> None:
    """Use a plugin from now on, as the version that is installed now.

    After an upgrade it is enabled again; configurations of its sources are migrated then. A pack is enabled for groups:
    what is given takes the place of what was given before.
    """
    use = _use(groups, documents or []) if groups is not None or documents else None
    with opened() as app:
        info = app.plugins.enable(name, use)
        pack = PluginJson.of(info).pack
    whom = f" for {', '.join(pack.groups)}" if pack else ""
    offers = f"; it offers {', '.join(' '.join(offer) for offer in info.offers)}" if info.offers else ""
    out.print(f"{name} {info.version} is enabled{whom}{offers}", markup=False)


def _use(groups: str | None, documents: list[str]) -> PackUse:
    """Return what the options say of a pack."""
    places = []
    for given in documents:
        source, _, glob = given.partition(":")
        places.append({"source": source, "glob": glob or "**"})
    try:
        return PackUseJson.model_validate({"groups": names(groups or ""), "documents": places}).use
    except ValidationError as error:
        first = error.errors()[0]
        field = "--documents" if first["loc"][0] == "documents" else "--groups"
        raise typer.BadParameter(f"{field}: {first['msg']}") from error


@group.command("disable")
def disable(name: NameArgument) -> None:
    """Use a plugin no more; documents of its sources stay, but cannot be synced."""
    with opened() as app:
        app.plugins.disable(name)
    out.print(f"{name} is disabled; `assistant plugins enable {name}` uses it again", markup=False)


@group.command("evaluation")
def evaluation(
    name: NameArgument,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder, which is made.")],
) -> None:
    """Write a pack's questions and the documents that they are about into a folder.

    `assistant ingest FOLDER/documents` and `assistant eval answers FOLDER/cases.jsonl` measure with them.
    """
    with opened() as app:
        pack = app.registry.packs.all.get(name)
    if pack is None or pack.evaluation is None:
        raise NotFoundError(f"there is no pack {name!r} with questions", "see `assistant plugins list`")
    try:
        shutil.copytree(pack.evaluation, folder)
    except FileExistsError:
        raise ConfigurationError(f"{folder} is there already", "name a folder that is not") from None
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}", "name another one") from error
    out.print(f"{folder / 'cases.jsonl'} asks of what is in {folder / 'documents'}", markup=False)


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
