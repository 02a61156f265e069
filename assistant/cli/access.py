"""Why somebody may read a document, what somebody may read, and what was opened by break-glass."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.output import JsonOption, SourceOption, opened, out, print_json, print_table, when
from assistant.cli.wording import counted
from assistant.types import LOCAL_OPERATOR
from assistant.wire.access import GrantJson, OpeningJson, OpeningsJson, SeesJson, WhyJson
from assistant.wire.documents import AccessJson

openings = typer.Typer(help="Documents that admins opened by break-glass.", no_args_is_help=True)

SubjectArgument = Annotated[
    str, typer.Argument(metavar="PERSON", help="A person's id, user:ID, or group:NAME for whoever is in that group.")
]
_VERDICTS = {
    "allowed": "reads it",
    "denied": "does not read it: a denial wins",
    "not_granted": "does not read it: nothing allows it",
    "opened": "reads it: it is open by break-glass",
    "everything": "reads everything",
    "disabled": "does not read it: the account is disabled",
}
_WAYS = {
    "given": "given here",
    "provided": "by the identity provider",
    "everyone": "everybody is",
    "named": "as asked",
    "": "",
}
_NO_OPENINGS = "Nothing was opened by break-glass."


def why(
    person: SubjectArgument,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source that the document is in.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The document's key; see `assistant documents list`.")],
    as_json: JsonOption = False,
) -> None:
    """Say why a person may read a document, or may not."""
    with opened() as app:
        found = WhyJson.of(app.rights.explainer.why(person, source, key, LOCAL_OPERATOR))
    if as_json:
        print_json(found)
        return
    lines = [f"{found.subject} {_VERDICTS[found.verdict]}", *_grants("allowed", found.allowed)]
    lines += _grants("denied", found.denied)
    lines.append(f"  readers: {_readers(found.access)}, {_origin(found)}")
    if found.coming is not None:
        lines.append(f"  the rule was changed: from the next sync on {_readers(found.coming)}")
    for line in lines:
        out.print(line, markup=False)


def sees(
    subject: Annotated[str, typer.Argument(metavar="WHO", help="A group's name, group:NAME, or user:ID for a person.")],
    source: SourceOption = None,
    folder: Annotated[str, typer.Option("--folder", metavar="PATH", help="Only what is below it.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, max=1000, metavar="N", help="Documents to name.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, metavar="N", help="Documents to leave out before.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Say what a group or a person may read: how much of each folder, and the names of the first documents."""
    named = subject if subject.startswith(("user:", "group:")) else f"group:{subject}"
    with opened() as app:
        sight = app.rights.overlook.sees(named, LOCAL_OPERATOR, source, folder, limit, offset)
    found = SeesJson.of(sight)
    if as_json:
        print_json(found)
        return
    state = " (disabled: nobody signs in)" if found.disabled else ""
    out.print(f"{found.subject} may read {counted(found.documents, 'document')}{state}", markup=False)
    print_table(("source", "folder", "documents"), [(one.source, one.folder, one.documents) for one in found.folders])
    if found.listed:
        print_table(("source", "key", "title"), [(one.source, one.key, one.title) for one in found.listed])


@openings.command("list")
def list_openings(
    open_only: Annotated[bool, typer.Option("--open", help="Only those that hold now.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="N", help="The newest N.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List what was opened by break-glass, by whom and why, the newest first."""
    with opened() as app:
        found = OpeningsJson.of(*app.rights.openings.page(LOCAL_OPERATOR, open_only=open_only, limit=limit))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.id, one.person, one.source, one.key, when(one.created_at), _end(one), one.reason) for one in found.openings
    ]
    print_table(("id", "person", "source", "key", "from", "until", "reason"), rows, _NO_OPENINGS)


@openings.command("end")
def end_opening(
    opening: Annotated[str, typer.Argument(metavar="ID", help="Its id; see `assistant openings list`.")],
    as_json: JsonOption = False,
) -> None:
    """End an opening before its time."""
    with opened() as app:
        ended = OpeningJson.of(app.rights.openings.end(opening, LOCAL_OPERATOR))
    if as_json:
        print_json(ended)
        return
    out.print(f"{ended.key} is not open to {ended.person} any more", markup=False)


def _grants(what: str, grants: list[GrantJson]) -> list[str]:
    lines = []
    for one in grants:
        through = f" through {' > '.join(one.path)} ({_WAYS[one.way]})" if one.path else ""
        lines.append(f"  {what} as {one.principal}{through}")
    return lines


def _readers(access: AccessJson) -> str:
    denied = f", but not {', '.join(access.deny)}" if access.deny else ""
    return (", ".join(access.allow) or "nobody") + denied


def _origin(found: WhyJson) -> str:
    of = f" of {found.parent}, which it is in" if found.parent else ""
    match found.origin:
        case "source":
            return f"as its source says{of}"
        case "rule":
            return f"by the rule {found.glob}{of}"
        case _:
            return f"by the rule's default{of}"


def _end(one: OpeningJson) -> str:
    return when(one.expires_at if one.ended_at is None else one.ended_at)
