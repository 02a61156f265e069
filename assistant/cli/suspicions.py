"""`documents warnings` and `documents reviewed`: what reads like orders to an assistant, and that somebody looked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from assistant.catalog import SuspicionRecord
from assistant.cli.output import JsonOption, SourceOption, opened, out, print_json, print_table
from assistant.errors import NotFoundError
from assistant.injection import FLAGGED
from assistant.types import LOCAL_OPERATOR
from assistant.wire import WarningJson, WarningsJson

LeastOption = Annotated[float, typer.Option("--least", min=0.0, max=1.0, help="Only from this score on.")]
ReviewedOption = Annotated[bool, typer.Option("--reviewed", help="Also those that somebody looked at.")]


def warnings(
    source: SourceOption = None,
    least: LeastOption = FLAGGED,
    reviewed: ReviewedOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the documents that read like orders to an assistant, or hide text, the worst first."""
    with opened() as app:
        if source is not None:
            app.catalog.sources.get(source)
        found = app.catalog.suspicions.all(None if source is None else [source], least=least, reviewed=reviewed)
    if as_json:
        print_json(WarningsJson(warnings=[WarningJson.of(one) for one in found]))
        return
    rows = [(one.source, one.key, f"{one.score:.2f}", _signs(one), _state(one)) for one in found]
    print_table(("source", "key", "score", "signs", "state"), rows, "No warnings.")


def reviewed(
    source: Annotated[str, typer.Argument(help="The source's name.")],
    key: Annotated[str, typer.Argument(help="The document's path within the source.")],
) -> None:
    """Note that you looked at a document: nobody is warned of it until its content changes."""
    with opened() as app:
        if not app.catalog.suspicions.review(source, key, LOCAL_OPERATOR.id):
            raise NotFoundError(f"there is no warning of {key!r} in {source!r}", "see `assistant documents warnings`")
    out.print(f"nobody is warned of {key} any more, until its content changes", markup=False)


def _signs(record: SuspicionRecord) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(record.signs.items()))


def _state(record: SuspicionRecord) -> str:
    if record.reviewed_at is not None:
        return f"reviewed {datetime.fromtimestamp(record.reviewed_at, UTC):%Y-%m-%d} by {record.reviewed_by}"
    return "flagged" if record.flagged else ""
