"""What people attach: pictures alone, within bounds, new files of their pixels, with the words in them."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from assistant.access import AttachmentTaker
from assistant.errors import ConfigurationError, DamagedDocumentError, UnsupportedFormatError
from assistant.registry import PluginRegistry, load_registry
from assistant.types import Block, Document, DocumentRef
from tests.fakes.album import png


class Words:
    """Recognises what it is told to."""

    def __init__(self, text: str = "", error: Exception | None = None) -> None:
        self.text, self.error = text, error
        self.parsed: list[tuple[str, str]] = []

    def parse(self, parser: str, ref: DocumentRef, data: bytes) -> Document:
        self.parsed.append((parser, ref.media_type))
        if self.error:
            raise self.error
        notice = "[A line cannot be read.]"
        start = len(self.text) + 1
        block = Block("notice", notice, start, start + len(notice))
        return Document(ref, f"{self.text}\n{notice}", (block,))


def taker(words: Words, *, most: int = 2, max_bytes: int = 100_000, registry: PluginRegistry | None = None):
    return AttachmentTaker(words, registry or load_registry(), most, max_bytes)


def test_a_picture_is_a_new_file_with_its_words() -> None:
    noted = PngInfo()
    noted.add_text("Comment", "secret")
    target = BytesIO()
    Image.new("RGB", (4032, 100), "red").save(target, "PNG", pnginfo=noted)
    words = Words("Error E-17")
    (taken,) = taker(words).take([("C:\\shots\\my\nshot.png", target.getvalue())])
    assert (taken.name, taken.media_type, taken.text, taken.carried) == (
        "my shot.png",
        "image/png",
        "Error E-17",
        False,
    )
    assert Image.open(BytesIO(taken.data)).size == (2016, 50)
    assert b"secret" not in taken.data
    assert words.parsed[0][1] == "image/png"


@pytest.mark.parametrize("error", [DamagedDocumentError("no text"), UnsupportedFormatError("no")])
def test_a_picture_without_words_is_taken(error: Exception) -> None:
    (taken,) = taker(Words(error=error)).take([("", png("red"))])
    assert (taken.name, taken.text) == ("picture 1", "")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a.png", png("red"))] * 3, "3 pictures are attached; a question may have 2"),
        ([("a.pdf", b"%PDF-1.7 nonsense")], "the attachment 'a.pdf' cannot be taken: the picture cannot be decoded"),
        ([("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")], "the attachment 'a.svg' cannot be taken"),
        ([("a.png", png("red")[:50])], "the attachment 'a.png' cannot be taken"),
        ([("a.png", b"x" * 100_001)], "the attachment 'a.png' has 100,001 bytes; 100,000 are allowed"),
    ],
)
def test_what_is_not_taken_is_said(files, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        taker(Words()).take(files)
    assert caught.value.message.startswith(said)
    assert caught.value.hint


def test_where_none_may_be_attached_the_setting_is_named() -> None:
    with pytest.raises(ConfigurationError, match="a question may have 0") as caught:
        taker(Words(), most=0).take([("a.png", png("red"))])
    assert "question_attachments" in caught.value.hint
    assert taker(Words(), most=0).take([]) == ()
