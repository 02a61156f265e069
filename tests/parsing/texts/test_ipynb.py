"""Notebooks: their cells, pictures and authors."""

from __future__ import annotations

import base64
import json
from io import BytesIO

import pytest
from PIL import Image

from assistant.parsing.texts.ipynb import NotebookParser
from assistant.types import Metadata
from tests.contracts.parser_contract import ContainerParserContract
from tests.parsing.texts.parsed import parse

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Costs\n", "\n", "By city."]},
        {
            "cell_type": "code",
            "source": "print(120)",
            "outputs": [{"text": ["120\n"]}, {"data": {"text/plain": "<Figure>", "image/png": "iVBOR"}}],
        },
    ]
}


class TestNotebook(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return NotebookParser()

    @pytest.fixture
    def media_type(self):
        return "application/x-ipynb+json"

    @pytest.fixture
    def good(self):
        return json.dumps(NOTEBOOK).encode()

    @pytest.fixture
    def words(self):
        return ["Costs", "By city.", "print(120)", "120", "<Figure>"]


def _picture(color: str) -> str:
    target = BytesIO()
    Image.new("RGB", (64, 64), color).save(target, "PNG")
    return base64.encodebytes(target.getvalue()).decode()


def test_pictures_and_authors_of_a_notebook():
    drawn = {"text/plain": "<Figure size 1x1 with 1 Axes>", "image/png": _picture("red")}
    table = {"text/plain": "Costs by city", "image/png": _picture("green").splitlines(keepends=True)}
    attached = {"a.png": {"image/png": _picture("blue")}, "b.png": "no bundle"}
    prose = ["# Costs\n", "![By month](attachment:a.png) ![x](attachment:b.png) ![y](c.png)"]
    cells = [
        {"cell_type": "markdown", "source": prose, "attachments": attached},
        {"cell_type": "code", "source": "draw()", "outputs": [{"data": drawn}, {"data": table}, {"data": []}, None]},
    ]
    about = {"authors": [{"name": "Ada Lovelace"}, "Alan Turing", 3], "language_info": {"name": "python"}}
    document = parse(NotebookParser(), "application/x-ipynb+json", json.dumps({"cells": cells, "metadata": about}))
    shown = [(document.text[picture.start : picture.end], picture.data) for picture in document.pictures]
    assert [words for words, _ in shown] == ["By month", "", ""]
    assert [data for _, data in shown] == [base64.b64decode(_picture(color)) for color in ("blue", "red", "green")]
    assert "Figure" not in document.text
    assert document.text.endswith("draw()\n\nCosts by city")
    assert document.metadata == Metadata(("Ada Lovelace", "Alan Turing"))
