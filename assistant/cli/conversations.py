"""Conversations of the one at the command line, who is the same as in the web chat without sign-in."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from assistant.cli.output import JsonOption, names, opened, out, print_json, print_table, when
from assistant.cli.wording import escaped
from assistant.conversations import markdown, pdf
from assistant.conversations.sharing import DAYS, MOST_DAYS
from assistant.types import LOCAL_OPERATOR
from assistant.wire.conversations import ConversationJson, ConversationsJson
from assistant.wire.shares import ShareJson, SharesJson

group = typer.Typer(help="Your conversations in the web chat.", no_args_is_help=True)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id.")]


class Form(StrEnum):
    """What a conversation is exported as."""

    markdown = "markdown"
    json = "json"
    pdf = "pdf"


@group.command("list")
def list_conversations(
    query: Annotated[
        str,
        typer.Option(
            "--query",
            metavar="TEXT",
            help="Only those with this in the title, or with these words in a question or an answer.",
        ),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most so many.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List your conversations, the last used first."""
    with opened() as app:
        found, total = app.conversations.page(LOCAL_OPERATOR, query, limit)
    if as_json:
        print_json(ConversationsJson.of(found, total))
        return
    print_table(
        ("id", "title", "last used"),
        ((one.id, one.title, when(one.updated_at)) for one in found),
        "No conversations yet.",
    )
    if total > len(found):
        out.print(f"and {total - len(found):,} more: --limit shows them", markup=False)


@group.command("show")
def show(conversation: IdArgument, as_json: JsonOption = False) -> None:
    """Print a conversation as you may read it now: the versions that are shown."""
    with opened() as app:
        kept = app.conversations.get(LOCAL_OPERATOR, conversation)
        if as_json:
            print_json(ConversationJson.of(kept))
            return
        out.print(escaped(markdown(kept)), markup=False, end="")


@group.command("export")
def export(
    conversation: IdArgument,
    form: Annotated[
        Form, typer.Option("--format", help="JSON has all versions, Markdown and PDF those shown.")
    ] = Form.markdown,
) -> None:
    """Write a conversation to stdout, as you may read it now."""
    with opened() as app:
        kept = app.conversations.get(LOCAL_OPERATOR, conversation, whole=form is Form.json)
        if form is Form.json:
            print_json(ConversationJson.of(kept))
            return
        if form is Form.pdf:
            sys.stdout.buffer.write(pdf(kept))
            return
        sys.stdout.write(markdown(kept))


@group.command("delete")
def delete(
    conversation: IdArgument,
    for_good: Annotated[bool, typer.Option("--for-good", help="At once and for ever.")] = False,
) -> None:
    """Delete a conversation; for a while it can be restored."""
    with opened() as app:
        app.conversations.delete(LOCAL_OPERATOR, conversation, for_good=for_good)
        hours = app.settings.undo_hours
    undo = "" if for_good or not hours else f"; for {hours:g} hours `assistant conversations restore` brings it back"
    out.print(f"the conversation {conversation} is deleted{undo}", markup=False)


@group.command("restore")
def restore(conversation: IdArgument) -> None:
    """Bring a deleted conversation back."""
    with opened() as app:
        record = app.conversations.restore(LOCAL_OPERATOR, conversation)
    out.print(escaped(f"{record.title} is back"), markup=False)


@group.command("share")
def share(
    conversation: IdArgument,
    readers: Annotated[str, typer.Option("--with", metavar="A,B", help="Groups, and user:ID for people.")],
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, metavar="N", help="For how long.")] = DAYS,
    as_json: JsonOption = False,
) -> None:
    """Share a conversation, as far as it goes now; each reader sees of it what the reader may read."""
    with opened() as app:
        made = ShareJson.of(app.conversations.shares.add(LOCAL_OPERATOR, conversation, names(readers), days))
    if as_json:
        print_json(made)
        return
    out.print(f"shared with {', '.join(made.readers)} until {when(made.expires_at)} as {made.id}", markup=False)


@group.command("shares")
def list_shares(conversation: IdArgument, as_json: JsonOption = False) -> None:
    """List whom a conversation is shared with, and was."""
    with opened() as app:
        found = SharesJson.of(app.conversations.shares.of(LOCAL_OPERATOR, conversation))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.id, ", ".join(one.readers), when(one.created_at), when(one.ended_at or one.expires_at))
        for one in found.shares
    ]
    print_table(("id", "with", "from", "until"), rows, "It is not shared.")


@group.command("unshare")
def unshare(
    conversation: IdArgument,
    share: Annotated[str, typer.Argument(metavar="SHARE", help="Its id; see `assistant conversations shares`.")],
) -> None:
    """End a share, from the next request on."""
    with opened() as app:
        ended = app.conversations.shares.end(LOCAL_OPERATOR, conversation, share)
    out.print(f"not shared with {', '.join(ended.principals)} any more", markup=False)
