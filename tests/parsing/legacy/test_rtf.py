from __future__ import annotations

import pytest

from assistant.parsing.builder import TextBuilder
from assistant.parsing.check import check_document
from assistant.parsing.legacy.kreuzberg_text import write_nodes
from assistant.parsing.legacy.rtf import RtfParser
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ParserContract


class TestRtfParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return RtfParser()

    @pytest.fixture
    def media_type(self):
        return "application/rtf"

    @pytest.fixture
    def good(self):
        return b"{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\\f0 Travel policy\\par Who pays \\'e9t\\'e9\\par}"

    @pytest.fixture
    def words(self):
        return ["Travel policy", "Who pays été"]


def test_what_markdown_would_escape_is_left_as_it_is():
    data = b"{\\rtf1\\ansi Price * 5 a_b #1 [x] 3 < 4 & 5!\\par # no heading\\par {\\b bold} a|b\\par}"
    document = RtfParser().parse(DocumentRef("files", "a.rtf", "v1", "a", "", "application/rtf"), data)
    check_document(document)
    assert document.text == "Price * 5 a_b #1 [x] 3 < 4 & 5!\n\n# no heading\n\nbold a|b"
    assert {block.kind for block in document.blocks} == {"text"}


def test_lists_and_tables():
    nodes = [
        {"content": {"node_type": "group"}, "children": [1]},
        {"content": {"node_type": "heading", "level": 2, "text": "Travel"}, "parent": 0},
        {"content": {"node_type": "list", "ordered": True}, "children": [3, 4]},
        {"content": {"node_type": "list_item", "text": "one"}, "parent": 2},
        {"content": {"node_type": "list_item", "text": "two"}, "parent": 2},
        {
            "content": {
                "node_type": "table",
                "grid": {"rows": 1, "cols": 2, "cells": [{"row": 0, "col": 1, "content": "x"}]},
            }
        },
    ]
    builder = TextBuilder()
    write_nodes(builder, nodes)
    assert builder.build(DocumentRef("f", "k", "v", "t", "", "x")).text == "Travel\n\n1. one\n2. two\n\n| x |\n| --- |"
