from __future__ import annotations

import base64
import time
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assistant.errors import IngestError
from assistant.parsing.check import check_document
from assistant.parsing.texts.markdown import MarkdownParser
from assistant.types import Document, DocumentRef, Metadata
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
        ("---\ntitle: >-\n  folded\n  title\n---\n# Heading", "folded title"),
        ("---\ntitle: Travel: how to\n---\n# Heading", "Travel: how to"),
        ("---\ntitle: [a, b]\n---\n# Heading", "Heading"),
        ("---\ntitle: " + "[" * 3000 + "\n---\n# Heading", "Heading"),
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


def address(color: str, size: tuple[int, int] = (60, 50)) -> str:
    target = BytesIO()
    Image.new("RGB", size, color).save(target, "PNG")
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode()


EMPTY = "data:image/png;base64,"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_embedded_pictures_are_taken_out_of_the_text(newline: str):
    source = f"""# Sales

First ![Sales by year]({address("red")} "title") rose.

![][image1] and ![The office][Image 2]

<img src="{address("gray")}" alt="A chart"> <img alt='Before' src='{address("pink")}'>

![An icon]({address("red", (9, 9))}) ![broken](data:image/png;base64,{"A" * 99}=AAA)

[image1]: <{address("blue")}>
[image 2]: {address("green")}
"""
    document = parse(source, newline=newline)
    for color in ("red", "gray", "pink", "blue", "green"):
        source = source.replace(address(color), EMPTY)
    source = source.replace(address("red", (9, 9)), EMPTY)
    assert document.text == source.replace("\n", newline)
    shown = [(document.text[picture.start : picture.end], picture.data) for picture in document.pictures]
    wanted = [("Sales by year", "red"), ("", "blue"), ("The office", "green"), ("A chart", "gray"), ("Before", "pink")]
    assert [words for words, _ in shown] == [words for words, _ in wanted]
    for (_, data), (_, color) in zip(shown, wanted, strict=True):
        assert base64.b64decode(address(color).removeprefix(EMPTY)) == data


def test_a_picture_alone_is_an_image_block():
    document = parse("Text with ![a](b.png)\n\n![Alone](c.png 'x')\n\n![Alone](c.png)\n\n![ref][1]")
    assert [block.kind for block in document.blocks] == ["text", "text", "image", "image"]


@pytest.mark.parametrize(
    ("head", "metadata"),
    [
        ("author: Ada L\ndate: 2024-03-01\nlang: de-CH", Metadata(("Ada L",), "2024-03-01T00:00:00Z", "", "de")),
        (
            "authors:\n- Ada\n- name: Alan\nlastmod: 2024-03-01 10:00:00 +0100",
            Metadata(("Ada", "Alan"), "", "2024-03-01T09:00:00Z"),
        ),
        ("Author: [Ada, Alan, Ada]\nLanguage: fr\ndate: soon", Metadata(("Ada", "Alan"), language="fr")),
        ("author: Ada\nbroken: [", Metadata(("Ada",))),
        ("author: &a [x, x]\nb: &b [*a, *a]\nauthors: [*b, *b]", Metadata(("x",))),
        ("just: text", Metadata()),
    ],
)  # fmt: skip
def test_front_matter(head: str, metadata: Metadata):
    assert parse(f"---\n{head}\n---\nText").metadata == metadata
    assert parse(f"---\n{head}\n---\nText", newline="\r\n").metadata == metadata


def test_many_embedded_pictures_take_no_time():
    started = time.process_time()
    parse("![" * 20_000 + f"![x]({address('red')})\n" * 2_000 + "[a]: " * 20_000)
    assert time.process_time() - started < 5
