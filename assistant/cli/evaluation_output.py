"""What the commands of `eval` share: options, the record of a run, and how it is printed, saved and held to limits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from assistant.app import App
from assistant.cli.output import err, out, shown_bar
from assistant.cli.wording import escaped
from assistant.errors import ConfigurationError
from assistant.evaluation.results import OnProgress
from assistant.evaluation.runs import Run, Value, check_target, save_run, versions
from assistant.evaluation.splits import Split
from assistant.evaluation.thresholds import Threshold, broken, read_threshold
from assistant.settings import Settings

_TIMES = ("p50_ms", "p95_ms")
_ELSEWHERE = ("_url", "host", "port", "home", "cache", "config", "log_level", "log_format")  # says nothing of quality

SaveOption = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="Write the run there, for `eval compare` and `report`.")
]
LeastOption = Annotated[
    list[str] | None,
    typer.Option("--min", metavar="METRIC=X", help="Exit 1 where the metric is less; may be given again."),
]
MostOption = Annotated[
    list[str] | None,
    typer.Option("--max", metavar="METRIC=X", help="Exit 1 where the metric is more; may be given again."),
]
SplitOption = Annotated[
    Split, typer.Option("--split", help="Ask one half of the queries, parted by a hash of their ids, or all.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit-queries", min=1, metavar="N", help="Ask only the first N queries.")
]


def limits(least: Sequence[str] | None, most: Sequence[str] | None, metrics: Sequence[str]) -> list[Threshold]:
    """Read `--min` and `--max`, before anything is measured; what is wrong there is wrong usage."""
    known = (*metrics, *_TIMES)
    try:
        found = [read_threshold(text, known) for text in least or ()]
        return found + [read_threshold(text, known, is_least=False) for text in most or ()]
    except ConfigurationError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from error


def check_save(path: Path | None) -> None:
    """Say before anything is measured that the run cannot be saved there."""
    if path is not None:
        check_target(path)


@contextmanager
def asking(*, show: bool) -> Iterator[OnProgress | None]:
    """Show a bar on stderr while questions are asked; yields what to call after each, None if nothing is shown."""
    with shown_bar("asking", show=show) as update:
        yield None if update is None else lambda done, total: update(completed=done, total=total)


def circumstances(app: App) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the settings that matter (no secrets, addresses or folders), and the versions of what was used."""
    used = {**versions(), "embedder": app.embedder.name, "chunker": app.chunker.version}
    return _measured(app.settings), used


def conclude(run: Run, thresholds: Sequence[Threshold], save: Path | None, *, as_json: bool) -> None:
    """Print the scores, save the run, and exit 1 with one line where a threshold is broken."""
    if save is not None:
        save_run(run, save)
    print_scores(run.scores, as_json=as_json)
    for note in run.notes:
        err.print(f"note: {escaped(note)}", markup=False, soft_wrap=True)
    numbers = {name: value for name, value in run.scores.items() if isinstance(value, int | float)}
    if failures := broken(thresholds, numbers):
        sys.stderr.write(f"error: {'; '.join(failures)}\n")
        raise typer.Exit(1)


def print_scores(scores: Mapping[str, object], *, as_json: bool) -> None:
    """Print scores as one JSON object, or a line each."""
    if as_json:
        sys.stdout.write(json.dumps(dict(scores), indent=2) + "\n")
        return
    width = max(len(name) for name in scores)
    for name, value in scores.items():
        out.print(f"{name:>{width}}  {'-' if value is None else value}", markup=False)


def _measured(settings: Settings) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if not isinstance(value, SecretStr | Path) and not name.endswith(_ELSEWHERE):
            found[name] = value if isinstance(value, str | int | float | bool) or value is None else str(value)
    return found
