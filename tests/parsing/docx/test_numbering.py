from __future__ import annotations

import pytest

from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX
from assistant.types import Document, DocumentRef
from tests.fakes.docx import paragraph, word_part, zip_docx


def parse(body: str, numbering: str, styles: str = "") -> Document:
    parts = {"word/numbering.xml": word_part("numbering", numbering), "word/styles.xml": word_part("styles", styles)}
    return DocxParser().parse(DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX), zip_docx(body, parts))


def level(depth: int, text: str, kind: str = "decimal", more: str = "") -> str:
    shown = f"<w:numFmt w:val='{kind}'/>{more}<w:lvlText w:val='{text}'/>"
    return f"<w:lvl w:ilvl='{depth}'><w:start w:val='1'/>{shown}</w:lvl>"


def item(text: str, depth: int, number: int = 1) -> str:
    return paragraph(text, f"<w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr>")


def abstract(identity: int, *levels: str) -> str:
    return f"<w:abstractNum w:abstractNumId='{identity}'>{''.join(levels)}</w:abstractNum>"


def num(identity: int, of: int, more: str = "") -> str:
    return f"<w:num w:numId='{identity}'><w:abstractNumId w:val='{of}'/>{more}</w:num>"


def test_numbers_name_the_items_above_them():
    numbering = abstract(7, level(0, "%1."), level(1, "%1.%2."), level(2, "(%3)", "lowerLetter")) + num(1, 7)
    body = item("a", 0) + item("b", 1) + item("c", 2) + item("d", 2) + item("e", 1) + item("f", 0) + item("g", 1)
    assert parse(body, numbering).text == ("1. a\n  1.1. b\n    (a) c\n    (b) d\n  1.2. e\n2. f\n  2.1. g")


def test_a_depth_that_is_left_out_counts():
    numbering = abstract(0, level(0, "%1."), level(1, "%1.%2."), level(2, "%1.%2.%3.")) + num(1, 0)
    assert parse(item("a", 0) + item("b", 2) + item("c", 1), numbering).text == "1. a\n    1.1.1. b\n  1.2. c"


def test_lists_that_share_their_counters_and_one_that_starts_anew():
    override = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='5'/></w:lvlOverride>"
    numbering = abstract(0, level(0, "%1)")) + num(1, 0) + num(2, 0) + num(3, 0, override)
    body = item("a", 0, 1) + item("b", 0, 2) + item("c", 0, 3) + item("d", 0, 3)
    assert parse(body, numbering).text == "1) a\n2) b\n5) c\n6) d"


def test_a_list_goes_on_after_other_text():
    numbering = abstract(0, level(0, "%1.")) + num(1, 0)
    assert parse(item("a", 0) + paragraph("between") + item("b", 0), numbering).text == "1. a\n\nbetween\n\n2. b"


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("upperRoman", ["I", "II", "III", "IV"]),
        ("lowerRoman", ["i", "ii", "iii", "iv"]),
        ("upperLetter", ["A", "B", "C", "D"]),
        ("decimalZero", ["01", "02", "03", "04"]),
        ("unknownToMost", ["1", "2", "3", "4"]),
    ],
)
def test_kinds_of_numbers(kind: str, numbers: list[str]):
    numbering = abstract(0, level(0, "%1.", kind)) + num(1, 0)
    text = parse("".join(item("x", 0) for _ in numbers), numbering).text
    assert text == "\n".join(f"{number}. x" for number in numbers)


def test_letters_after_the_last_are_doubled():
    numbering = abstract(0, level(0, "%1", "lowerLetter")) + num(1, 0)
    assert parse("".join(item("x", 0) for _ in range(28)), numbering).text.endswith("z x\naa x\nbb x")


def test_legal_numbers_are_decimal():
    numbering = abstract(0, level(0, "%1.", "upperRoman"), level(1, "%1.%2", more="<w:isLgl/>")) + num(1, 0)
    assert parse(item("a", 0) + item("b", 1), numbering).text == "I. a\n  1.1 b"


def test_bullets_hidden_numbers_and_lists_that_are_not_declared():
    numbering = abstract(0, level(0, "•", "bullet"), level(1, "", "none"), level(2, "")) + num(1, 0)
    body = item("a", 0) + item("b", 1) + item("c", 2) + item("d", 0, 9) + item("e", 0, 0)
    assert parse(body, numbering).text == "- a\n\nb\n\nc\n\n- d\n\ne"


def test_headings_are_numbered_by_their_styles():
    styles = "".join(
        f"<w:style w:type='paragraph' w:styleId='H{n}'><w:name w:val='heading {n}'/><w:pPr>"
        "<w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>"
        for n in (1, 2)
    )
    styles += "<w:style w:type='paragraph' w:styleId='Plain'><w:name w:val='Plain'/><w:basedOn w:val='H1'/></w:style>"
    numbering = abstract(
        0,
        level(0, "Chapter %1:", "upperLetter", "<w:pStyle w:val='H1'/>"),
        level(1, "%1.%2", more="<w:pStyle w:val='H2'/>"),
    ) + num(1, 0)
    body = "".join(paragraph(text, f"<w:pStyle w:val='{style}'/>") for text, style in
                   [("One", "H1"), ("Two", "H2"), ("Three", "H2"), ("Four", "H1")])  # fmt: skip
    body += paragraph("No number", "<w:pStyle w:val='H1'/><w:numPr><w:numId w:val='0'/></w:numPr>")
    document = parse(body, numbering, styles)
    assert [(block.text, block.level) for block in document.blocks] == [
        ("Chapter A: One", 1),
        ("A.1 Two", 2),
        ("A.2 Three", 2),
        ("Chapter B: Four", 1),
        ("No number", 1),
    ]
    assert document.ref.title == "Chapter A: One"


def test_a_list_style_stands_for_the_list_that_it_names():
    numbering = (
        "<w:abstractNum w:abstractNumId='0'><w:numStyleLink w:val='Steps'/></w:abstractNum>"
        f"<w:abstractNum w:abstractNumId='1'><w:styleLink w:val='Steps'/>{level(0, 'Step %1')}</w:abstractNum>"
    ) + num(1, 0)
    assert parse(item("a", 0) + item("b", 0), numbering).text == "Step 1 a\nStep 2 b"


def test_styles_that_are_based_on_each_other_in_a_ring():
    styles = (
        "<w:style w:styleId='A'><w:basedOn w:val='B'/></w:style><w:style w:styleId='B'><w:basedOn w:val='A'/></w:style>"
    )
    assert parse(paragraph("text", "<w:pStyle w:val='A'/>"), "", styles).text == "text"


def test_numbers_beyond_all_bounds():
    numbering = abstract(0, level(0, "%1.", "lowerRoman").replace("w:val='1'", "w:val='99999'")) + num(1, 0)
    body = item("a", 0) + paragraph("b", "<w:numPr><w:ilvl w:val='99999'/><w:numId w:val='1'/></w:numPr>")
    assert parse(body, numbering).text.startswith("99999. a\n")
