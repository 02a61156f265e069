"""What is done with saved runs: `eval compare` says whether one is better, `eval report` draws them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.evaluation_output import check_save
from assistant.cli.output import JsonOption, err, out, print_table
from assistant.cli.wording import counted, escaped
from assistant.errors import ConfigurationError
from assistant.evaluation.compare import Comparison, compare_runs, differences, warnings
from assistant.evaluation.runs import load_run, write_private

_SHOWN = 10


def compare(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A run that --save wrote.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Another one, over the same questions.")],
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="The metric that decides; default: the first.")
    ] = None,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit 1 where AFTER is worse and chance does not explain it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say whether the second run is better than the first, by paired bootstrap over the questions."""
    first, second = load_run(before), load_run(after)
    found = compare_runs(first, second)
    decides = _chosen(found, metric)
    notes = [*differences(first, second), *warnings(decides)]
    if as_json:
        rows = [each.as_dict(0) for each in found]
        for row in rows:
            del row["changed"]
        whole = {**decides.as_dict(_SHOWN), "metrics": rows, "notes": notes}
        sys.stdout.write(json.dumps(whole, indent=2) + "\n")
    else:
        _print(found, decides)
        for note in notes:
            err.print(f"note: {escaped(note)}", markup=False, soft_wrap=True)
    if fail_if_worse and decides.is_worse:
        sys.stderr.write(
            f"error: {decides.metric} is worse: {decides.before:.4f} before, {decides.after:.4f} after,"
            f" 95 % interval {decides.low:+.4f} to {decides.high:+.4f}\n"
        )
        raise typer.Exit(1)


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Files that --save wrote.")],
    target: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="The page to write.")],
) -> None:
    """Write one HTML page on runs, with plots and every question; it needs no network and shows no scripts."""
    from assistant.evaluation.report import page

    check_save(target)
    write_private(target, page([(path.stem, load_run(path)) for path in runs]).encode())
    out.print(f"{escaped(str(target))}: {counted(len(runs), 'run')}", markup=False)


def _chosen(found: list[Comparison], metric: str | None) -> Comparison:
    for comparison in found:
        if metric in {None, comparison.metric}:
            return comparison
    have = ", ".join(comparison.metric for comparison in found)
    raise ConfigurationError(f"the runs have no metric {metric!r} in common", f"take one of {have}")


def _print(found: list[Comparison], decides: Comparison) -> None:
    print_table(
        ("metric", "before", "after", "difference", "95 % interval", "p", "better", "worse", "equal"),
        (
            (
                each.metric,
                f"{each.before:.4f}",
                f"{each.after:.4f}",
                f"{each.difference:+.4f}",
                f"{each.low:+.4f} to {each.high:+.4f}",
                f"{each.p:.4f}",
                each.wins,
                each.losses,
                each.ties,
            )
            for each in found
        ),
    )
    if decides.changes:
        out.print(f"\nThe questions whose {decides.metric} changed most:", markup=False)
        print_table(
            ("before", "after", "id", "question"),
            ((f"{c.before:.4f}", f"{c.after:.4f}", c.id, c.text[:120]) for c in decides.changes[:_SHOWN]),
        )
