from __future__ import annotations

from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX
from assistant.types import DocumentRef
from tests.fakes.docx import paragraph, run, word_part, zip_docx


def parse(body: str, parts: dict[str, tuple[str, str]]) -> str:
    """Parse a document with these parts by the ids of their relations, each with its kind and its content."""
    data = zip_docx(
        body,
        {f"word/{identity}.xml": content for identity, (_, content) in parts.items()},
        related={identity: (kind, f"{identity}.xml") for identity, (kind, _) in parts.items()},
    )
    return DocxParser().parse(DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX), data).text


def header(text: str) -> tuple[str, str]:
    return "header", word_part("hdr", text)


def footer(text: str) -> tuple[str, str]:
    return "footer", word_part("ftr", text)


def section(*references: str, more: str = "") -> str:
    return f"<w:sectPr>{''.join(references)}{more}</w:sectPr>"


def uses(kind: str, identity: str, pages: str = "default") -> str:
    return f"<w:{kind}Reference w:type='{pages}' r:id='{identity}'/>"


def page_field(code: str = "PAGE") -> str:
    return (
        f"<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> {code} </w:instrText></w:r>"
        f"<w:r><w:fldChar w:fldCharType='separate'/></w:r>{run('7')}<w:r><w:fldChar w:fldCharType='end'/></w:r>"
    )


def test_headers_and_footers_once_where_their_section_begins_and_ends():
    body = (
        paragraph("First.")
        + paragraph("End of one.", section(uses("header", "h1"), uses("footer", "f1")))
        + paragraph("Second.")
        + section(uses("header", "h2"), uses("footer", "f1"))
    )
    parts = {
        "h1": header(paragraph("ACME Ltd")),
        "h2": header(paragraph("Annex")),
        "f1": footer(f"<w:p>{run('Confidential')}<w:r><w:tab/></w:r><w:r><w:tab/></w:r>{run('v 3')}</w:p>"),
    }
    assert parse(body, parts) == "ACME Ltd\n\nFirst.\n\nEnd of one.\n\nConfidential\tv 3\n\nAnnex\n\nSecond."


def test_what_only_counts_pages_is_left_out():
    simple = f"<w:fldSimple w:instr=' NUMPAGES '>{run('9')}</w:fldSimple>"
    parts = {
        "f1": footer(f"<w:p>{run('Page ')}{page_field()}{run(' of ')}{simple}</w:p>"),
        "f2": footer(f"<w:p>{run('Handbook of the ACME company, page ')}{page_field()}</w:p>"),
    }
    body = f"<w:p>{run('On page ')}{page_field()}</w:p>" + section(uses("footer", "f1"), uses("footer", "f2"))
    assert parse(body, parts) == "On page 7\n\nHandbook of the ACME company, page"


def test_only_headers_that_are_shown():
    parts = {"h1": header(paragraph("First page")), "h2": header(paragraph("Even page"))}
    references = (uses("header", "h1", "first"), uses("header", "h2", "even"))
    assert parse(paragraph("text") + section(*references), parts) == "text"
    shown = section(*references, more="<w:titlePg/>")
    assert parse(paragraph("text") + shown, parts) == "First page\n\ntext"
    settings = ("settings", word_part("settings", "<w:evenAndOddHeaders/>"))
    assert parse(paragraph("text") + section(*references), {**parts, "settings": settings}) == "Even page\n\ntext"


def test_a_reference_to_nothing():
    assert parse(paragraph("text") + section(uses("header", "gone")), {}) == "text"


def test_comments_follow_what_they_are_on_with_their_authors():
    about = "w:author='Ada Lovelace' w:initials='AL' w:date='2024-05-06T07:08:09Z'"
    comments = word_part(
        "comments",
        f"<w:comment w:id='0' {about}>{paragraph('Is this so?')}{paragraph('I doubt it.')}</w:comment>"
        f"<w:comment w:id='1' w:initials='AT'>{paragraph('In the table')}</w:comment>"
        f"<w:comment w:id='2'>{paragraph('On nothing')}</w:comment>",
    )
    body = (
        f"<w:p><w:commentRangeStart w:id='0'/>{run('A claim.')}<w:commentRangeEnd w:id='0'/>"
        "<w:r><w:commentReference w:id='0'/></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc><w:p>{run('x')}<w:r><w:commentReference w:id='1'/></w:r></w:p></w:tc>"
        f"<w:tc>{paragraph('y')}</w:tc></w:tr></w:tbl>{paragraph('After.')}"
    )
    assert parse(body, {"comments": ("comments", comments)}) == (
        "A claim.\n\n[Ada Lovelace, 2024-05-06T07:08:09Z] Is this so?\nI doubt it.\n\n"
        "| x | y |\n| --- | --- |\n\n[AT] In the table\n\nAfter."
    )


def test_notes_are_numbered_in_the_order_of_the_text():
    def reference(kind: str, identity: int) -> str:
        return f"<w:r><w:{kind}Reference w:id='{identity}'/></w:r>"

    def note(kind: str, identity: int, text: str) -> str:
        return f"<w:{kind} w:id='{identity}'>{paragraph(text)}</w:{kind}>"

    first, second, last = reference("footnote", 5), reference("footnote", 3), reference("endnote", 2)
    body = f"<w:p>{run('a')}{first}{run(' b')}{second}{run(' c')}{last}{run(' d')}{first}</w:p>"
    parts = {
        "footnotes": ("footnotes", word_part("footnotes", note("footnote", 3, "three") + note("footnote", 5, "five"))),
        "endnotes": ("endnotes", word_part("endnotes", note("endnote", 2, "the end") + note("endnote", 9, "unused"))),
    }
    assert parse(body, parts) == "a[1] b[2] c[i] d[1]\n\n[1] five\n\n[2] three\n\n[i] the end"
