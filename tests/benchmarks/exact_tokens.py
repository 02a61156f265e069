"""Measures how often a document that holds an exact token of a query is among the first three found.

    python -m tests.benchmarks.exact_tokens DATA_DIR [--per-kind 40] [--home DIR] [--list] [--failures N] [--json FILE]

DATA_DIR holds `handbook_18f` and `handbook_sourcegraph`, which are indexed through the plugin for folders as they are.
`tests/benchmarks/exact_token_set.py` says how the tokens are chosen. `--home` keeps the index, so that a change of the
search alone is measured without indexing again; `--list` shows the set and searches nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.app import App, build
from assistant.settings import load_settings
from assistant.telemetry import configure_logging
from assistant.types import LOCAL_OPERATOR
from tests.benchmarks.exact_token_set import KINDS, SHAPES, Token, make_tokens, read_documents

HANDBOOKS = {"18f": "handbook_18f/files", "sourcegraph": "handbook_sourcegraph/files"}
TOP = 3
_DEPTH = 10  # documents looked at, to say where a holder came that missed the first three
_PASSAGES = 40  # passages asked for to see so many documents


@dataclass(frozen=True, slots=True)
class Result:
    """One query: the rank of its first holder, 0 where none is among the first ten, and what came first."""

    token: Token
    shape: str
    rank: int
    first: str

    @property
    def hit(self) -> bool:
        """Whether a holder is among the first three."""
        return 1 <= self.rank <= TOP


@contextmanager
def indexed(folders: dict[str, Path], home: Path) -> Iterator[App]:
    """Yield the assistant with both handbooks indexed; a home that has them already is used as it is."""
    settings = load_settings(home=home)
    configure_logging("ERROR", settings.log_format)
    with build(settings) as app:
        known = {record.name for record in app.catalog.sources.all()}
        for name, folder in folders.items():
            if name in known:
                continue
            started = time.perf_counter()
            app.catalog.sources.add(name, "folder", {"path": str(folder)}, {})
            report = app.ingestor.sync(name, "cli")
            print(f"{name}: {report} in {time.perf_counter() - started:.0f} s")
        yield app


def ask(app: App, tokens: list[Token]) -> list[Result]:
    """Search every token in every shape."""
    results = []
    for token in tokens:
        for shape in SHAPES:
            passages = app.retriever.search(token.query(shape), LOCAL_OPERATOR, _PASSAGES)
            found = list(dict.fromkeys(f"{passage.ref.source}/{passage.ref.key}" for passage in passages))[:_DEPTH]
            rank = next((rank for rank, document in enumerate(found, 1) if document in token.holders), 0)
            results.append(Result(token, shape, rank, found[0] if found else ""))
    return results


def share(results: list[Result]) -> float:
    """Return the share of queries with a holder among the first three."""
    return sum(result.hit for result in results) / len(results) if results else float("nan")


def summary(results: list[Result]) -> dict[str, dict[str, float]]:
    """Return the shares by kind (and `all`, `development`, `held out`) and shape."""
    rows = {kind: [r for r in results if r.token.kind == kind] for kind in KINDS}
    rows["development"] = [r for r in results if not r.token.held_out]
    rows["held out"] = [r for r in results if r.token.held_out]
    rows["all"] = results
    return {
        name: {shape: round(share([r for r in row if r.shape == shape]), 4) for shape in SHAPES}
        | {"all": round(share(row), 4), "queries": len(row)}
        for name, row in rows.items()
    }


def print_summary(shares: dict[str, dict[str, float]]) -> None:
    columns = (*SHAPES, "all", "queries")
    print(f"{'':12}" + "".join(f"{column:>10}" for column in columns))
    for name, row in shares.items():
        print(f"{name:12}" + "".join(f"{row[column]:>10.3f}" for column in columns[:-1]) + f"{row['queries']:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--per-kind", type=int, default=40, help="tokens of each kind, at most")
    parser.add_argument("--home", type=Path, help="folder of the index that is kept; default: a temporary one")
    parser.add_argument("--list", action="store_true", help="show the set and stop")
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="show at most N failures of each kind")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the shares and all failures there")
    options = parser.parse_args()
    folders = {name: options.data / path for name, path in HANDBOOKS.items()}
    tokens = make_tokens(read_documents(folders), options.per_kind)
    if options.list:
        for token in tokens:
            print(token.kind, token.text, *sorted(token.holders), sep=" | ")
        return
    home = options.home or Path(tempfile.mkdtemp(prefix="assistant-tokens-"))
    try:
        with indexed(folders, home) as app:
            results = ask(app, tokens)
    finally:
        if options.home is None:
            shutil.rmtree(home, ignore_errors=True)
    shares = summary(results)
    print_summary(shares)
    failed = [result for result in results if not result.hit]
    for kind in KINDS:
        for result in [r for r in failed if r.token.kind == kind][: options.failures]:
            print(
                f"{kind} | {result.token.query(result.shape)} | rank {result.rank} | first {result.first} | wanted",
                end=" ",
            )
            print(*sorted(result.token.holders), sep=", ")
    if options.json:
        rows = [
            {"query": r.token.query(r.shape), "kind": r.token.kind, "shape": r.shape, "rank": r.rank, "first": r.first}
            | {"wanted": sorted(r.token.holders), "held_out": r.token.held_out}
            for r in failed
        ]
        options.json.write_text(json.dumps({"shares": shares, "failures": rows}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
