"""Files of other formats that stand in a Word document are read where they stand."""

from __future__ import annotations

import base64
import io
import zipfile

import docx
import pytest
from PIL import Image

from assistant.parsing.check import check_document
from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX, OCTETS
from assistant.types import Document, DocumentRef

REF = DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
PLACE = "<w:p><w:r><w:t>HERE</w:t></w:r></w:p>"


def png() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(output, "PNG")
    return output.getvalue()


def with_chunk(name: str, data: bytes, declared: str = "", wrap: str = "{}", times: int = 1) -> bytes:
    """Return a document of a paragraph, a chunk and another paragraph."""
    made, plain = docx.Document(), io.BytesIO()
    for words in ("Before.", "HERE", "After."):
        made.add_paragraph(words)
    made.save(plain)
    output = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            content = old.read(entry)
            if entry == "word/document.xml":
                chunk = '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
                content = content.replace(PLACE.encode(), wrap.format(f'{chunk} r:id="chunk1"/>' * times).encode())
                assert b"altChunk" in content
            elif entry == "word/_rels/document.xml.rels":
                relation = f'<Relationship Id="chunk1" Type="{KIND}" Target="{name}"/></Relationships>'
                content = content.replace(b"</Relationships>", relation.encode())
            elif entry == "[Content_Types].xml" and declared:
                override = f'<Override PartName="/word/{name}" ContentType="{declared}"/></Types>'
                content = content.replace(b"</Types>", override.encode())
            new.writestr(entry, content)
        new.writestr(f"word/{name}", data)
    return output.getvalue()


def parse(data: bytes) -> Document:
    document = DocxParser().parse(REF, data)
    check_document(document)
    return document


def word_file(words: str) -> bytes:
    made, stream = docx.Document(), io.BytesIO()
    made.add_heading(words, 2)
    made.save(stream)
    return stream.getvalue()


PAGE = "<html><body><h2>Rates</h2><table><tr><td>a</td><td>b</td></tr></table></body></html>"
MHT = ("MIME-Version: 1.0\nFrom: <Saved by Word>\nContent-Type: multipart/related; boundary=B\n\n--B\n"
       "Content-Type: text/html\n\n<h2>Rates</h2><p>Words.</p><img src='p.png' alt='The map'><p>End.</p>\n--B\n"
       "Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Location: file:///C:/p.png\n\n"
       f"{base64.encodebytes(png()).decode()}\n--B--\n")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "declared", "blocks"),
    [
        ("chunk.html", PAGE.encode(), "", [("heading", "Rates"), ("table", "| a | b |")]),
        ("chunk.dat", PAGE.encode(), "text/html; charset=utf-8", [("heading", "Rates"), ("table", "| a | b |")]),
        ("chunk.txt", "One für\r\nalle.\r\n\r\nTwo.".encode(), "", [("text", "One für\nalle."), ("text", "Two.")]),
        ("chunk.rtf", rb"{\rtf1\ansi\pard Rich words.\par}", "", [("text", "Rich words.")]),
        ("chunk.docx", word_file("Inner"), f"{DOCX}.main+xml", [("heading", "Inner")]),
        ("chunk.bin", word_file("Inner"), "", [("heading", "Inner")]),
        ("chunk.mht", MHT.encode(), "message/rfc822",
         [("heading", "Rates"), ("text", "Words."), ("image", "The map"), ("text", "End.")]),
        ("chunk.bin", b"\1\2\0\3" * 99, "", [("text", f"word/chunk.bin (of the type {OCTETS}, not read)")]),
        ("chunk.docx", word_file("Inner")[:900], "", [("text", "word/chunk.docx (damaged, not read)")]),
        ("chunk.html", b"", "", []),
    ],
)  # fmt: skip
def test_a_chunk_is_read_where_it_stands(name: str, data: bytes, declared: str, blocks: list[tuple[str, str]]):
    document = parse(with_chunk(name, data, declared))
    found = [(block.kind, block.text) for block in document.blocks]
    assert found[0] == ("text", "Before.")
    assert [(kind, text.split("\n|")[0] if kind == "table" else text) for kind, text in found[1:-1]] == blocks
    assert found[-1] == ("text", "After.")


def test_pictures_of_a_chunk_are_pictures():
    address = "data:image/png;base64," + base64.b64encode(png()).decode()
    document = parse(with_chunk("chunk.html", f"<p>One.</p><img alt='A map' src='{address}'>".encode()))
    (picture,) = document.pictures
    assert document.text[picture.start : picture.end] == "A map"
    assert len(parse(with_chunk("chunk.mht", MHT.encode())).pictures) == 1


def test_a_chunk_in_a_cell_is_the_cells_text():
    cells = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Left</w:t></w:r></w:p></w:tc><w:tc>{}<w:p/></w:tc></w:tr></w:tbl>"
    address = "data:image/png;base64," + base64.b64encode(png()).decode()
    page = f"<h2>In a</h2><p>cell.</p><img src='{address}'>".encode()
    document = parse(with_chunk("chunk.html", page, wrap=cells))
    assert "| Left | In a cell. |" in document.text
    assert len(document.pictures) == 1


def test_a_chunk_is_read_once_and_documents_in_documents_to_a_depth():
    assert parse(with_chunk("chunk.txt", b"Some words.", times=5)).text.count("Some words.") == 1
    data = word_file("Innermost")
    for _ in range(3):
        data = with_chunk("chunk.docx", data)
    assert "Innermost" in parse(data).text
    text = parse(with_chunk("chunk.docx", data)).text
    assert "Innermost" not in text
    assert "word/chunk.docx (nested too deeply, not read)" in text
