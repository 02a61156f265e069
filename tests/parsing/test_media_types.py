from __future__ import annotations

import pytest

from assistant.parsing.media_types import DOCX, OCTETS, PPTX, XLSX, detect_media_type
from tests.fakes.docx import zip_docx
from tests.fakes.pdf import make_pdf

PNG = b"\x89PNG\r\n\x1a\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.txt", b"text", "text/plain"),
        ("README", b"text", "text/plain"),
        ("notes.unknown", b"text", "text/plain"),
        ("blob", b"\0\1\2", OCTETS),
        ("a.log", b"2026 started", "text/plain"),
        ("a.txt", b"te\0xt", "text/plain"),
        ("a.txt", "text".encode("utf-16"), "text/plain"),
        ("a", "text".encode("utf-16"), "text/plain"),
        ("A.MD", b"# x", "text/markdown"),
        ("a.md", b"<!doctype html><html>", "text/markdown"),
        ("a.markdown", b"<div align=center>", "text/markdown"),
        ("a.htm", b"<p>x", "text/html"),
        ("page", b"\xef\xbb\xbf \n<!-- c --><!DOCTYPE html>", "text/html"),
        ("a.txt", b"<html><body>", "text/html"),
        ("a.bin", make_pdf([["x"]]), "application/pdf"),
        ("a.fuzz", b"junk\n%PDF-1.4", "application/pdf"),
        ("a.pdf", b"no pdf at all", "application/pdf"),
        ("a.docx", zip_docx("<w:p/>"), DOCX),
        ("report", zip_docx("<w:p/>"), DOCX),
        ("a.docx", OLE, DOCX),
        ("a.doc", OLE, "application/msword"),
        ("a.xls", OLE, "application/vnd.ms-excel"),
        ("what", OLE, "application/x-ole-storage"),
        ("what", OLE + "WordDocument".encode("utf-16-le"), "application/msword"),
        ("a.doc", OLE + "Workbook".encode("utf-16-le"), "application/vnd.ms-excel"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), DOCX),
        ("a.msg", OLE + "__substg1.0_0037".encode("utf-16-le"), "application/vnd.ms-outlook"),
        ("a.doc", zip_docx("<w:p/>"), DOCX),
        ("a.bmp", b"BM\x36\0\0\0", "image/bmp"),
        ("a.txt", b"BMW is a maker of cars.", "text/plain"),
        ("a.mbox", b"From me", "application/mbox"),
        ("a.adoc", b"= Title", "text/x-asciidoc"),
        ("a.xlsx", b"PK\x03\x04", XLSX),
        ("a.pptx", b"PK\x03\x04", PPTX),
        ("a.zip", b"PK\x03\x04", "application/zip"),
        ("a.odt", b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text",
         "application/vnd.oasis.opendocument.text"),
        ("a.png", PNG, "image/png"),
        ("a.txt", PNG, "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.svg", b"<svg xmlns=", "image/svg+xml"),
        ("drawing", b"<?xml version='1.0'?><!-- x --><svg >", "image/svg+xml"),
        ("a.xml", b"<?xml version='1.0'?><a/>", "application/xml"),
        ("a.csv", b"a,b", "text/csv"),
        ("a.json", b"{}", "application/json"),
        ("a.yml", b"a: b", "application/yaml"),
        ("a.rst", b"Title\n=====", "text/x-rst"),
        ("a.py", b"import x", "text/x-python"),
        ("a.ts", b"let x", "text/x-typescript"),
        ("a.eml", b"From: x", "message/rfc822"),
        ("sub.dir/name", b"text", "text/plain"),
        ("empty.txt", b"", "text/plain"),
        ("empty", b"", "text/plain"),
        ("empty.pdf", b"", "application/pdf"),
    ],
)  # fmt: skip
def test_media_type(name: str, head: bytes, expected: str):
    assert detect_media_type(name, head) == expected
