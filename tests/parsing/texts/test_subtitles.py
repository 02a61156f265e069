"""Subtitles: what is said, without cues and markup."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError
from assistant.parsing.texts.subtitles import SubtitleParser
from tests.contracts.parser_contract import ParserContract
from tests.parsing.texts.parsed import parse

VTT = """WEBVTT

NOTE a remark

1
00:01.000 --> 00:04.000 align:left
<v Ada Lovelace>Good <b>morning</b> &amp; welcome

00:00:05.000 --> 01:00:06.000
Two
lines
"""


class TestSubtitles(ParserContract):
    @pytest.fixture
    def parser(self):
        return SubtitleParser()

    @pytest.fixture
    def media_type(self):
        return "text/vtt"

    @pytest.fixture
    def good(self):
        return VTT.encode()

    @pytest.fixture
    def words(self):
        return ["[00:00:01] Ada", "Lovelace: Good morning & welcome", "[00:00:05] Two", "lines"]


def test_subrip_and_what_is_none():
    text = parse(SubtitleParser(), "application/x-subrip", "1\n00:00:01,000 --> 00:00:02,000\nHello\n").text
    assert text == "[00:00:01] Hello"
    with pytest.raises(DamagedDocumentError, match="no cues"):
        parse(SubtitleParser(), "text/vtt", "WEBVTT\n\nNothing is said.\n")
