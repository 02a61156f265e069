"""Server-sent events, however they are cut into pieces."""

from __future__ import annotations

import pytest

from assistant.adapters.server_events import EventReader, lines

STREAM = (
    b": a comment\n\ndata: one\n\ndata:two\r\n\r\nevent: x\ndata: three\ndata: more\nid: 7\n\n"
    + "data: four\u2028\x85\x0b\x1c\n\n".encode()
    + b'data: {"a": 1}\r\rdata:  five\n\n\n\ndata: [DONE]\n\n'
)
EVENTS = [b"one", b"two", b"three\nmore", "four\u2028\x85\x0b\x1c".encode(), b'{"a": 1}', b" five", b"[DONE]"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 16, 1000])
def test_they_are_whole_however_they_come(size: int) -> None:
    reader = EventReader()
    pieces = [STREAM[start : start + size] for start in range(0, len(STREAM), size)]
    assert [event for piece in pieces for event in reader.feed(piece)] == EVENTS
    assert list(reader.end()) == []


def test_errors_that_are_told_in_other_ways() -> None:
    reader = EventReader()
    assert list(reader.feed(b'data: one\n\nerror: {"code": 500}\n\n')) == [b"one", b'{"error": {"code": 500}}']
    assert list(reader.feed(b'{"error": {"code": 400}}')) == []
    assert list(reader.end()) == [b'{"error": {"code": 400}}']


def test_one_that_the_stream_s_end_cuts_off() -> None:
    reader = EventReader()
    assert list(reader.feed(b"data: one\n\ndata: tw")) == [b"one"]
    assert list(reader.feed(b"o")) == []
    assert list(reader.end()) == [b"two"]
    assert list(reader.end()) == []


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_lines_end_with_cr_lf_or_both_and_characters_stay_whole(size: int) -> None:
    stream = "caf\u00e9\rtwo\r\nthree\u2028\U0001f600\n\nlast\r".encode()
    whole = ["caf\u00e9", "two", "three\u2028\U0001f600", "", "last"]
    for sent in (stream, stream + b"cut o"):
        assert list(lines(sent[start : start + size] for start in range(0, len(sent), size))) == whole
