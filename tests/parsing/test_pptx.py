from __future__ import annotations

import io

import pytest

from assistant.parsing.check import check_document
from assistant.parsing.media_types import PPTX
from assistant.parsing.pptx import PptxParser
from tests.contracts.parser_contract import ContainerParserContract


def deck() -> bytes:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

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
    from assistant.types import DocumentRef

    document = PptxParser().parse(DocumentRef("files", "a.pptx", "v1", "a", "", PPTX), deck())
    check_document(document)
    assert [page.name for page in document.pages] == ["Travel", "Hotels"]
    assert document.text[document.pages[1].start :].startswith("Hotels")
