"""`up` runs everything on this machine; `doctor` says what is configured and reachable; `prepare` makes the model."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from assistant.app import build
from assistant.app.logs import start_logging
from assistant.catalog.database import unopened
from assistant.catalog.schema import losses, move
from assistant.cli.doctor import Check, examine
from assistant.cli.output import JsonOption, out, print_json
from assistant.errors import ConfigurationError
from assistant.settings import load_settings


def up(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on; loopback only.")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port of the API.")] = None,
    ui_port: Annotated[int | None, typer.Option("--ui-port", min=0, max=65535, help="Port of the web UI.")] = None,
    no_ui: Annotated[
        bool, typer.Option("--no-ui", help="Without the web UI, which then runs elsewhere: `python -m ui`.")
    ] = False,
    no_index: Annotated[
        bool,
        typer.Option("--no-index", help="Ask the index of another `assistant up` on this home, instead of owning it."),
    ] = False,
) -> None:
    """Run the assistant: API, worker, schedules and web UI; stop it with Ctrl-C."""
    from assistant.cli.serve import serve  # Celery and uvicorn, which no other command needs

    given = {"host": host, "port": port, "ui_port": ui_port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    start_logging(settings)
    serve(settings, say=lambda line: out.print(line, markup=False), with_ui=not no_ui, with_index=not no_index)


def doctor(
    as_json: JsonOption = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what needs no decision: modes, the schema, dead runs, leftovers, gaps.")
    ] = False,
) -> None:
    """Say what is configured, reachable and installed; exit 1 if something is broken."""
    report = examine(fix=fix)
    if as_json:
        print_json(report)
    else:
        for check in report.checks:
            _print_check(check)
    if any(check.state == "broken" for check in report.checks):
        raise typer.Exit(1)


def prepare() -> None:
    """Make the embedding model ready, so that nothing has to be made at the first question; done once."""
    settings = load_settings()
    started = time.perf_counter()
    with build(settings) as app:
        name = app.embedder.name
    out.print(f"embedding model {name} is ready ({time.perf_counter() - started:.1f} s)", markup=False)


def migrate(
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REVISION", help="This schema, also an older one; default: the newest."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go back although the older schema has no place for some of what is stored.")
    ] = False,
) -> None:
    """Bring the catalog's schema up to date, making it where there is none; done by itself at every start as well."""
    settings = load_settings()
    began = time.perf_counter()
    if to is None:
        with build(settings) as app:
            _ = app.catalog  # is migrated when it is opened
        out.print(f"the catalog's schema is up to date ({time.perf_counter() - began:.1f} s)", markup=False)
        return
    with unopened(settings.catalog) as engine:
        if engine is None:
            raise ConfigurationError("there is no catalog yet", "`assistant migrate` without --to makes it")
        lost = losses(engine, to)
        if lost and not force:
            raise ConfigurationError(
                f"the schema {to} has no place for {', '.join(map(str, lost))}",
                "make a backup, stop the assistant, then go back with --force",
            )
        move(engine, to)
    out.print(f"the catalog has the schema {to} ({time.perf_counter() - began:.1f} s)", markup=False)


def _print_check(check: Check) -> None:
    sign = {"ok": "ok    ", "warning": "warn  ", "broken": "BROKEN", "mended": "mended"}[check.state]
    out.print(f"{sign} {check.name}: {check.detail}" + (f"; {check.hint}" if check.hint else ""), markup=False)
