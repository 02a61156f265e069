from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing import register
from assistant.parsing.check import check_document
from assistant.registry import PluginRegistry
from assistant.types import Block, Document, DocumentRef, Page

REF = DocumentRef("files", "a.txt", "v1", "a.txt", "", "text/plain")


@pytest.mark.parametrize("text", ["", " \n\t\u00a0"])
def test_no_text(text: str):
    with pytest.raises(EmptyDocumentError, match=r"a\.txt"):
        check_document(Document(REF, text))


@pytest.mark.parametrize(
    "document",
    [
        Document(REF, "abc", (Block("text", "b", 0, 1),)),
        Document(REF, "abc", (Block("text", "c", 2, 4),)),
        Document(REF, "abc", (Block("text", "", -1, 0),)),
        Document(REF, "abc", pages=(Page(1, 0, 4),)),
        Document(REF, "abc", pages=(Page(2, 0, 3),)),
        Document(REF, "abc", pages=(Page(1, 0, 2), Page(2, 1, 3))),
        Document(REF, "a\0c"),
        Document(REF, "a\ud800c"),
    ],
)
def test_what_does_not_fit_is_the_parsers_bug(document: Document):
    with pytest.raises(DamagedDocumentError, match=r"a\.txt"):
        check_document(document)


def test_what_fits():
    check_document(Document(REF, "abc", (Block("text", "bc", 1, 3),), (Page(1, 0, 0), Page(2, 0, 3))))


def test_built_in_parsers_register():
    registry = PluginRegistry()
    register(registry)
    assert {parser.name for parser in registry.parsers} == {
        "code",
        "csv",
        "docx",
        "eml",
        "epub",
        "html",
        "image",
        "ipynb",
        "legacy-doc",
        "legacy-ppt",
        "light-markup",
        "markdown",
        "mbox",
        "msg",
        "tar",
        "zip",
        "odf",
        "pdf",
        "pptx",
        "rtf",
        "subtitles",
        "svg",
        "text",
        "xls",
        "winmail",
        "xlsx",
        "xml",
    }
