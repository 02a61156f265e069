"""Code and data: their own text, whether it is well-formed or not."""

from __future__ import annotations

import pytest

from assistant.parsing.texts.plain_code import CodeParser
from tests.contracts.parser_contract import ParserContract
from tests.parsing.texts.parsed import parse


class TestCode(ParserContract):
    @pytest.fixture
    def parser(self):
        return CodeParser()

    @pytest.fixture
    def media_type(self):
        return "text/x-python"

    @pytest.fixture
    def good(self):
        return b"import os\n\n\ndef main():\n    print(os.name)\n"

    @pytest.fixture
    def words(self):
        return ["import os", "def main():", "print(os.name)"]


@pytest.mark.parametrize("media_type", ["application/json", "application/yaml", "application/sql", "text/css"])
def test_data_is_its_own_text(media_type: str):
    document = parse(CodeParser(), media_type, '{"broken": [1,\n')
    assert document.text == '{"broken": [1,\n'
    assert [block.kind for block in document.blocks] == ["code"]
