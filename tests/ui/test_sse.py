"""Server-sent events are read whole, wherever the network cuts them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.sse import ServerEvent, events

STREAM = (
    ": hello\n"
    'event: text\ndata: {"delta": "caf\u00e9 \u2028 line\u0085"}\n\n'
    "retry: 10\nid: 7\nevent: two\r\ndata:first\r\ndata: second\r\n\r\n"
    "data: nameless\r\r"
    "event: empty\n\n"
    "event: cut\ndata: never finished"
).encode()
EXPECTED = [
    ServerEvent("text", '{"delta": "caf\u00e9 \u2028 line\u0085"}'),
    ServerEvent("two", "first\nsecond"),
    ServerEvent("message", "nameless"),
]


def test_a_stream_in_one_piece() -> None:
    assert list(events([STREAM])) == EXPECTED


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_stream_in_small_pieces(size: int) -> None:
    assert list(events(STREAM[at : at + size] for at in range(0, len(STREAM), size))) == EXPECTED


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_a_stream_cut_anywhere(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    assert list(events(STREAM[a:b] for a, b in itertools.pairwise(places))) == EXPECTED


def test_an_event_is_given_out_before_the_next_bytes_are_read() -> None:
    def stalling() -> object:
        yield b"data: now\n\n"
        raise AssertionError("read ahead")

    assert next(events(stalling())) == ServerEvent("message", "now")  # type: ignore[arg-type]
