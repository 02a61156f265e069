from __future__ import annotations

import pytest

from assistant.parsing.rtf import RtfParser
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
