from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import IngestError
from assistant.parsing.check import check_document
from assistant.parsing.markdown import MarkdownParser
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ParserContract

REF = DocumentRef("files", "a.md", "v1", "a.md", "", "text/markdown")
SAMPLE = """---
title: "Travel: how to"
tags: [a, b]
---

# First *heading* #

Some text
on two lines.

Setext heading
--------------

- item one
- item two

  | in | list |
  | -- | ---- |

> quoted
> lines

| A | B |
| - | - |
| 1 | 2 |

```python
# no heading
code()
```

    indented()

### Deep
"""


def parse(text: str, *, newline: str = "\n") -> Document:
    document = MarkdownParser().parse(REF, text.replace("\n", newline).encode())
    check_document(document)
    return document


def kinds(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in document.blocks]


class TestMarkdownParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return MarkdownParser()

    @pytest.fixture
    def media_type(self):
        return "text/markdown"

    @pytest.fixture
    def good(self):
        return SAMPLE.encode()

    @pytest.fixture
    def words(self):
        return ["First *heading*", "on two lines", "Setext heading", "code()", "Deep"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_is_the_file_itself_and_blocks_are_exact(newline: str):
    document = parse(SAMPLE, newline=newline)
    assert document.text == SAMPLE.replace("\n", newline)
    assert [(block.text, block.level) for block in document.blocks if block.level] == [
        ("First *heading*", 1),
        ("Setext heading", 2),
        ("Deep", 3),
    ]
    found = [(kind, text.replace(newline, "\n")) for kind, text in kinds(document) if kind != "heading"]
    assert found == [
        ("text", '---\ntitle: "Travel: how to"\ntags: [a, b]\n---'),
        ("text", "Some text\non two lines."),
        ("text", "- item one"),
        ("text", "- item two"),
        ("table", "| in | list |\n  | -- | ---- |"),
        ("text", "> quoted\n> lines"),
        ("table", "| A | B |\n| - | - |\n| 1 | 2 |"),
        ("code", "```python\n# no heading\ncode()\n```"),
        ("code", "indented()"),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (SAMPLE, "Travel: how to"),
        ("---\ntitle: Plain # comment\n---\n# Other", "Plain"),
        ("---\ntitle: >-\n  folded\n---\n# Heading", "Heading"),
        ("---\nno end\n# Not front matter", "Not front matter"),
        ("text first\n\n## The [link](http://x) and `code` &amp; **bold**", "The link and code & bold"),
        ("no heading at all", "a.md"),
        ("#\n\nempty heading", "a.md"),
    ],
)
def test_title(text: str, title: str):
    assert parse(text).ref.title == title


def test_heading_on_several_lines():
    document = parse("One\n  two\n===\n\ntext", newline="\r\n")
    assert kinds(document) == [("heading", "One\r\n  two"), ("text", "text")]
    assert document.ref.title == "One two"


LINES = st.sampled_from(
    ["# a", "## b c ##", "text", "- item", "  - sub", "1. one", "> quote", "| a | b |", "| - | - |", "```", "    code",
     "===", "---", "", "<div>", "</div>", "[a]: b", "\\", "> # in quote", "- # in list", "*", "\t\ttabs", "é\u2028x"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES | st.text(max_size=12), max_size=25), st.sampled_from(["\n", "\r\n", "\r"]))
def test_blocks_of_any_markdown_are_exact_and_in_order(lines: list[str], newline: str):
    data = newline.join(lines).encode("utf-8", errors="replace")
    try:
        document = MarkdownParser().parse(REF, data)
    except IngestError:
        return
    check_document(document)
    assert document.text == data.decode("utf-8-sig")
    for before, after in zip(document.blocks, document.blocks[1:], strict=False):
        assert before.end <= after.start
