"""Sheets as tables: values as people see them, merged cells, limits."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from assistant.errors import DocumentTooLargeError
from assistant.parsing.workbooks import sheets
from assistant.parsing.workbooks.sheets import shown
from tests.parsing.workbooks.books import GOOD, made, parse


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (datetime.date(2026, 11, 24), "2026-11-24"),
        (datetime.datetime(2026, 11, 24, 9, 30), "2026-11-24 09:30"),  # noqa: DTZ001 (a sheet's cells have no zone)
        (datetime.datetime(2026, 11, 24), "2026-11-24"),  # noqa: DTZ001
        (" a\x00 ", "a"),
    ],
)
def test_values_are_shown_as_people_see_them(value: object, text: str):
    assert shown(value) == text


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "MAX_CELLS", 5)
    with pytest.raises(DocumentTooLargeError, match="more than 5 filled cells"):
        parse(GOOD)


def test_labels_of_merged_cells_are_repeated_where_rows_and_columns_need_them():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.merge_range("B1:E1", "Sums of all")
        sheet.merge_range("C2:D2", "Both")
        sheet.merge_range("B3:B4", "East")
        sheet.write_row("C3", [1, 2])
        sheet.write_row("C4", [3, 4])

    expected = "| Sums of all |  |  |\n| --- | --- | --- |\n|  | Both | Both |\n| East | 1 | 2 |\n| East | 3 | 4 |"
    assert parse(made(write)).text == f"Data\n\n{expected}"
