"""What a model's server sends is read as events, the same wherever the network cuts it."""

from __future__ import annotations

from hypothesis import strategies as st

from assistant.adapters import server_events
from assistant.adapters.server_events import EventReader
from tests.fakes.fuzz import CUTS, cut, fuzz, short_and_long
from ui import sse
from ui.sse import events

WIRE = st.lists(
    st.one_of(
        st.sampled_from(
            [b"data: ", b"data:", b"\n", b"\r\n", b"\r", b"event: x\n", b": c\n", b"error: {}\n", b"{", b"}"]
        ),
        st.sampled_from([b"[DONE]", b"id: 1\n", b"\xef\xbb\xbf", b"\xff", b"\xe2\x80\xa8", b"\x00"]),
        st.binary(max_size=5),
    ),
    max_size=30,
).map(b"".join)


@short_and_long
def test_events_are_the_same_wherever_they_are_cut(examples: int) -> None:
    def check(wire: bytes, places: list[int]) -> None:
        read = []
        for parts in ([wire], cut(wire, places)):
            reader = EventReader()
            found = [event for part in parts for event in reader.feed(part)]
            read.append(found + list(reader.end()))
        assert read[0] == read[1]
        assert list(events([wire])) == list(events(cut(wire, places)))

    fuzz(examples, check, wire=WIRE, places=CUTS)


@short_and_long
def test_the_web_ui_the_client_and_the_models_servers_have_the_same_lines(examples: int) -> None:
    def check(wire: bytes, places: list[int]) -> None:
        parts = cut(wire, places)
        assert list(sse.lines(parts)) == list(server_events.lines(parts)) == list(server_events.lines([wire]))

    fuzz(examples, check, wire=WIRE, places=CUTS)
