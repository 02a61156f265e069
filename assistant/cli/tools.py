"""Tools that are configured, and those that somebody may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from assistant.cli.configs import read_config
from assistant.cli.output import GroupsOption, JsonOption, names, opened, out, print_json, print_table, reader
from assistant.errors import ConfigurationError
from assistant.types import LOCAL_OPERATOR
from assistant.wire import OfferedToolJson, OfferedToolsJson, ToolJson, ToolKindsJson, ToolsJson

group = typer.Typer(help="Tools that are configured for the model.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The tool's name; see `assistant tools list`.")]
ForOption = Annotated[
    str | None,
    typer.Option(
        "--groups", metavar="GROUP,…", help="Who may use it: groups, or user:ID; everyone for all. None: the operator."
    ),
]
_EXAMPLE = 'for a database: {"url": "sqlite:////data/shop.db", "tables": ["orders"]}'
_NO_TOOLS = "No tools are configured: `assistant tools kinds` says what can be, `assistant tools add` does it."


@group.command("kinds")
def kinds(as_json: JsonOption = False) -> None:
    """List the kinds of tools that can be configured; the JSON has the schemas of their configurations."""
    with opened() as app:
        found = ToolKindsJson.of(app.tools.kinds)
    if as_json:
        print_json(found)
        return
    rows = [(name, kind.about, ", ".join(_fields(kind.config))) for name, kind in found.kinds.items()]
    print_table(("kind", "what it is", "fields (* has to be given)"), rows)


@group.command("add")
def add(
    kind: Annotated[str, typer.Argument(help="The kind of tool; see `assistant tools kinds`.")],
    name: Annotated[str, typer.Option("--name", help="A name of your own, of a-z, 0-9 and _.")],
    config: Annotated[str, typer.Option("--config", metavar="@FILE", help="Its configuration: JSON, or @ and a file.")],
    groups: ForOption = None,
) -> None:
    """Try a tool, add it, and switch it on."""
    values = read_config(config, _EXAMPLE)
    with opened() as app:
        info = app.tools.add(name, kind, values, names(groups or ""), LOCAL_OPERATOR)
    offered = ", ".join(tool.name for tool in info.tools)
    out.print(f"added {name} for {_for(info.groups)}: {info.tried}; it offers {offered}", markup=False)


@group.command("edit")
def edit(
    name: NameArgument,
    config: Annotated[
        str | None, typer.Option("--config", metavar="@FILE", help="Its whole configuration: JSON, or @ and a file.")
    ] = None,
    groups: ForOption = None,
) -> None:
    """Change what is given of a tool, at once; a secret given as its mask stays what it is."""
    if config is None and groups is None:
        raise ConfigurationError("nothing is to be changed", "give at least one option: `assistant tools edit --help`")
    values = None if config is None else read_config(config, _EXAMPLE)
    with opened() as app:
        info = app.tools.change(name, LOCAL_OPERATOR, config=values, groups=None if groups is None else names(groups))
    out.print(f"{name} is changed, for {_for(info.groups)}", markup=False)


@group.command("list")
def list_tools(as_json: JsonOption = False) -> None:
    """List the tools that are configured, here or in the settings."""
    with opened() as app:
        found = ToolsJson(
            tools=[ToolJson.of(info) for info in app.tools.all()], kinds=ToolKindsJson.of(app.tools.kinds).kinds
        )
    if as_json:
        print_json(found)
        return
    rows = [
        (one.name, one.kind, one.state, one.origin, _for(one.groups), ", ".join(t.name for t in one.tools), one.error)
        for one in found.tools
    ]
    print_table(("name", "kind", "state", "from", "for", "tools", "error"), rows, _NO_TOOLS)


@group.command("show")
def show(name: NameArgument) -> None:
    """Print one configured tool as JSON, with masks in place of its secrets."""
    with opened() as app:
        print_json(ToolJson.of(app.tools.show(name)))


@group.command("test")
def test(name: NameArgument) -> None:
    """Try whether a tool can be used, and offer it as it is now."""
    with opened() as app:
        info = app.tools.test(name)
    out.print(f"{name} can be used: {info.tried}", markup=False)


@group.command("enable")
def enable(name: NameArgument) -> None:
    """Try a tool and switch it on."""
    with opened() as app:
        info = app.tools.enable(name)
    out.print(f"{name} is on, for {_for(info.groups)}: {info.tried}", markup=False)


@group.command("disable")
def disable(name: NameArgument) -> None:
    """Switch a tool off, from the next call on."""
    with opened() as app:
        app.tools.disable(name)
    out.print(f"{name} is off; `assistant tools enable {name}` switches it on again", markup=False)


@group.command("remove")
def remove(name: NameArgument, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Forget a tool with its secrets."""
    with opened() as app:
        app.tools.show(name)
        if not yes:
            typer.confirm(f"Remove the tool {name} with its configuration?", abort=True)
        app.tools.remove(name)
    out.print(f"removed {name}", markup=False)


@group.command("usable")
def usable(groups: GroupsOption = None, as_json: JsonOption = False) -> None:
    """List every tool that somebody may use, as a model is told of it."""
    with opened() as app:
        found = OfferedToolsJson.of(app.tools.for_user(reader(groups)))
    if as_json:
        print_json(found)
        return
    rows = [(one.name, _does(one), one.description) for one in found.tools]
    print_table(("tool", "", "what it does"), rows)


def _does(tool: OfferedToolJson) -> str:
    return "writes, asks first" if tool.writes else "reaches out, asks first" if tool.reaches_out else "reads"


def _for(groups: Sequence[str]) -> str:
    return ", ".join(groups) or "the operator only"


def _fields(schema: object) -> list[str]:
    if not isinstance(schema, dict):
        return []
    return [f"{name}{'*' if name in schema.get('required', ()) else ''}" for name in schema.get("properties", {})]
