"""Groups: which there are, who is in them, which are in which."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.output import JsonOption, opened, out, print_json, print_table
from assistant.types import LOCAL_OPERATOR
from assistant.wire.groups import GroupJson, GroupMembersJson, GroupsJson

group = typer.Typer(help="Groups of people, and groups in groups.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The group's name; see `assistant groups list`.")]
ParentArgument = Annotated[str, typer.Argument(metavar="PARENT", help="The outer group.")]
ChildArgument = Annotated[str, typer.Argument(metavar="CHILD", help="The inner group: who is in it is in PARENT too.")]
_WAYS = {"everyone": "everybody is", "given": "given here", "provided": "by the identity provider", "named": ""}
_NOBODY = "Nobody is in it: `assistant users groups ID --add NAME` puts somebody there."


@group.command("list")
def list_groups(as_json: JsonOption = False) -> None:
    """List all groups: those of people, of documents' readers, of sources' rules and of other groups."""
    with opened() as app:
        found = GroupsJson.of(app.rights.groups.all(LOCAL_OPERATOR))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.name, one.origin, ", ".join(one.parents), len({*one.given, *one.provided}), one.documents)
        for one in found.groups
    ]
    print_table(("name", "origin", "in", "people directly", "documents that name it"), rows)


@group.command("show")
def show_group(name: NameArgument) -> None:
    """Print one group as JSON, with everybody in it, and how."""
    with opened() as app:
        print_json(GroupMembersJson.of(app.rights.groups.show(name, LOCAL_OPERATOR)))


@group.command("members")
def members(name: NameArgument, as_json: JsonOption = False) -> None:
    """List everybody in a group, with the way through nested groups by which they are in it."""
    with opened() as app:
        found = GroupMembersJson.of(app.rights.groups.show(name, LOCAL_OPERATOR))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.id, one.name, " > ".join(one.path), _WAYS[one.way], "disabled" if one.disabled else "")
        for one in found.members
    ]
    print_table(("id", "name", "through", "how", ""), rows, _NOBODY)


@group.command("nest")
def nest(parent: ParentArgument, child: ChildArgument, as_json: JsonOption = False) -> None:
    """Put a group into another, from the next request on: whoever is in CHILD is in PARENT too."""
    with opened() as app:
        changed = GroupJson.of(app.rights.groups.nest(parent, child, LOCAL_OPERATOR))
    if as_json:
        print_json(changed)
        return
    out.print(f"whoever is in {child} is in {parent} too", markup=False)


@group.command("unnest")
def unnest(parent: ParentArgument, child: ChildArgument, as_json: JsonOption = False) -> None:
    """Take a group out of another, from the next request on."""
    with opened() as app:
        changed = GroupJson.of(app.rights.groups.unnest(parent, child, LOCAL_OPERATOR))
    if as_json:
        print_json(changed)
        return
    out.print(f"{child} is not in {parent} any more", markup=False)
