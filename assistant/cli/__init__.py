"""The command line: `assistant`. Its JSON, exit codes and option names are a contract that scripts rely on."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import typer

from assistant.cli import (
    access,
    audit,
    backup,
    conversations,
    distill,
    documents,
    evaluate,
    groups,
    mcp,
    people,
    personal,
    plugins,
    reindex,
    runs,
    secrets,
    service,
    sources,
    suspicions,
    tools,
    uploads,
    webhooks,
)
from assistant.cli.audited import named
from assistant.cli.wording import escaped
from assistant.errors import AssistantError

app = typer.Typer(
    name="assistant",
    help="Cited answers from your company's documents, on your own machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(service.up)
app.command()(service.doctor)
app.command()(service.prepare)
app.command()(service.migrate)
app.command()(documents.ingest)
app.command()(documents.search)
app.command()(documents.ask)
app.command()(mcp.mcp)
app.command()(access.why)
app.command()(access.sees)
app.command()(distill.distill)
app.command()(reindex.reindex)
app.command()(backup.backup)
app.command()(backup.restore)
documents.group.command("warnings")(suspicions.warnings)
documents.group.command("reviewed")(suspicions.reviewed)
app.add_typer(documents.group, name="documents")
app.add_typer(conversations.group, name="conversations")
app.add_typer(sources.group, name="sources")
app.add_typer(uploads.group, name="uploads")
app.add_typer(runs.group, name="runs")
app.add_typer(runs.failures, name="failures")
app.add_typer(plugins.group, name="plugins")
app.add_typer(tools.group, name="tools")
app.add_typer(webhooks.group, name="webhooks")
app.add_typer(secrets.group, name="secrets")
app.add_typer(personal.group, name="users")
app.add_typer(groups.group, name="groups")
app.add_typer(access.openings, name="openings")
app.add_typer(people.tokens, name="tokens")
app.add_typer(audit.group, name="audit")
app.add_typer(evaluate.group, name="eval")
named(app)


def main() -> None:
    """Run the command line: exit 0 when done, 1 when the command failed, 2 on wrong usage."""
    for argument in sys.argv[1:]:
        if not _is_text(argument):
            sys.stderr.write(f"error: the argument {argument!r} is not UTF-8\n")
            sys.exit(2)
    try:
        app()
    except AssistantError as error:
        _fail(str(error))
    except Exception as error:  # whatever went wrong, scripts get one clear line
        logging.getLogger(__name__).debug("the command failed", exc_info=True)
        _fail(f"{type(error).__name__}: {error} (not foreseen; with ASSISTANT_LOG_LEVEL=DEBUG the log says where)")
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what is done is kept, the rest is taken up next time\n")
        sys.exit(130)


def _fail(message: str) -> NoReturn:
    line = escaped(" ".join(message.split()))
    sys.stderr.write(f"error: {line}\n")
    sys.exit(1)


def _is_text(argument: str) -> bool:
    try:
        argument.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
