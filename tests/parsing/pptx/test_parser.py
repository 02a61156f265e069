from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from assistant.errors import DamagedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.media_types import PPTX
from assistant.parsing.ooxml.drawings import diagram_lines
from assistant.parsing.pptx.parser import PptxParser
from assistant.types import Box, Document, DocumentRef, Metadata
from tests.contracts.parser_contract import ContainerParserContract
from tests.fakes.office_parts import part, picture, with_parts

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
MAIN_RELATIONS = "ppt/_rels/presentation.xml.rels"


def deck() -> bytes:
    made = Presentation()
    for title, body in (("Travel", "Who pays"), ("Hotels", "Rome")):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    slide.notes_slide.notes_text_frame.text = "Say it slowly"
    data = CategoryChartData()
    data.categories = ["East", "West"]
    data.add_series("Sales", (1, 2.5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(2), Inches(2), data)
    output = io.BytesIO()
    made.save(output)
    return output.getvalue()


class TestPptxParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return PptxParser()

    @pytest.fixture
    def media_type(self):
        return PPTX

    @pytest.fixture
    def good(self):
        return deck()

    @pytest.fixture
    def words(self):
        return ["Travel", "Who pays", "Hotels", "Rome", "Sales", "West | 2.5", "Say it slowly"]


def test_slides_are_pages():
    document = parse(deck())
    assert [page.name for page in document.pages] == ["Travel", "Hotels"]
    assert document.text[document.pages[1].start :].startswith("Hotels")


def parse(data: bytes) -> Document:
    document = PptxParser().parse(DocumentRef("files", "a.pptx", "v1", "a", "", PPTX), data)
    check_document(document)
    return document


def saved(presentation: Any) -> bytes:
    output = io.BytesIO()
    presentation.save(output)
    return output.getvalue()


def test_a_long_title_is_kept_whole():
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[0]).shapes.title.text = "so long " * 100
    document = parse(saved(made))
    assert document.text.count("so long") == 100
    assert [block.kind for block in document.blocks] == ["text"]
    assert len(document.pages[0].name) < 310


def test_lists_have_their_bullets_and_numbers():
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    frame = slide.placeholders[1].text_frame
    frame.text = "inherited"
    for text, mark in (("one", "buAutoNum"), ("two", "buAutoNum"), ("plain", "buNone")):
        paragraph = frame.add_paragraph()
        paragraph.text = text
        properties = paragraph._p.get_or_add_pPr()
        element = properties.makeelement(f"{{{DRAWING}}}{mark}", {"type": "alphaLcParenR"} if "Num" in mark else {})
        properties.append(element)
    deeper = frame.add_paragraph()
    deeper.text, deeper.level = "deeper", 1
    assert parse(saved(made)).text == "- inherited\na) one\nb) two\nplain\n  - deeper"


def test_labels_of_merged_cells_are_repeated():
    made = Presentation()
    table = made.slides.add_slide(made.slide_layouts[6]).shapes.add_table(3, 3, 0, 0, Inches(3), Inches(3)).table
    for row, texts in enumerate((("", "Both", ""), ("East", "1", "2"), ("", "3", "4"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    assert parse(saved(made)).text == "|  | Both | Both |\n| --- | --- | --- |\n| East | 1 | 2 |\n| East | 3 | 4 |"


def test_pictures_have_their_words_and_their_place():
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    shown = group.shapes.add_picture(io.BytesIO(picture()), Inches(1), Inches(2), Inches(3), Inches(4))
    shown._element.nvPicPr.cNvPr.set("descr", "A red square")
    document = parse(saved(made))
    assert document.text == "A red square"
    found = document.pictures[0]
    assert (found.page, found.media_type, found.data) == (1, "image/png", picture())
    assert found.box == Box(1, 72, 144, 288, 432)
    group.left, group.width = Inches(2), Inches(6)  # what is in it moves, and is twice as wide
    assert parse(saved(made)).pictures[0].box == Box(1, 144, 144, 576, 432)


def test_the_title_of_a_chart():
    made = Presentation()
    data = CategoryChartData()
    data.categories = ["East"]
    data.add_series("Sales", (0.1 + 0.2,))
    slide = made.slides.add_slide(made.slide_layouts[6])
    chart = slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(2), Inches(2), data).chart
    chart.chart_title.text_frame.text = "Where we sell"
    assert parse(saved(made)).text == "Where we sell\n\n|  | Sales |\n| --- | --- |\n| East | 0.3 |"


def test_comments_of_both_kinds_name_their_authors():
    slides = "ppt/slides/_rels/slide2.xml.rels"
    older = '<cmLst><cm authorId="7" dt="2026-01-02T10:00:00.5"><text>Too slow</text></cm></cmLst>'
    newer = (
        '<cmLst><cm authorId="{A}" created="2026-01-03T10:00:00"><replyLst><reply authorId="7"><txBody><p><r><t>No</t>'
        "</r></p></txBody></reply></replyLst><txBody><p><r><t>Really?</t></r></p></txBody></cm></cmLst>"
    )
    data = deck()
    links = [(slides, "comments/c1.xml"), (slides, "comments/c2.xml"), (MAIN_RELATIONS, "authors.xml")]
    authors = '<author id="7" name="Ada" initials="A"/><author id="{A}" name="Bob"/>'
    parts: dict[str, str | bytes] = {
        "ppt/comments/c1.xml": older,
        "ppt/comments/c2.xml": newer,
        "ppt/authors.xml": f"<authorLst>{authors}</authorLst>",
    }
    for number, (name, target) in enumerate(links):
        kind = "authors" if "authors" in target else "comments"
        folder = "" if kind == "authors" else "../"
        link = f'<Relationship Id="x{number}" Type="http://o/{kind}" Target="{folder}{target}"/></Relationships>'
        parts[name] = str(parts.get(name) or part(data, name)).replace("</Relationships>", link)
    text = parse(with_parts(data, parts)).text
    assert "[Ada (A), 2026-01-02T10:00:00] Too slow" in text
    assert "[Bob, 2026-01-03T10:00:00] Really?\n\n[Ada (A)] No" in text


def test_what_the_file_says_of_itself():
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[0]).shapes.title.text = "Travel"
    properties = made.core_properties
    properties.author, properties.language = "Ada; Bob", "de-CH"
    properties.created = properties.modified = datetime.datetime(2026, 11, 24, 12)  # noqa: DTZ001 (stored as UTC)
    document = parse(saved(made))
    assert document.metadata == Metadata(("Ada", "Bob"), "2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "de")
    assert document.ref.title == "Travel"  # not "PowerPoint Presentation", which is the program's own


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_any_part_are_refused(encoding: str):
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>'
    with pytest.raises(DamagedDocumentError, match="entity bomb"):
        parse(with_parts(deck(), {"ppt/slides/slide1.xml": bomb.encode(encoding)}))


def test_the_points_of_a_diagram():
    from lxml import etree

    points = "".join(
        f'<pt modelId="{name}" type="{kind}"><t><a:p xmlns:a="a"><a:r><a:t>{text}</a:t></a:r></a:p></t></pt>'
        for name, kind, text in [("0", "doc", ""), ("1", "node", "Plan"), ("2", "node", "Do"), ("3", "pres", "no")]
    )
    links = '<cxn srcId="0" destId="1"/><cxn srcId="1" destId="2"/><cxn srcId="2" destId="1"/>'
    root = etree.fromstring(f"<dataModel><ptLst>{points}</ptLst><cxnLst>{links}</cxnLst></dataModel>")
    assert diagram_lines(root) == "- Plan\n  - Do"


def test_a_slide_without_its_layout_is_read():
    data = deck()
    name = "ppt/slides/_rels/slide1.xml.rels"
    start = part(data, name).index("<Relationship ")
    document = parse(with_parts(data, {name: part(data, name)[:start] + "</Relationships>"}))
    assert document.text.startswith("Travel\n\nWho pays")


def test_footers_are_read_once_and_numbers_of_slides_not_at_all():
    made = Presentation()
    for text in ("Travel", "Hotels"):
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = text
        for kind, said in (("ftr", "ACME"), ("sldNum", "7")):
            box = slide.shapes.add_textbox(0, 0, Inches(1), Inches(1))
            box.text_frame.text = said
            properties = box._element.nvSpPr.nvPr
            namespace = "http://schemas.openxmlformats.org/presentationml/2006/main"
            properties.append(properties.makeelement(f"{{{namespace}}}ph", {"type": kind, "idx": "99"}))
    assert parse(saved(made)).text == "Travel\n\nACME\n\nHotels"


def test_the_newest_of_several_forms_of_a_shape_is_read():
    data = deck()
    name = "ppt/slides/slide1.xml"
    old = part(data, name)
    start, end = old.rindex("<p:sp>"), old.rindex("</p:sp>") + len("</p:sp>")
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    several = (
        f'<mc:AlternateContent xmlns:mc="{space}"><mc:Choice Requires="x">{old[start:end]}</mc:Choice>'
        f"<mc:Fallback>{old[start:end].replace('Who pays', 'old form')}</mc:Fallback></mc:AlternateContent>"
    )
    text = parse(with_parts(data, {name: old[:start] + several + old[end:]})).text
    assert "Who pays" in text
    assert "old form" not in text


def test_slides_that_only_show_a_picture_are_a_document():
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[6]).shapes.add_picture(io.BytesIO(picture()), Inches(1), Inches(1))
    document = parse(saved(made))
    assert (document.text, len(document.pictures)) == ("image.png", 1)
