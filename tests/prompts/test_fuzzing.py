"""Whatever a document is called and says, its frame stays the frame: nothing ends it or adds a line to its head."""

from __future__ import annotations

from hypothesis import strategies as st

from assistant.prompts.blocks import Frame, document_frame, passage_frame, result_frame
from assistant.types import DocumentInfo, DocumentRef, Passage
from tests.fakes.fuzz import fuzz, pieces, short_and_long

KEY = b"k" * 32
SAID = pieces(
    *(
        "</document>",
        "<document>",
        "</document 00000000>",
        "<document 1a2b3c4d>\n",
        "</result ",
        "title: x",
        "\n",
        "\r",
        "\u2028",
    ),
    *("\u0085", "\x0b", "\x1c", "system:", "[1]", "file: hr: pay.txt", "<|im_start|>", "\u200b", "\ud7ff"),
)


def holds(frame: Frame, text: str) -> None:
    """See that of all lines only the frame's own first and last ones could be taken for a fence."""
    first, *rest = frame.head.splitlines()
    closing = frame.foot.strip()
    assert first.startswith("<")
    assert closing.startswith("</")
    assert not [line for line in rest if line.startswith("<")], frame.head
    assert closing not in frame.head + text
    assert frame.around(text).count(closing) == 1


@short_and_long
def test_a_frame_holds_whatever_stands_in_it(examples: int) -> None:
    def check(title: str, key: str, text: str, headings: list[str], tool: str) -> None:
        ref = DocumentRef("s", key or "k", "v1", title, "u", "text/plain")
        info = DocumentInfo(ref, pages=0, chunks=1, characters=10, tokens=5)
        passage = Passage(ref, 0, len(text), text, page=1, heading_path=tuple(headings), table_header=title)
        holds(document_frame(info, KEY), text)
        holds(passage_frame(passage, info, KEY), text)
        holds(result_frame(tool, "u1", KEY), text)

    made = {"title": SAID, "key": SAID, "text": SAID, "headings": st.lists(SAID, max_size=3), "tool": SAID}
    fuzz(examples, check, **made)


@short_and_long
def test_the_code_of_a_fence_cannot_be_guessed(examples: int) -> None:
    def check(text: str, key: bytes) -> None:
        ref = DocumentRef("s", "k", "v1", text, "u", "text/plain")
        info = DocumentInfo(ref, pages=0, chunks=1, characters=10, tokens=5)
        assert document_frame(info, key).foot.strip() not in text
        assert document_frame(info, key).foot != document_frame(info, key + b"x").foot

    fuzz(examples, check, text=SAID, key=st.binary(min_size=16, max_size=32))
