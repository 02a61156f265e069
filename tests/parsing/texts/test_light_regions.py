"""Tables and code in reStructuredText, AsciiDoc and Org."""

from __future__ import annotations

import pytest

from assistant.chunking.chunker import TokenChunker
from assistant.parsing.texts.light_markup import LightMarkupParser
from tests.parsing.texts.parsed import parse

GRID = "+------+------+\n| Year | Cost |\n+======+======+\n| 2024 | 12   |\n+------+------+"
SIMPLE = "====  ====\nYear  Cost\n====  ====\n2024  12\n====  ===="


def blocks(media_type: str, text: str) -> list[tuple[str, str]]:
    document = parse(LightMarkupParser(), media_type, text)
    assert document.text == text
    return [(block.kind, block.text) for block in document.blocks]


@pytest.mark.parametrize(
    ("media_type", "table"),
    [
        ("text/x-rst", GRID),
        ("text/x-rst", SIMPLE),
        ("text/x-asciidoc", "[cols=2]\n|===\n|Year |Cost\n\n|2024 |12\n|==="),
        ("text/x-org", "| Year | Cost |\n|------+------|\n| 2024 | 12   |"),
    ],
)
def test_a_table_begins_with_its_header_row(media_type: str, table: str):
    found = blocks(media_type, f"Before.\n\n{table}\n\nAfter.\n")
    (kind, text) = next(block for block in found if block[0] == "table")
    assert kind == "table"
    assert "Year" in text.split("\n")[0]
    assert "Cost" in text.split("\n")[0]
    assert "12" in text.split("\n")[-1]
    assert found[0] == ("text", "Before.")
    assert found[-1] == ("text", "After.")


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/x-rst", "Run it.\n\n.. code-block:: sh\n   :caption: All\n\n   make all\n\n   make clean\n\nDone.\n"),
        ("text/x-rst", "Run it.\n\n::\n\n   make all\n\n   make clean\n\nDone.\n"),
        ("text/x-asciidoc", "Run it.\n\n[source,sh]\n----\n   make all\n\n   make clean\n----\nDone.\n"),
        ("text/x-org", "Run it.\n#+BEGIN_SRC sh\n   make all\n\n   make clean\n#+end_src\nDone.\n"),
    ],
)
def test_code_is_one_block_with_its_blank_lines(media_type: str, text: str):
    found = blocks(media_type, text)
    assert ("code", "   make all\n\n   make clean") in found
    assert found[0] == ("text", "Run it.")
    assert found[-1] == ("text", "Done.")


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/x-rst", "Trips\n=====\nHow::\n"),
        ("text/x-rst", "+----+\n| no end\n"),
        ("text/x-asciidoc", "Trips\n-----\nHow.\n\n-----\nno end\n"),
        ("text/x-org", "#+BEGIN_SRC\nno end\n| alone |\n"),
    ],
)
def test_what_has_no_end_is_text(media_type: str, text: str):
    assert {kind for kind, _ in blocks(media_type, text)} <= {"text", "heading"}


def test_rows_further_down_are_chunked_with_their_header():
    rows = "\n".join(f"| {year} | {year * 7} |" for year in range(1900, 2000))
    document = parse(LightMarkupParser(), "text/x-org", f"| Year | Cost |\n|------+------|\n{rows}\n")
    chunks = TokenChunker(lambda texts: [len(text.split()) for text in texts], 100, "words").chunk(document)
    assert len(chunks) > 3
    assert {chunk.table_header for chunk in chunks[1:]} == {"| Year | Cost |"}
