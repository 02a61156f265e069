"""What the commands share: settings, the user, JSON on stdout, tables and the progress bar."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from assistant.app import App, build
from assistant.app.logs import start_logging
from assistant.cli.audited import audited
from assistant.cli.wording import counted, escaped, failure_line, outcome
from assistant.ingest import OnProgress
from assistant.ingest import Progress as Done
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, SyncReport, User
from assistant.wire import CountsJson

_FILE_WIDTH = 250  # columns of what goes to a file or a pipe: nothing is to be folded there
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _FILE_WIDTH)
err = Console(stderr=True, highlight=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
GroupsOption = Annotated[
    str | None,
    typer.Option("--groups", metavar="A,B", help="Read as a member of exactly these groups; default: everything."),
]
SourceOption = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Only this source.")]


@contextmanager
def opened(*, owns_index: bool = False) -> Iterator[App]:
    """Open the assistant on the configured home for one command; `owns_index`: as the index's owner, see `build`."""
    settings = load_settings()
    start_logging(settings, level="ERROR" if settings.log_level == "INFO" else settings.log_level)
    hush_libraries()
    with build(settings, owns_index=owns_index) as app, audited(app):
        yield app


def hush_libraries() -> None:
    """Let a library's deprecations be no concern of the operator, unless Python was asked for warnings."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def reader(groups: str | None) -> User:
    """Return who reads: the operator, or somebody with exactly these groups."""
    if groups is None:
        return LOCAL_OPERATOR
    return User(id="command-line", groups=frozenset(names(groups)))


def names(text: str) -> list[str]:
    """Split `a,b` into names."""
    return [name.strip() for name in text.split(",") if name.strip()]


def readers_named(text: str) -> tuple[str, ...]:
    """Return the groups of `--readers`. None at all is refused: nobody could read what is indexed so."""
    groups = tuple(names(text))
    if not groups:
        raise typer.BadParameter("--readers names no group, so that nobody could read it; leave it out for everyone")
    return groups


def print_json(value: BaseModel) -> None:
    """Print one JSON object on stdout."""
    sys.stdout.write(value.model_dump_json(indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], if_empty: str = "") -> None:
    """Print a table on stdout; `if_empty` instead where it has no rows."""
    rows = list(rows)
    if if_empty and not rows:
        out.print(if_empty, markup=False)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # no markup: keys may hold [brackets]
        table.add_row(*(Text("" if cell is None else escaped(str(cell))) for cell in row))
    out.print(table, soft_wrap=False)


def when(moment: float | None) -> str:
    """Return a moment in this machine's time zone, nothing for None."""
    return "" if moment is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def print_report(report: SyncReport) -> None:
    """Say what a sync did on stdout, and what failed on stderr."""
    written = f"; {counted(report.chunks, 'chunk')} written" if report.chunks else ""
    took = f"; {report.seconds:.1f} s"
    out.print(f"{report.source}: {outcome(CountsJson.of(report))}{written}{took}", markup=False)
    for failure in report.failures:
        err.print(f"  failed: {failure_line(failure)}", markup=False, soft_wrap=True)


@contextmanager
def progress_bar(*, show: bool) -> Iterator[OnProgress | None]:
    """Show a bar on stderr while documents are indexed; yields what to call after each, None if nothing is shown."""
    with shown_bar("indexing", TextColumn("{task.description}", markup=False), show=show) as update:
        if update is None:
            yield None
            return

        def after_each(done: Done) -> None:
            update(completed=done.done, total=done.total, description=escaped(done.key[-60:]))

        yield after_each


@contextmanager
def shown_bar(title: str, *more: ProgressColumn, show: bool) -> Iterator[Callable[..., None] | None]:
    """Show a bar on stderr; yields what to call as `Progress.update`, None if nothing is shown.

    Args:
        title: what stands before the bar; `{task.description}` for what the calls give.
        more: what stands behind it.
        show: whether to show it, where stderr is a terminal.
    """
    if not show or not err.is_terminal:
        yield None
        return
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), *more)
    with Progress(*columns, console=err, transient=True) as bar:
        yield partial(bar.update, bar.add_task("", total=None))
