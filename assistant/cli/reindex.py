"""`assistant reindex`: another embedder or chunker, without reading the sources again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.app import App, Reindexing
from assistant.catalog import IndexRecord
from assistant.cli.output import JsonOption, err, opened, out, print_json, print_table, shown_bar, when
from assistant.cli.wording import counted, escaped
from assistant.errors import VectorIndexError
from assistant.wire.indexes import ComparisonJson, IndexesJson, IndexJson

if TYPE_CHECKING:
    from assistant.ingest import Comparison


def reindex(
    embedder: Annotated[
        str | None, typer.Option("--embedder", metavar="NAME", help="As ASSISTANT_EMBEDDER would name it.")
    ] = None,
    chunk_tokens: Annotated[
        int | None, typer.Option("--chunk-tokens", min=32, max=8192, help="Longest chunk, in the embedder's tokens.")
    ] = None,
    sparse_embedder: Annotated[
        str | None,
        typer.Option("--sparse-embedder", metavar="NAME", help="As ASSISTANT_SPARSE_EMBEDDER; `none` for none."),
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List the indexes and do nothing.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Go back to the index that was used before.")] = False,
    drop: Annotated[str | None, typer.Option("--drop", metavar="NAME", help="Give an index up and delete it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Swap though the new index finds clearly less.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Build an index for another embedder, sparse model or chunk size from the stored text, and go over to it.

    Search works all the time. Without options it goes on with a build that was ended.
    """
    comparison: Comparison | None = None
    with opened() as app:
        work = Reindexing(app)
        if drop is not None:
            work.drop(drop)
            _say(f"the index {drop} is given up and deleted", as_json)
        elif back:
            record = work.back()
            _say(f"searches use the index {record.name} again", as_json)
        elif not list_them:
            sparse = "" if sparse_embedder == "none" else sparse_embedder
            record = work.begin(embedder, chunk_tokens, sparse)
            comparison = _build(work, record, force=force, as_json=as_json)
        if list_them or as_json:
            _list(app, comparison, as_json=as_json)


def _build(work: Reindexing, record: IndexRecord, *, force: bool, as_json: bool) -> Comparison:
    with work.opened(record) as new:
        with _bar(show=not as_json) as on_progress:
            built = new.builder.build(on_progress)
        if built.lacking:
            for failure in built.lacking:
                err.print(f"  lacks: {escaped(failure.key)}: {escaped(failure.error)}", markup=False, soft_wrap=True)
            raise VectorIndexError(
                f"the index {record.name!r} lacks {counted(len(built.lacking), 'document')}",
                "sync their sources in full, or remove them, and run `assistant reindex` again",
            )
        comparison = work.compare(new)
        _say(_compared(record, comparison), as_json)
        if comparison.loses and not force:
            raise VectorIndexError(
                f"the vector search of the index {record.name!r} finds {comparison.recall.worst:.1%} of the nearest",
                "the current one stays in use; report this, and swap with `assistant reindex --force` all the same",
            )
        if comparison.is_worse and not force:
            raise VectorIndexError(
                f"the index {record.name!r} finds clearly less than the current one, which stays in use",
                "look at it, then swap with `assistant reindex --force`, or give it up with --drop",
            )
        new.builder.swap()
    _say(f"searches use the index {record.name} now; `assistant reindex --back` goes back", as_json)
    return comparison


def _compared(record: IndexRecord, comparison: Comparison) -> str:
    former, new = comparison.chunks
    share = " and ".join(f"{found:.1%}" for found in comparison.found)
    return (
        f"{record.name}: {counted(comparison.both, 'document')}, {new:,} chunks ({former:,} in the current one); "
        f"of {comparison.queries:,} sentences and headings, the current and the new one find {share} in their best ten,"
        f" the new one's vector search {comparison.recall.worst:.1%} of the nearest"
    )


def _list(app: App, comparison: Comparison | None, *, as_json: bool) -> None:
    found = app.catalog.indexes.all() or [app.served]
    if as_json:
        compared = None if comparison is None else ComparisonJson.of(comparison)
        print_json(IndexesJson(indexes=[IndexJson.of(record) for record in found], comparison=compared))
        return
    rows = [
        (one.name, one.state, one.embedder, one.sparse_embedder, one.chunk_tokens,
         f"{one.done:,} of {one.total:,}" if one.total else "", when(one.swapped_at), one.error)
        for one in found
    ]  # fmt: skip
    print_table(("name", "state", "embedder", "sparse embedder", "chunk tokens", "documents", "swapped", "error"), rows)


def _say(text: str, as_json: bool) -> None:
    (err if as_json else out).print(text, markup=False, soft_wrap=True)


@contextmanager
def _bar(*, show: bool) -> Iterator[Callable[[int, int], None] | None]:
    with shown_bar("reindexing", show=show) as update:
        yield None if update is None else lambda done, total: update(completed=done, total=total)
