"""Rows of cells as a Markdown table, the form that search, chunking and models read best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_REPEATED = 80  # characters; what stands in a merged cell is a label up to here, and prose above


def repeated(text: str) -> str:
    """Return what the further places of a merged cell say: its text where that is a label of the rows beside it."""
    return text if len(text) <= MAX_REPEATED else ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A cell over several rows and columns, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int


def fill_merged(table: dict[int, list[str]], merged: Iterable[Merged]) -> int:
    """Write the label in a merged cell into its other places, where rows and columns have more to say than the label.

    Args:
        table: the rows that have text by their numbers; what they do not hold is not made.
        merged: the table's merged cells.

    Returns:
        How many places were filled.
    """
    own = {number: [at for at, cell in enumerate(row) if cell] for number, row in table.items()}
    used = sorted({at for columns in own.values() for at in columns})
    filled = 0
    for cell in merged:
        row = table.get(cell.top, [])
        text = repeated(row[cell.left]) if 0 <= cell.left < len(row) else ""
        if not text:
            continue
        columns = [at for at in used if cell.left <= at <= cell.right]
        for number in range(cell.top, min(cell.bottom, max(table)) + 1):
            is_title = number == cell.top and own.get(number) == [cell.left] and columns == used
            if not own.get(number) or is_title:
                continue
            beside = table[number]
            beside += [""] * (columns[-1] + 1 - len(beside))
            for at in columns:
                filled += not beside[at]
                beside[at] = beside[at] or text
    return filled


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose first row is the header; an empty string if no cell has text.

    Args:
        rows: cells of one line each or of several (joined by a space); shorter rows are filled with empty cells.
    """
    cleaned = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows]
    cleaned = [row for row in cleaned if any(row)]
    if not cleaned:
        return ""
    width = max(len(row) for row in cleaned)
    used = [column for column in range(width) if any(column < len(row) and row[column] for row in cleaned)]
    grid = [[row[column] if column < len(row) else "" for column in used] for row in cleaned]
    written = [f"| {' | '.join(row)} |" for row in grid]
    written.insert(1, f"|{' --- |' * len(used)}")
    return "\n".join(written)
