"""Who did what: read the audit log, export it, check its chain, and remove what is older than is kept."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.audit import verify_file, write_lines
from assistant.catalog import AuditFilter, Verified
from assistant.cli.output import JsonOption, opened, out, print_json, print_table, when
from assistant.cli.wording import counted
from assistant.errors import ConfigurationError
from assistant.types import LOCAL_OPERATOR
from assistant.wire.audit import AuditEntryJson, AuditJson, HeadJson, VerifiedJson, audit_filter, head_of

group = typer.Typer(help="Who did what, and whether the record of it was changed.", no_args_is_help=True)

WhoOption = Annotated[str, typer.Option("--who", metavar="ID", help="Who did it, or to whom it was done.")]
ActionOption = Annotated[
    str, typer.Option("--action", metavar="WORDS", help="The action or its first words: searched, document, source.")
]
OutcomeOption = Annotated[str, typer.Option("--outcome", help="begun (before a change), done, refused or failed.")]
DocumentOption = Annotated[
    str, typer.Option("--document", metavar="SOURCE:KEY", help="Who saw this document? Its id does as well.")
]
SinceOption = Annotated[str, typer.Option("--since", metavar="DATE", help="From this day or moment on (UTC).")]
UntilOption = Annotated[str, typer.Option("--until", metavar="DATE", help="Before this day or moment.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=10_000, metavar="N", help="At most so many.")]
HeadOption = Annotated[
    str, typer.Option("--head", metavar="NUMBER:DIGEST", help="What `assistant audit head` printed, kept elsewhere.")
]
_WIDE = 100  # characters of an entry's details in a table


@group.command("list")
def list_entries(
    who: WhoOption = "",
    action: ActionOption = "",
    outcome: OutcomeOption = "",
    document: DocumentOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """List what was done, the newest first."""
    _list(_wanted(who, action, outcome, document, since, until), limit, as_json)


@group.command("search")
def search_entries(
    text: Annotated[str, typer.Argument(help="What stands anywhere in an entry.")],
    who: WhoOption = "",
    action: ActionOption = "",
    outcome: OutcomeOption = "",
    document: DocumentOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """Search what was done for a word, an address or a name, the newest first."""
    if not text.strip():
        raise ConfigurationError("the text is empty", "say what to look for, or use `assistant audit list`")
    _list(_wanted(who, action, outcome, document, since, until, text), limit, as_json)


@group.command("export")
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file of JSON lines; - for stdout.")],
    who: WhoOption = "",
    action: ActionOption = "",
    outcome: OutcomeOption = "",
    document: DocumentOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Only what the chain is made of: checked by those who may not read it.")
    ] = False,
) -> None:
    """Write the entries to a file, the oldest first; without filters, `audit verify FILE` checks it."""
    wanted = _wanted(who, action, outcome, document, since, until)
    with opened() as app:
        desk = app.audit_desk
        entries = desk.entries(LOCAL_OPERATOR, wanted)
        lines = write_lines(desk.anchor(LOCAL_OPERATOR), entries, whole=wanted == AuditFilter(), sealed=sealed)
        if str(target) == "-":
            sys.stdout.writelines(lines)
            return
        try:
            with target.open("x", encoding="utf-8") as file:
                file.writelines(lines)
        except OSError as error:
            raise ConfigurationError(f"{target} cannot be written: {error.strerror}", "name a new file") from error
    out.print(f"wrote {target}", markup=False)


@group.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="An export; without it, the catalog.")] = None,
    catalog: Annotated[bool, typer.Option("--catalog", help="The catalog itself, as without FILE.")] = False,
    head: HeadOption = "",
    as_json: JsonOption = False,
) -> None:
    """Check that no entry was changed, put in or taken away; exit 1 where one was."""
    if catalog and file is not None:
        raise typer.BadParameter("FILE and --catalog exclude each other")
    known = head_of(head)
    if file is not None:
        found = verify_file(file, known)
    else:
        with opened() as app:
            found = app.audit_desk.verify(LOCAL_OPERATOR, known)
    if as_json:
        print_json(VerifiedJson.of(found))
    else:
        _print_verified(found)
    if not found.good:
        raise typer.Exit(1)


@group.command("head")
def head(as_json: JsonOption = False) -> None:
    """Print the newest entry's number and digest: kept elsewhere, it shows later that nothing before it was changed."""
    with opened() as app:
        found = app.audit_desk.head(LOCAL_OPERATOR)
    if as_json:
        print_json(HeadJson.of(found))
        return
    sys.stdout.write(f"{found}\n")


@group.command("prune")
def prune(
    days: Annotated[
        float | None, typer.Option("--days", min=1, metavar="N", help="Keep so many days; default: `audit_days`.")
    ] = None,
) -> None:
    """Remove the entries that are older than is kept; the beat does so by itself."""
    with opened() as app:
        kept = app.settings.audit_days if days is None else days
        removed = app.catalog.audit.prune(time.time() - kept * 86400)
    out.print(f"removed {_entries(removed)} older than {kept:g} days", markup=False)


def _wanted(who: str, action: str, outcome: str, document: str, since: str, until: str, text: str = "") -> AuditFilter:
    source, _, key = document.partition(":")
    named = {"source": source, "key": key} if key else {"document": document}
    given = {"who": who, "action": action, "outcome": outcome, "since": since, "until": until, "text": text}
    return audit_filter({**given, **named})


def _list(wanted: AuditFilter, limit: int, as_json: bool) -> None:
    with opened() as app:
        page = app.audit_desk.page(LOCAL_OPERATOR, wanted, limit)
        while page.next is not None and len(page.entries) < limit:  # a search for text goes on by itself
            more = app.audit_desk.page(LOCAL_OPERATOR, wanted, limit - len(page.entries), page.next)
            page = type(page)((*page.entries, *more.entries), more.next)
        found = AuditJson.of(page)
    if as_json:
        print_json(found)
        return
    rows = [(one.number, when(one.at), _who(one), one.action, one.outcome, _told(one)) for one in found.entries]
    print_table(("", "when", "who", "what", "outcome", "details"), rows, "No such entries.")
    if found.next is not None:
        out.print(f"There are more: see --limit (now {limit}), --until or `audit export`.", markup=False)


def _who(entry: AuditEntryJson) -> str:
    name = "erased person" if entry.erased else entry.who or "unreadable"
    place = entry.address or entry.login
    return f"{name} ({place})" if place else name


def _told(entry: AuditEntryJson) -> str:
    about = {"to": "erased person" if entry.subject_erased else entry.subject}
    shown = {name: value for name, value in entry.details.items() if name not in {"route", "status"}}
    told = {**about, **shown, **{name: value for name, value in entry.about.items() if value != entry.subject}}
    parts = [f"{name} {_value(value)}" for name, value in told.items() if value]
    if entry.documents and "key" not in told:
        parts.append(counted(len(entry.documents), "document"))
    text = ", ".join([*parts, *([entry.unreadable] if entry.unreadable else [])])
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 1]}…"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _print_verified(found: Verified) -> None:
    first = found.anchor.number + 1
    if found.broken is not None:
        out.print(f"BROKEN at entry {found.broken.number}: {found.broken.why}", markup=False)
    else:
        out.print(f"{_entries(found.entries)} from {first} on hold: none was changed", markup=False)
    if found.seal not in {"good", "none"}:
        out.print(f"the seal does not hold: {found.seal}", markup=False)
    if found.seal_breaks:
        out.print(f"the seal did not hold before {_numbers(found.seal_breaks)}", markup=False)
    out.print(f"head {found.head}", markup=False)


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _numbers(numbers: Sequence[int]) -> str:
    return f"{'entry' if len(numbers) == 1 else 'the entries'} {', '.join(map(str, numbers))}"
