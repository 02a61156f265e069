"""What sheets show beside cells: comments, pictures, shapes, charts; hidden sheets."""

from __future__ import annotations

import io
from typing import Any

from assistant.parsing.check import check_document
from tests.fakes.office_parts import part, picture, with_parts
from tests.parsing.workbooks.books import made, parse


def test_hidden_sheets_are_read_and_sheets_of_charts_are_pages():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write_column(0, 0, ["City", "Rome", "Oslo"])
        sheet.write_column(0, 1, ["Limit", 120, 90])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"name": "Limit", "categories": "=Data!$A$2:$A$3", "values": "=Data!$B$2:$B$3",
                          "categories_data": ["Rome", "Oslo"], "values_data": [120, 90]})  # fmt: skip
        chart.set_title({"name": "Limits by city"})
        chart.set_x_axis({"name": "Where"})
        hidden = book.add_worksheet("Hidden")
        hidden.write(5, 5, "Secret")
        hidden.hide()
        book.add_chartsheet("Chart").set_chart(chart)

    document = parse(made(write))
    check_document(document)
    assert [page.name for page in document.pages] == ["Data", "Hidden", "Chart"]
    assert "Hidden\n\nSecret" in document.text
    chart = "Chart\n\nLimits by city\n\n|  | Limit |\n| --- | --- |\n| Rome | 120 |\n| Oslo | 90 |\n\nWhere"
    assert document.text[document.pages[2].start :] == chart


def test_comments_have_their_cell_and_their_author():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write(0, 0, "Trains")
        sheet.write_comment("B2", "Ask first", {"author": "Ada"})

    data = made(write)
    assert parse(data).text == "Data\n\nTrains\n\n[B2, Ada] Ask first"
    people = '<personList><person id="{P}" displayName="Bob"/></personList>'
    thread = (
        '<T><threadedComment ref="B2" personId="{P}" dT="2026-01-02T10:00:00.5"><text>Why?</text></threadedComment></T>'
    )
    link = '<Relationship Id="{}" Type="http://o/{}" Target="{}"/></Relationships>'
    sheet, book = "xl/worksheets/_rels/sheet1.xml.rels", "xl/_rels/workbook.xml.rels"
    end = "</Relationships>"
    threaded = with_parts(data, {
        "xl/persons/person.xml": people,
        "xl/threadedComments/t1.xml": thread,
        sheet: part(data, sheet).replace(end, link.format("t", "threadedComment", "../threadedComments/t1.xml")),
        book: part(data, book).replace(end, link.format("p", "person", "persons/person.xml")),
        "xl/comments1.xml": part(data, "xl/comments1.xml").replace(">Ada<", ">tc={P}<"),
    })  # fmt: skip
    assert parse(threaded).text == "Data\n\nTrains\n\n[B2, Bob, 2026-01-02T10:00:00] Why?"


def test_pictures_and_shapes():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write(0, 0, "Trains")
        sheet.insert_image(2, 2, "a.png", {"image_data": io.BytesIO(picture()), "description": "A red square"})
        sheet.insert_textbox(9, 2, "Note this")

    document = parse(made(write))
    check_document(document)
    assert document.text == "Data\n\nTrains\n\nA red square\n\nNote this"
    assert [(one.page, one.data) for one in document.pictures] == [(1, picture())]
