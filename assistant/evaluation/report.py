"""Writes one HTML page on runs: scores, distributions, comparisons, and each question with what was found for it.

The page is whole in itself: no script, nothing from the network (its content security policy forbids both), readable in
light and dark and at a phone's width. All text of documents and questions is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import ConfigurationError
from assistant.evaluation.compare import Comparison, compare_runs, differences, warnings
from assistant.evaluation.plots import COLOURS, bars, escape, histogram, intervals
from assistant.evaluation.report_style import STYLE
from assistant.evaluation.results import Item, QueryResult
from assistant.evaluation.runs import Run

Named = tuple[str, Run]

_WORST = 10
_HISTOGRAMS = 4  # metrics that are drawn


def page(runs: Sequence[Named]) -> str:
    """Return the page on the runs, each with the name that it is called by; the first is what others are compared with.

    Raises:
        ConfigurationError: there are no runs.
    """
    if not runs:
        raise ConfigurationError("there are no runs to report", "name files that --save wrote")
    kinds = list(dict.fromkeys(run.kind for _, run in runs))
    parts = [_overview(runs)]
    for kind in kinds:
        alike = [(number, name, run) for number, (name, run) in enumerate(runs) if run.kind == kind]
        parts.append(_scores(kind, alike))
        parts += [_comparison(alike[0], other) for other in alike[1:]]
    parts += [_questions(number, name, run) for number, (name, run) in enumerate(runs)]
    title = f"Evaluation: {', '.join(name for name, _ in runs)}"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>Evaluation</h1>{''.join(parts)}</main></body></html>\n"
    )


def _overview(runs: Sequence[Named]) -> str:
    rows = [
        (
            f"{_key(number)}{escape(name)}",
            escape(f"{run.kind}: {run.name}"),
            escape(len(run.results)),
            escape(run.split),
            escape(run.versions.get("embedder", "")),
            escape(run.made),
        )
        for number, (name, run) in enumerate(runs)
    ]
    table = _table(("Run", "Test set", "Questions", "Split", "Embedder", "Made"), rows)
    return f"<section>{table}{''.join(_circumstances(name, run) for name, run in runs)}</section>"


def _circumstances(name: str, run: Run) -> str:
    notes = "".join(f"<p class=note>{escape(name)}: {escape(note)}</p>" for note in run.notes)
    rows = [(escape(key), escape(value)) for key, value in {**run.settings, **run.versions}.items()]
    rows.append(("digest of the documents", escape(run.corpus)))
    table = _table(("Setting or version", "Value"), rows)
    return f"{notes}<details><summary>Settings and versions of {escape(name)}</summary>{table}</details>"


def _scores(kind: str, runs: Sequence[tuple[int, str, Run]]) -> str:
    first = runs[0][2]
    metrics = [m for m in first.metrics if any(_number(run, m) is not None for _, _, run in runs)]
    plot = bars(
        [(metric, [_number(run, metric) for _, _, run in runs]) for metric in metrics],
        [number for number, _, _ in runs],
    )
    times = [
        (f"{_key(number)}{escape(name)}", *(escape(run.scores.get(each, "")) for each in ("p50_ms", "p95_ms")))
        for number, name, run in runs
    ]
    cards = [_card("Mean scores", plot)]
    for metric in metrics[:_HISTOGRAMS]:
        for number, name, run in runs:
            values = [v for result in run.results if (v := result.scores.get(metric)) is not None]
            if values:
                title = f"{metric}, {len(values)} questions" + (f", {name}" if len(runs) > 1 else "")
                cards.append(_card(title, histogram(values, number)))
    more = {name for _, _, run in runs for name in run.scores} - {*metrics, "p50_ms", "p95_ms"}
    rest = [(escape(name), *(escape(_plain(run.scores.get(name))) for _, _, run in runs)) for name in sorted(more)]
    return (
        f"<section><h2>{escape(kind.capitalize())}</h2><div class=cards>{''.join(cards)}</div>"
        f"{_table(('Latency', 'p50, ms', 'p95, ms'), times)}"
        f"<details><summary>Other figures</summary>{_table(('', *(name for _, name, _ in runs)), rest)}</details>"
        "</section>"
    )


def _comparison(base: tuple[int, str, Run], other: tuple[int, str, Run]) -> str:
    title = f"{escape(other[1])} against {escape(base[1])}"
    try:
        found = compare_runs(base[2], other[2])
    except ConfigurationError as error:
        return f"<section><h2>{title}</h2><p class=note>{escape(error.message)}</p></section>"
    plot = intervals([(c.metric, c.difference, c.low, c.high) for c in found], other[0])
    rows = [
        (
            escape(c.metric),
            f"{c.before:.4f}",
            f"{c.after:.4f}",
            f"{c.difference:+.4f}",
            f"{c.low:+.4f} to {c.high:+.4f}",
            f"{c.p:.4f}",
            f"{c.wins} / {c.losses} / {c.ties}",
        )
        for c in found
    ]
    head = ("Metric", "Before", "After", "Difference", "95 % interval", "p", "Better / worse / equal")
    notes = [*differences(base[2], other[2]), *warnings(found[0])]
    said = f"<ul class=note>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>" if notes else ""
    return (
        f"<section><h2>{title}</h2><div class=cards>{_card('Difference, paired bootstrap', plot)}</div>"
        f"{_table(head, rows)}{said}{_changes(found[0])}</section>"
    )


def _changes(comparison: Comparison) -> str:
    if not comparison.changes:
        return ""
    rows = [
        (escape(c.id), escape(c.text), f"{c.before:.3f}", f"{c.after:.3f}") for c in comparison.changes[: 2 * _WORST]
    ]
    table = _table(("Question", "", "Before", "After"), rows)
    title = f"Questions whose {escape(comparison.metric)} changed most"
    return f"<details open><summary>{title}</summary>{table}</details>"


def _questions(number: int, name: str, run: Run) -> str:
    ranked = sorted(run.results, key=lambda result: (_badness(result, run.metrics), result.id))
    worst = "".join(_question(result, is_open=True) for result in ranked[:_WORST])
    shown = [m for m in run.metrics if any(result.scores.get(m) is not None for result in run.results)]
    rows = [
        (
            _question(result, is_open=False),
            *(escape(_plain(result.scores.get(metric))) for metric in shown),
            f"{1000 * result.seconds:.0f}",
        )
        for result in ranked
    ]
    table = _table(("Question", *shown, "ms"), rows)
    return (
        f"<section><h2>{_key(number)}Questions of {escape(name)}</h2>"
        f"<h3>The worst {min(_WORST, len(ranked))}</h3>{worst}"
        f"<details><summary>All {len(ranked)} questions, the worst first</summary>{table}</details></section>"
    )


def _badness(result: QueryResult, metrics: Sequence[str]) -> tuple[float, float]:
    """Return the first score that there is, then the mean of all: what is smallest is worst."""
    known = [value for metric in metrics if (value := result.scores.get(metric)) is not None]
    return (known[0], sum(known) / len(known)) if known else (1.0, 1.0)


def _question(result: QueryResult, *, is_open: bool) -> str:
    scores = " · ".join(f"{metric} {value:.3f}" for metric, value in result.scores.items() if value is not None)
    answer = f"<p class=answer>{escape(result.answer)}</p>" if result.answer else ""
    note = f"<p class=note>{escape(result.note)}</p>" if result.note else ""
    return (
        f"<details class=question{' open' if is_open else ''}><summary>{escape(result.text)} <small>{escape(result.id)}"
        f"</small></summary><p class=note>{escape(scores)}</p>{answer}"
        f"<div class=two><div><h4>Expected</h4>{_items(result.expected)}</div>"
        f"<div><h4>{'Cited' if result.answer else 'Found'}</h4>{_items(result.found)}</div></div>{note}</details>"
    )


def _items(items: Sequence[Item]) -> str:
    if not items:
        return "<p class=note>nothing</p>"
    return f"<ol>{''.join(f'<li>{_item(item)}</li>' for item in items)}</ol>"


def _item(item: Item) -> str:
    mark = {True: "<b class=yes>✓</b> ", False: "<b class=no>✗</b> ", None: ""}[item.good]
    note = f" <small>{escape(item.note)}</small>" if item.note else ""
    text = f"<br><span class=text>{escape(item.text)}</span>" if item.text and item.text != item.name else ""
    return f"{mark}{escape(item.name)}{note}{text}"


def _number(run: Run, metric: str) -> float | None:
    value = run.scores.get(metric)
    return float(value) if isinstance(value, int | float) else None


def _plain(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _key(number: int) -> str:
    return f'<span class=key style="background:var(--c{number % COLOURS})"></span>'


def _card(title: str, plot: str) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption>{plot}</figure>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; the head is escaped here, the cells are HTML already."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"
