"""Apple's iWork documents: only what they carry as a preview is read, and that is said."""

from __future__ import annotations

import pytest

from assistant.errors import EmptyDocumentError, EncryptedDocumentError
from tests.parsing.archives.test_zip import packed, parse

NEW = (("Index/Document.iwa", b"\x00snappy"), ("Metadata/Properties.plist", b"bplist00"))
OLD = (("buildVersionHistory.plist", b"<plist/>"), ("index.xml", b"<sl:document/>"))


@pytest.mark.parametrize(
    ("files", "preview"),
    [
        ((*NEW, ("preview-micro.jpg", b"m"), ("preview.jpg", b"jpeg")), "preview.jpg"),
        ((*OLD, ("QuickLook/Thumbnail.jpg", b"t"), ("QuickLook/Preview.pdf", b"%PDF-")), "QuickLook/Preview.pdf"),
        ((("buildVersionHistory.plist", b"x"), ("index.apxl", b"x"), ("preview.jpg", b"j")), "preview.jpg"),
    ],
)
def test_only_the_preview_is_a_member_and_the_document_says_so(files: tuple[tuple[str, bytes], ...], preview: str):
    document = parse(packed(*files))
    assert [member.name for member in document.members] == [preview]
    (notice,) = [block.text for block in document.blocks if block.kind == "notice"]
    assert "Apple iWork" in notice
    assert "export it" in notice


@pytest.mark.parametrize("files", [NEW, OLD])
def test_without_a_preview_the_next_step_is_said(files: tuple[tuple[str, bytes], ...]):
    with pytest.raises(EmptyDocumentError, match=r"a\.zip: an Apple iWork document without a preview") as caught:
        parse(packed(*files))
    assert "export it as PDF" in caught.value.hint


def test_a_password_is_said():
    with pytest.raises(EncryptedDocumentError, match=r"a\.zip: the iWork document asks for a password"):
        parse(packed(*NEW, (".iwpv2", b"verifier")))


def test_an_archive_with_files_of_such_names_is_no_iwork_document():
    document = parse(packed(("index.xml", b"<a/>"), ("preview.jpg", b"j"), ("notes.txt", b"words")))
    assert len(document.members) == 3
