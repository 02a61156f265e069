from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from assistant.parsing.media_types import DOCX, OCTETS, PPTX, XLSX, detect_media_type, next_step, short_type
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


def zipped(*names: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name in names:
            archive.writestr(name, b"%PDF- PK word/document.xml")
    return output.getvalue()


def tarred(data: bytes) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as archive:
        entry = tarfile.TarInfo("a.pdf")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return output.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.zip", zipped("word/document.xml", "a.txt"), "application/zip"),
        ("a", zipped("xl/workbook.xml", "ppt/x"), "application/zip"),
        ("a.zip", zipped("sub/[Content_Types].xml", "sub/word/document.xml"), "application/zip"),
        ("a.zip", zipped("[Content_Types].xml", "word/picture.png"), "application/zip"),
        ("a.zip", zipped("[Content_Types].xml", "word/document.xml"), DOCX),
        ("a", zipped("[Content_Types].xml", "word/document2.xml"), DOCX),
        ("a.xls", zipped("[Content_Types].xml", "xl/workbook.bin"), XLSX),
        ("a", zipped("[Content_Types].xml", "ppt/presentation.xml"), PPTX),
        ("a.tar", zipped("a.txt"), "application/zip"),
        ("a.zip", zip_docx("<w:p/>")[:-30], "application/zip"),
        ("a.zip", b"PK\x05\x06" + b"\xff" * 18, "application/zip"),
        ("a.tar", tarred(b"%PDF-1.4"), "application/x-tar"),
        ("a", tarred(b"words"), "application/x-tar"),
        ("a.tgz", gzip.compress(tarred(b"words")), "application/gzip"),
        ("a.tar.gz", gzip.compress(b"words"), "application/gzip"),
        ("a.tar.bz2", b"BZh91AY", "application/x-bzip2"),
        ("a.txz", b"\xfd7zXZ\0", "application/x-xz"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        ("empty.7z", b"", "application/x-7z-compressed"),
        ("a.ndjson", b"{}", "application/jsonl"),
        ("how.md", b"# Marks\n\nA PDF begins with %PDF-1.4", "text/markdown"),
        ("b", OLE + "__properties_version1.0".encode("utf-16-le") + "EncryptedPackage".encode("utf-16-le"),
         "application/vnd.ms-outlook"),
        ("inbox", b"From a@b.c Mon Nov  4 10:00:00 2024\nFrom: a@b.c\n", "application/mbox"),
        ("inbox", b"From here on it is 2024\n", "text/plain"),
        ("letter", b"Received: from mx by host; Mon\n", "message/rfc822"),
        ("doc.p7s", b"MIME-Version: 1.0\nContent-Type: text/plain\n", "message/rfc822"),
    ],
)  # fmt: skip
def test_archives_and_mails_are_known_by_what_they_hold(name: str, data: bytes, expected: str):
    assert detect_media_type(name, data) == expected


@pytest.mark.parametrize(
    ("media_type", "words"),
    [
        ("application/x-7z-compressed", "unpack it"),
        ("application/vnd.rar", "pack them as ZIP"),
        ("video/mp4", "transcript"),
        ("application/octet-stream", "the right ending"),
        ("application/vnd.visio", "assistant plugins list"),
    ],
)
def test_what_no_parser_reads_has_a_next_step(media_type: str, words: str):
    assert words in next_step(media_type)


def test_short_names_of_types():
    known = {
        "text/plain": "txt",
        "text/html": "html",
        "message/rfc822": "eml",
        DOCX: "docx",
        XLSX: "xlsx",
        PPTX: "pptx",
    }
    known |= {"application/pdf": "pdf", "image/jpeg": "jpg", "image/tiff": "tiff", OCTETS: "", "": ""}
    known |= {"application/vnd.of-nobody.known-to-anybody": "known-to-any", "text/x-own": "own"}
    assert {media_type: short_type(media_type) for media_type in known} == known
