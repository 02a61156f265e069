"""Scores the runs and makes the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from assistant.evaluation.splits import split_of
from tests.benchmarks.beir import ndcg, read_qrels

OWN = "assistant"


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one set: means over the queries of each half, costs as medians over the repeats."""

    set: str
    system: str
    mode: str
    development: tuple[float, float, float]  # nDCG@10, recall@5, recall@20
    held_out: tuple[float, float, float]
    ndcg_all: float
    cpu_start: float
    cpu_index: float
    cpu_search_ms: float  # a search
    seconds_index: float
    peak_mb: float
    p50_ms: float
    p95_ms: float
    runs: int


def scores(ranking: Mapping[str, Sequence[str]], qrels: Mapping[str, Mapping[str, int]]) -> dict[str, tuple]:
    """Return nDCG@10, recall@5 and recall@20 by query."""
    return {
        query: (ndcg(found, qrels[query]), *(recall(found, qrels[query], k) for k in (5, 20)))
        for query, found in ranking.items()
        if any(grade > 0 for grade in qrels[query].values())
    }


def recall(found: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return the share of the relevant documents among the first `k`."""
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant & set(found[:k])) / len(relevant)


def summarize(runs: list[dict], folders: Mapping[str, Path]) -> list[Row]:
    """Return a row for each set, system and mode; the costs are those of the mode that was measured."""
    rows = []
    for name, folder in folders.items():
        qrels = read_qrels(folder / "qrels.tsv")
        of_set = [run for run in runs if run["set"] == name]
        for system in dict.fromkeys(run["system"] for run in of_set):
            mine = [run for run in of_set if run["system"] == system]
            rows.extend(_row(mine, mode, qrels) for mode in mine[0]["rankings"])
    return rows


def best(rows: Sequence[Row]) -> list[Row]:
    """Keep of each set and system the variant and mode with the best nDCG@10 on the development half.

    Of this project the first mode stands, which is the one that is installed: its others are there to be compared.
    """
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.set, row.system.partition(":")[0])
        if key not in found or (key[1] != OWN and row.development[0] > found[key].development[0]):
            found[key] = row
    return list(found.values())


def _row(runs: list[dict], mode: str, qrels: Mapping[str, Mapping[str, int]]) -> Row:
    of_query = scores(runs[0]["rankings"][mode], qrels)

    def half(*, held_out: bool) -> tuple[float, float, float]:
        part = [values for query, values in of_query.items() if (split_of(query) == "heldout") == held_out]
        return tuple(mean(column) for column in zip(*part, strict=True))

    def percentile(run: dict, share: float) -> float:
        ordered = sorted(run["latencies"])
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Row(
        set=runs[0]["set"],
        system=runs[0]["system"],
        mode=mode,
        development=half(held_out=False),
        held_out=half(held_out=True),
        ndcg_all=mean(values[0] for values in of_query.values()),
        cpu_start=median(run["cpu"]["start"] for run in runs),
        cpu_index=median(run["cpu"]["index"] for run in runs),
        cpu_search_ms=median(1000 * run["cpu"]["search"] / len(run["latencies"]) for run in runs),
        seconds_index=median(run["seconds"]["index"] for run in runs),
        peak_mb=median(run["peak_mb"] for run in runs),
        p50_ms=median(percentile(run, 0.5) for run in runs),
        p95_ms=median(percentile(run, 0.95) for run in runs),
        runs=len(runs),
    )


def as_text(rows: Sequence[Row]) -> str:
    """Return a table in Markdown: every row with its quality; costs once a run."""
    head = (
        "| set | system, fusion | nDCG@10 dev | held out | all | R@5 dev | held out | R@20 dev | held out | CPU s start"
        " | index | CPU ms a search | s index | peak MB | p50 ms | p95 ms |\n|" + " --- |" * 16
    )
    kept = {id(row) for row in best(rows)}
    lines, shown = [], set()
    for row in rows:
        mark = "**" if id(row) in kept else ""
        (dev, dev5, dev20), (out, out5, out20) = row.development, row.held_out
        quality = [dev, out, row.ndcg_all, dev5, out5, dev20, out20]
        cells = [row.set, f"{mark}{row.system}, {row.mode}{mark}", *(f"{value:.3f}" for value in quality)]
        if (row.set, row.system) not in shown:
            costs = [row.cpu_start, row.cpu_index, row.cpu_search_ms, row.seconds_index, row.peak_mb]
            cells += [f"{value:.0f}" for value in (*costs, row.p50_ms, row.p95_ms)]
        else:
            cells += ["as above"] + [""] * 6
        shown.add((row.set, row.system))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([head, *lines, "", *_best_peers(rows)])


def _best_peers(rows: Sequence[Row]) -> list[str]:
    lines = ["Best peer on the development half, and this project:", ""]
    chosen = best(rows)
    for name in dict.fromkeys(row.set for row in rows):
        peers = [row for row in chosen if row.set == name and row.system.partition(":")[0] != OWN]
        ours = next((row for row in chosen if row.set == name and row.system == OWN), None)
        if not peers:
            continue
        top = max(peers, key=lambda row: row.development[0])
        line = f"- {name}: {top.system} ({top.mode}) {top.development[0]:.3f}, held out {top.held_out[0]:.3f}"
        if ours:
            line += f"; here {ours.development[0]:.3f} ({ours.development[0] - top.development[0]:+.3f})"
            line += f", held out {ours.held_out[0]:.3f} ({ours.held_out[0] - top.held_out[0]:+.3f})"
        lines.append(line)
    return lines
