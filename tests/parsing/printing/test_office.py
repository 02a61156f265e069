"""Pages of Office files as LibreOffice prints them, and where a span of the text stands on them."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import docx
import psutil
import pypdfium2
import pytest
import xlsxwriter
from docx.enum.text import WD_BREAK
from PIL import Image
from pptx import Presentation

from assistant.adapters.blobs import FolderBlobs
from assistant.errors import DamagedDocumentError, NotFoundError, ParserCrashedError, UnsupportedFormatError
from assistant.parsing.media_types import DOCX, PPTX, XLSX
from assistant.parsing.printing import office as office_pages
from assistant.parsing.printing.find import find_boxes
from assistant.parsing.printing.office import OfficePages, convert, find_office
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import Box, Document, DocumentRef, Page
from tests.fakes.pdf import make_pdf

ODT = "application/vnd.oasis.opendocument.text"
MEMORY = 2 << 30
needs_office = pytest.mark.skipif(find_office() is None, reason="LibreOffice (soffice) is not installed")


def ref(media_type: str = DOCX, key: str = "a.docx", version: str = "v1") -> DocumentRef:
    return DocumentRef("files", key, version, key, "", media_type)


def word_file(*pages: Sequence[str]) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    for number, page in enumerate(pages):
        for paragraph in page:
            added = document.add_paragraph(paragraph)
        if number + 1 < len(pages):
            added.add_run().add_break(WD_BREAK.PAGE)
    document.save(stream)
    return stream.getvalue()


def slides(*titles: str, hidden: int = 0) -> bytes:
    deck, stream = Presentation(), io.BytesIO()
    for title in titles:
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = title
    if hidden:
        deck.slides[hidden - 1]._element.set("show", "0")
    deck.save(stream)
    return stream.getvalue()


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return stream.getvalue()


def page_texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as file:
        return [page.get_textpage().get_text_range() for page in file]


def odt(body: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
        for name, space in [("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible")]
    )
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", ODT)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/" m:media-type="{ODT}"/>'
            '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">'
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
    return stream.getvalue()


class TestFind:
    """Needs no LibreOffice: a PDF is a PDF."""

    PAGES = (
        ["Travel policy", "Hotels cost 140 euros at most.", "Berlin 140", "Paris 190"],
        ["Travel policy", "Hotels cost 140 euros at most.", "Meals are paid by day.", "Rome 1400"],
    )
    TEXT = (
        "# Travel policy\n\n- Hotels cost 140 euros at most.\n\n| City | Limit |\n| --- | --- |\n| Berlin | 140 |\n"
        "| Paris | 190 |\n\nHotels cost 140 euros at most.\n\nMeals are paid by day.\n\nNotes that are not printed."
    )

    def boxes(self, words: str, after: str = "", page: int | None = None, text: str = TEXT) -> list[int]:
        start = text.index(words, text.index(after))
        found = find_boxes(ref(), make_pdf(self.PAGES), text, start, start + len(words), page)
        assert all(box.left < box.right and box.top < box.bottom for box in found)
        return [box.page for box in found]

    def test_marks_of_lists_and_tables_do_not_count(self) -> None:
        assert self.boxes("| Berlin | 140 |\n| Paris | 190 |") == [1, 1]
        assert self.boxes("Meals are paid by day.") == [2]

    def test_repeated_words_stand_where_their_surroundings_do(self) -> None:
        assert self.boxes("Hotels cost 140 euros at most.") == [1]
        assert self.boxes("Hotels cost 140 euros at most.", after="| Paris") == [2]
        assert self.boxes("140", after="| Berlin") == [1]

    def test_the_given_page_comes_first(self) -> None:
        assert self.boxes("Hotels cost 140 euros at most.", page=2) == [2]
        assert self.boxes("Meals are paid by day.", page=1) == [2]
        assert self.boxes("Meals are paid by day.", page=9) == [2]

    def test_what_is_not_printed_is_not_marked(self) -> None:
        assert self.boxes("Notes that are not printed.") == []
        assert self.boxes("| --- | --- |") == []
        assert self.boxes("00", text="00") == []

    def test_a_page_may_end_within_the_span(self) -> None:
        text = "Berlin 140 Paris 190\n\nHotels cost 140 euros at most. Meals are paid by day."
        assert self.boxes("Paris 190\n\nHotels cost 140 euros at most. Meals", text=text) == [1, 2, 2]

    def test_a_number_that_only_the_document_shows_costs_nothing_but_itself(self) -> None:
        assert self.boxes("7. Meals are paid by day.", text="7. Meals are paid by day.") == [2]

    def test_other_forms_of_the_same_letters(self) -> None:
        text = "MEALS ARE\u00a0PAID BY D\u00e1Y"
        assert self.boxes(text, text=text) == [2]

    def test_a_long_text_that_stands_nowhere_takes_no_time(self) -> None:
        text = " ".join(f"unknown{number}" for number in range(20_000))
        started = time.thread_time()
        assert self.boxes(text, text=text) == []
        assert time.thread_time() - started < 10


class TestConvertWithoutOffice:
    def test_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(office_pages.shutil, "which", lambda _: None)
        with pytest.raises(UnsupportedFormatError, match=r"a\.docx") as caught:
            convert(b"", DOCX, 10, MEMORY, "a.docx")
        assert caught.value.hint == "install LibreOffice"

    def test_other_types(self) -> None:
        assert not OfficePages.shows("text/plain")
        with pytest.raises(UnsupportedFormatError, match="text/plain cannot be shown"):
            convert(b"", "text/plain", 10, MEMORY)


def fake_office(folder: Path, script: str) -> str:
    """Return the path of a program that stands for LibreOffice."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def ended(pid: int) -> bool:
    """Whether the process is gone, or soon: nobody waits for the end of those that LibreOffice left."""
    for _ in range(100):
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return True
    return False


@pytest.mark.skipif(os.name != "posix", reason="LibreOffice is confined on POSIX only")
class TestLimits:
    @pytest.fixture
    def office(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        def install(script: str) -> None:
            program = fake_office(tmp_path, script)
            monkeypatch.setattr(office_pages, "find_office", lambda: program)

        return install

    def test_time(self, office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        class Started(subprocess.Popen):
            def wait(self, timeout: float | None = None) -> int:
                while timeout is not None and not (tmp_path / "child").exists():  # its time begins with its child
                    assert time.monotonic() - started < 60, "it does not start"
                    time.sleep(0.01)
                return super().wait(timeout)

        office(f"sleep 600 & echo $! > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/child; wait")
        monkeypatch.setattr(subprocess, "Popen", Started)
        started = time.monotonic()
        with pytest.raises(ParserCrashedError, match=r"a\.docx: LibreOffice ran over its limit of 1 seconds") as caught:
            convert(b"x", DOCX, 1, MEMORY, "a.docx")
        assert time.monotonic() - started < 90
        assert "ASSISTANT_PARSE_SECONDS" in caught.value.hint
        assert ended(int((tmp_path / "child").read_text()))

    def test_a_crash(self, office) -> None:
        office("kill -ABRT $$")
        with pytest.raises(ParserCrashedError, match=r"crashed over it \(SIGABRT; its limits are 2,048 MB") as caught:
            convert(b"x", DOCX, 60, MEMORY, "a.docx")
        assert "ASSISTANT_PARSE_MEMORY_MB" in caught.value.hint

    def test_nothing_comes_out(self, office) -> None:
        office("echo 'Error: source file could not be loaded'")
        with pytest.raises(DamagedDocumentError, match="no pages of it: Error: source file could not be loaded"):
            convert(b"x", DOCX, 60, MEMORY, "a.docx")

    def test_limits_and_environment(self, office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ASSISTANT_SECRET", "s3cret")
        office(f"(ulimit -v; ulimit -t; ulimit -f; ulimit -c; pwd; env) > {tmp_path}/said")
        with pytest.raises(DamagedDocumentError):
            convert(b"x", DOCX, 60, MEMORY)
        memory, seconds, _, core, folder, *environment = (tmp_path / "said").read_text().splitlines()
        assert (memory, seconds, core) == (str(MEMORY // 1024), "61", "0")
        assert not any("s3cret" in line for line in environment)
        assert not Path(folder).exists()

    def test_the_first_start_with_a_profile_is_followed_by_another(self, office, tmp_path: Path) -> None:
        office(f"echo once >> {tmp_path}/starts; exit 81")
        with pytest.raises(DamagedDocumentError):
            convert(b"x", DOCX, 60, MEMORY)
        assert (tmp_path / "starts").read_text().split() == ["once", "once"]


@needs_office
class TestConvert:
    def test_word(self) -> None:
        first, second = page_texts(convert(word_file(["Travel is booked early."], ["Meals."]), DOCX, 60, MEMORY))
        assert first.strip() == "Travel is booked early."
        assert second.strip() == "Meals."

    def test_hidden_slides_keep_the_numbers_of_the_others(self) -> None:
        pages = page_texts(convert(slides("One", "Two", "Three", hidden=2), PPTX, 60, MEMORY))
        assert [page.strip() for page in pages] == ["One", "Two", "Three"]

    def test_workbook(self) -> None:
        assert "Turnover 90" in " ".join(
            page_texts(convert(workbook([["Turnover", "90"]]), XLSX, 60, MEMORY))[0].split()
        )

    def test_damaged(self) -> None:
        with pytest.raises(DamagedDocumentError, match=r"a\.docx: LibreOffice makes no pages of it"):
            convert(b"no Word file at all", DOCX, 60, MEMORY, "a.docx")

    def test_another_format_than_the_declared_one_is_not_opened(self) -> None:
        with pytest.raises(DamagedDocumentError):
            convert(word_file(["Words."]), "application/vnd.ms-powerpoint", 60, MEMORY)

    def test_too_little_memory(self) -> None:
        with pytest.raises(ParserCrashedError, match=r"a\.docx: LibreOffice crashed over it"):
            convert(word_file(["Words."]), DOCX, 60, 64 << 20, "a.docx")

    def test_files_beside_the_document_are_not_drawn_into_it(self, tmp_path: Path) -> None:
        Image.new("RGB", (20, 20), (255, 0, 0)).save(tmp_path / "secret.png")
        (tmp_path / "secret.txt").write_text("secret words", encoding="utf-8")
        place = tmp_path.as_uri()
        pdf = convert(
            odt(
                f'<text:p>Begin<draw:frame text:anchor-type="as-char" svg:width="2cm" svg:height="2cm"><draw:image '
                f'xlink:href="{place}/secret.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
                f'</draw:frame></text:p><text:section text:name="s"><text:section-source '
                f'xlink:href="{place}/secret.txt"/><text:p>stale</text:p></text:section>'
            ),
            ODT,
            60,
            MEMORY,
        )
        assert "secret" not in page_texts(pdf)[0]
        with pypdfium2.PdfDocument(pdf) as file:
            colours = file[0].render(scale=1).to_pil().convert("RGB").getcolors(1 << 20) or []
        assert all(red - blue < 60 for _, (red, _, blue) in colours)


class Printer:
    """A `PagePool` that prints a fixed PDF and says how often."""

    def __init__(self, pages: Sequence[Sequence[str]]) -> None:
        self.pdf = make_pdf(pages)
        self.printed_versions: list[str] = []
        self.passwords: list[Sequence[str]] = []
        self.asked: list[int | None] = []
        self.lock = threading.Lock()  # PDFium works on one thread at a time

    def printed(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> bytes:
        time.sleep(0.05)
        self.printed_versions.append(ref.version)
        self.passwords.append(passwords)
        return self.pdf

    def find(self, document: Document, pdf: bytes, start: int, end: int, page: int | None) -> tuple[Box, ...]:
        self.asked.append(page)
        with self.lock:
            return find_boxes(document.ref, pdf, document.text, start, end, page)

    def boxes(self, *args: object) -> tuple[Box, ...]:
        raise AssertionError("its pages are those of the print")

    def draw(
        self,
        parser: str,
        ref: DocumentRef,
        data: bytes,
        page: int,
        highlights: object,
        width: int,
        passwords: Sequence[str] = (),
    ) -> bytes:
        assert (parser, ref.media_type, data) == ("pdf", "application/pdf", self.pdf)
        return b"drawn"


class TestOfficePages:
    def test_each_version_is_printed_once_and_kept(self, tmp_path: Path) -> None:
        blobs, printer = FolderBlobs(tmp_path), Printer([["Words."]])
        pages = OfficePages(blobs, printer)
        document = Document(ref(), "Words.")
        threads = [
            threading.Thread(target=pages.boxes, args=("docx", document, b"", 0, 6, ["secret"])) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert pages.draw("docx", ref(), b"", 1, (), 300) == b"drawn"
        assert printer.printed_versions == ["v1"]
        assert printer.passwords == [["secret"]]
        assert list(blobs.keys()) == [f"pages/{ref().id}/v1"]
        pages.draw("docx", ref(version="v2"), b"", 1, (), 300)
        assert printer.printed_versions == ["v1", "v2"]
        pages.forget(ref())
        assert list(blobs.keys()) == [f"pages/{ref().id}/v2"]

    def test_slides_are_pages_and_sheets_are_not(self, tmp_path: Path) -> None:
        printer = Printer([["Words."], ["Words."]])
        pages = OfficePages(FolderBlobs(tmp_path), printer)
        for media_type, asked in ((PPTX, 2), (XLSX, None)):
            document = Document(ref(media_type, media_type), "Words.\n\nWords.", pages=(Page(1, 0, 6), Page(2, 8, 14)))
            (box,) = pages.boxes("parser", document, b"", 8, 14)
            assert box.page == 2
            assert printer.asked.pop() == asked
            assert pages.page_of(document, 8) == asked


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(1, MEMORY, 60, 1 << 24) as made:
        yield made


@needs_office
def test_in_their_processes(pool: ParserPool, tmp_path: Path) -> None:
    data = word_file(["Travel is booked early."], ["Hotels cost 140 euros."])
    document = pool.parse("docx", ref(), data)
    pages = OfficePages(FolderBlobs(tmp_path), pool)
    start = document.text.index("140 euros")
    (box,) = pages.boxes("docx", document, data, start, start + 9)
    assert box.page == 2
    image = Image.open(io.BytesIO(pages.draw("docx", ref(), data, 2, [box], 400)))
    assert image.width == 400
    with pytest.raises(NotFoundError, match="no page 3"):
        pages.draw("docx", ref(), data, 3, (), 400)
