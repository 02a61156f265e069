"""Rows of cells as a Markdown table, the form that search, chunking and models read best."""

from __future__ import annotations

from collections.abc import Sequence


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
