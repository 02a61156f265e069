"""What `search` and `ask` are narrowed to, and how a search is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from assistant.app import App
from assistant.cli.output import out, print_table
from assistant.cli.wording import escaped
from assistant.types import Filters, Passage, SearchTrace
from assistant.wire import FiltersJson

TypesOption = Annotated[
    list[str] | None, typer.Option("--type", metavar="TYPE", help="Only files of this type, e.g. pdf; may be repeated.")
]
PathsOption = Annotated[
    list[str] | None,
    typer.Option("--path", metavar="FOLDER", help="Only what lies in this folder or archive; may be repeated."),
]
SourcesOption = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source; may be repeated.")
]
LanguagesOption = Annotated[
    list[str] | None,
    typer.Option("--language", metavar="CODE", help="Only this language (ISO 639-1), e.g. de; may be repeated."),
]
AfterOption = Annotated[
    str | None, typer.Option("--after", metavar="DATE", help="Only what was changed on this day or later: 2024-01-01.")
]
BeforeOption = Annotated[
    str | None, typer.Option("--before", metavar="DATE", help="Only what was changed before this day.")
]
_SHOWN = 400  # characters of a passage


def filters_of(
    app: App,
    sources: Sequence[str] | None,
    types: Sequence[str] | None,
    paths: Sequence[str] | None,
    languages: Sequence[str] | None,
    after: str | None,
    before: str | None,
) -> Filters:
    """Return the filters of the options.

    Raises:
        NotFoundError: there is no such source.
        ConfigurationError: a type, a language or a date is wrong.
    """
    for name in sources or ():
        app.catalog.sources.get(name)
    return FiltersJson(
        sources=list(sources) if sources else None,
        types=list(types or ()),
        paths=list(paths or ()),
        languages=list(languages or ()),
        after=after or "",
        before=before or "",
    ).filters()


def print_passage(rank: int, passage: Passage, *, whole: bool = False) -> None:
    """Print a passage with its place and the documents that say the same; `whole`: all of its text."""
    page = f", page {passage.page}" if passage.page else ""
    place = f"{passage.ref.title} ({passage.ref.source}: {passage.ref.key}{page})"
    out.print(f"{rank}. {escaped(place)}", style="bold", markup=False)
    if passage.also:
        others = ", ".join(f"{ref.source}: {ref.key}" for ref in passage.also)
        out.print(f"   also in {escaped(others)}", style="dim", markup=False)
    text = " ".join(passage.text.split())
    out.print(f"   {text if whole else text[:_SHOWN]}\n", markup=False)


def print_trace(trace: SearchTrace) -> None:
    """Print what each stage of a search did."""
    rows = [(s.name, f"{s.milliseconds:.1f}", s.before or "", s.after or "", s.note) for s in trace.stages]
    print_table(("stage", "ms", "before", "after", "note"), rows)
    if trace.cached:
        out.print("an earlier search's result, confirmed again", style="dim", markup=False)
    for warning in trace.warnings:
        out.print(f"warning: {escaped(warning)}", style="yellow", markup=False)
