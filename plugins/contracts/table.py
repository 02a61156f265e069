"""Who has to do what by when in a contract, as a table that sorts, as a tool."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.interfaces import DocumentReader
from assistant.types import Document, Passage, ToolResult, User
from plugins.contracts.arguments import (
    choice_of,
    flag_of,
    number_of,
    placed,
    refuse_unknown,
    text_of,
    told_to_the_model,
)
from plugins.contracts.duties import KINDS, Duty, duties_of
from plugins.contracts.reading import SCOPE, scope_of

_ROWS = 60
_MOST = 300
_CHARACTERS = 300  # of a sentence in the table; its passage holds it whole
_COLUMNS = ("kind", "party", "what", "due", "clause", "document", "page", "start", "end")
_QUERY = "shall must obligation deadline within days notice verpflichtet Frist innerhalb"


class Obligations:
    """See `interfaces.Tool`.

    Args:
        documents: to read by.
    """

    name = "obligations"
    description = (
        "Lists who must do what by when in contracts that the user may read: duties (shall, must, will), prohibitions,"
        " notice periods and dates, each with party, date or period, clause and exact place, as a table. Found by the"
        " words that oblige: what is obliged in other words is not in it."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            **SCOPE,
            "party": {"type": "string", "description": "Only rows of this party, e.g. Supplier."},
            "kind": {"type": "string", "enum": list(KINDS), "description": "Only rows of this kind."},
            "only_due": {"type": "boolean", "description": "Only rows with a date or a period; default: false."},
            "sort": {"type": "string", "enum": ["place", "due", "party"], "description": "Default: place."},
            "format": {"type": "string", "enum": ["markdown", "csv"], "description": "Default: markdown."},
            "limit": {"type": "integer", "description": f"Rows, 1 to {_MOST}; default: {_ROWS}."},
        },
        "required": [],
        "additionalProperties": False,
    }
    writes = False

    def __init__(self, documents: DocumentReader) -> None:
        self._documents = documents

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        refuse_unknown(arguments, self.parameters)
        party, kind = text_of(arguments, "party").lower(), choice_of(arguments, "kind", KINDS)
        sort = choice_of(arguments, "sort", ("place", "due", "party"))
        form = choice_of(arguments, "format", ("markdown", "csv"))
        limit, only_due = number_of(arguments, "limit", _ROWS, _MOST), flag_of(arguments, "only_due")
        with told_to_the_model():
            scope = scope_of(self._documents, arguments, user, _QUERY)
            found = [
                (duty, _passage(document, duty))
                for document in scope.documents
                for duty in duties_of(document)
                if (not kind or duty.kind == kind)
                and (not party or party in duty.party.lower())
                and (duty.due is not None or not only_due)
            ]
        if sort == "due":
            found.sort(key=lambda row: row[0].due.order if row[0].due else (2, "", 0.0))
        elif sort == "party":
            found.sort(key=lambda row: row[0].party.lower())
        return _result(found, limit, form or "markdown", scope.notes)


def _passage(document: Document, duty: Duty) -> Passage:
    return Passage.of(document, duty.start, duty.end)


def _result(found: Sequence[tuple[Duty, Passage]], limit: int, form: str, notes: list[str]) -> ToolResult:
    shown = found[:limit]
    if len(found) > limit:
        notes = [*notes, f"There are {len(found) - limit:,} more rows: ask for one party or kind, or with a limit."]
    if not shown:
        notes = ["No duty, notice period or date was found in what the user may read.", *notes]
    rows = [_cells(duty, passage) for duty, passage in shown]
    table = _csv(rows) if form == "csv" else _markdown(rows)
    data = {
        "columns": list(_COLUMNS),
        "rows": rows,
        "places": [
            placed(passage)
            | {"date": duty.due.day if duty.due else "", "days": round(duty.due.days, 2) if duty.due else None}
            for duty, passage in shown
        ],
        "all": len(found),
        "notes": notes,
    }
    text = "\n\n".join([table, *notes] if rows else notes)
    return ToolResult(text, data, tuple(dict.fromkeys(passage for _, passage in shown)))


def _cells(duty: Duty, passage: Passage) -> list[str | int | None]:
    what = duty.text if len(duty.text) <= _CHARACTERS else f"{duty.text[:_CHARACTERS]} …"
    clause = duty.clause.name if duty.clause else ""
    due = duty.due.shown if duty.due else ""
    place = (passage.ref.key, passage.page, passage.start, passage.end)
    return [duty.kind, duty.party, what, due, clause, *place]


def _markdown(rows: Sequence[Sequence[object]]) -> str:
    lines = [_line(_COLUMNS), _line(["---"] * len(_COLUMNS)), *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    shown = ("" if cell is None else " ".join(str(cell).split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(shown)} |"


def _csv(rows: Sequence[Sequence[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue().rstrip("\n")


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: the text comes from a document."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell
