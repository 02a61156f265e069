"""Pages of Office files as LibreOffice prints them, where it is installed, with a span of their text marked."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from assistant.errors import DamagedDocumentError, NotFoundError, ParserCrashedError, UnsupportedFormatError
from assistant.interfaces import BlobStore, PagePool
from assistant.parsing.media_types import DOCX, PPTX, XLSX
from assistant.types import Box, Document, DocumentRef

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_WORD, _WORD_XML = "MS Word 97", "MS Word 2007 XML"
_SHEETS_XML, _SLIDES_XML = "Calc MS Excel 2007 XML", "Impress MS PowerPoint 2007 XML"
# Media type -> the name's extension, the only format that is tried, what kind of file it is.
_FORMATS = {
    "application/msword": ("doc", _WORD, "writer"),
    "application/rtf": ("rtf", "Rich Text Format", "writer"),
    DOCX: ("docx", _WORD_XML, "writer"),
    f"{_OFFICE}wordprocessingml.template": ("dotx", _WORD_XML, "writer"),
    "application/vnd.ms-word.document.macroenabled.12": ("docm", _WORD_XML, "writer"),
    f"{_ODF}text": ("odt", "writer8", "writer"),
    "application/vnd.ms-excel": ("xls", "MS Excel 97", "calc"),
    XLSX: ("xlsx", _SHEETS_XML, "calc"),
    "application/vnd.ms-excel.sheet.macroenabled.12": ("xlsm", _SHEETS_XML, "calc"),
    f"{_ODF}spreadsheet": ("ods", "calc8", "calc"),
    "application/vnd.ms-powerpoint": ("ppt", "MS PowerPoint 97", "impress"),
    PPTX: ("pptx", _SLIDES_XML, "impress"),
    f"{_OFFICE}presentationml.slideshow": ("ppsx", _SLIDES_XML, "impress"),
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": ("pptm", _SLIDES_XML, "impress"),
    f"{_ODF}presentation": ("odp", "impress8", "impress"),
}
_OPTIONS = (
    '{"ReduceImageResolution":{"type":"boolean","value":"true"},"MaxImageResolution":{"type":"long","value":"150"},'
    # A slide that is left out would move the pages of all that follow.
    '"ExportHiddenSlides":{"type":"boolean","value":"true"},"ExportBookmarks":{"type":"boolean","value":"false"}}'
)
_START_AGAIN = 81  # how a first start with a new profile ends
_CRASHED = frozenset({77, 127, 134, 137, 139})
_MAX_PDF = 256 * 1024 * 1024
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{}</oor:items>
"""
_SETTING = (
    '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>\n'
)
# Nothing in a document may run, and nothing beside it may be read into it.
_CLOSED = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "DisablePythonRuntime", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "2"),
    ("Common/Load", "ViewPosition", "0"),
)


class OfficePages:
    """Shows pages of Office files as LibreOffice prints them. Safe to use from several threads, which wait in line.

    Page numbers are those of the print. For presentations they are the slides' own.

    Args:
        blobs: keeps what was printed, until there is another version of the document.
        pool: does the work.
    """

    def __init__(self, blobs: BlobStore, pool: PagePool) -> None:
        self._blobs = blobs
        self._pool = pool
        self._one_at_a_time = threading.Lock()

    @staticmethod
    def shows(media_type: str) -> bool:
        """Whether files of this type can be printed."""
        return media_type in _FORMATS

    def boxes(
        self, parser: str, document: Document, data: bytes, start: int, end: int, passwords: Sequence[str] = ()
    ) -> tuple[Box, ...]:
        """Return where `document.text[start:end]` stands on the pages, a box a line; nothing if it is not printed.

        Args:
            parser: the document's parser, by name.
            document: the stored document.
            data: its file.
            start: where the span begins.
            end: where it ends (exclusive).
            passwords: tried where the file is encrypted.

        Raises:
            AssistantError: as `convert` and `ParserPool.parse`.
        """
        pdf = self._pdf(parser, document.ref, data, passwords)
        return self._pool.find(document, pdf, start, end, self.page_of(document, start))

    def draw(
        self,
        parser: str,
        ref: DocumentRef,
        data: bytes,
        page: int,
        highlights: Sequence[Box],
        width: int,
        passwords: Sequence[str] = (),
    ) -> bytes:
        """Return a page as a PNG, `width` pixels wide, with the boxes that stand on it highlighted.

        Raises:
            NotFoundError: there is no such page.
            AssistantError: as `boxes`.
        """
        pdf = self._pdf(parser, ref, data, passwords)
        return self._pool.draw("pdf", replace(ref, media_type=PDF), pdf, page, highlights, width)

    def page_of(self, document: Document, start: int) -> int | None:
        """Return the page of a character by the document alone: of presentations only, whose slides are pages."""
        return document.page_at(start) if _FORMATS[document.ref.media_type][2] == "impress" else None

    def forget(self, ref: DocumentRef) -> None:
        """Delete what is kept of this version."""
        self._blobs.delete(_pages_key(ref))

    def _pdf(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str]) -> bytes:
        """Return what is printed of this version, printed now if it never was."""
        key = _pages_key(ref)
        with self._one_at_a_time:
            with contextlib.suppress(NotFoundError):
                return self._blobs.get(key)
            pdf = self._pool.printed(parser, ref, data, passwords)
            self._blobs.put(key, pdf)
            return pdf


def _pages_key(ref: DocumentRef) -> str:
    return f"pages/{ref.id}/{ref.version}"


def find_office() -> str | None:
    """Return the path of LibreOffice's program, None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        return None
    beside = Path(found).resolve().with_name("soffice.bin")  # without the script and the watcher around it
    return str(beside) if beside.is_file() else found


def convert(data: bytes, media_type: str, seconds: float, memory_bytes: int, key: str = "document") -> bytes:
    """Return an Office file as a PDF.

    LibreOffice runs in a process group of its own with a profile, a folder and an environment that are new each time,
    with macros and links off, without network (where the kernel allows to take it away; see `limits.confine`), and
    with limits of memory, of CPU and wall-clock time and of the size of what it writes.

    Args:
        data: the file's bytes, not encrypted.
        media_type: what they are.
        seconds: CPU and wall-clock limit.
        memory_bytes: limit of the address space.
        key: the document's key, for the errors.

    Raises:
        UnsupportedFormatError: LibreOffice is not installed, or the file is none of its formats.
        ParserCrashedError: LibreOffice died, or ran over its time or memory.
        DamagedDocumentError: LibreOffice makes nothing of it.
    """
    if media_type not in _FORMATS:
        raise UnsupportedFormatError(f"{key}: pages of {media_type} cannot be shown", "open the original")
    program = find_office()
    if program is None:
        raise UnsupportedFormatError(
            f"{key}: pages of {media_type} are shown by LibreOffice only", "install LibreOffice"
        )
    extension, reads, kind = _FORMATS[media_type]
    with tempfile.TemporaryDirectory(prefix="assistant-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        file = folder / f"document.{extension}"
        file.write_bytes(data)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        settings = "".join(_SETTING.format(*setting) for setting in _CLOSED)
        (user / "registrymodifications.xcu").write_text(_SETTINGS.format(settings), encoding="utf-8")
        command = [
            *(program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
            *(f"-env:UserInstallation={(folder / 'profile').as_uri()}", f"--infilter={reads}"),
            *("--convert-to", f"pdf:{kind}_pdf_Export:{_OPTIONS}", "--outdir", str(folder), str(file)),
        ]
        limited = _Limited(key, folder, seconds, memory_bytes)
        if limited.run(command) == _START_AGAIN:
            limited.run(command)
        return limited.written(folder / "document.pdf")


class _Limited:
    """Runs LibreOffice in a folder, and says in errors what became of it."""

    def __init__(self, key: str, folder: Path, seconds: float, memory_bytes: int) -> None:
        self._key = key
        self._folder = folder
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._status = 0
        self._words = b""

    def run(self, command: Sequence[str]) -> int:
        """Run it to its end and return its status, negative where a signal ended it.

        Raises:
            ParserCrashedError: it runs over its time.
        """
        limits = (os.getpid(), self._memory_bytes, math.ceil(self._seconds) + 1, _MAX_PDF)
        launcher = [sys.executable, "-I", str(Path(__file__).parents[1] / "process" / "confined.py"), *map(str, limits)]
        # Nothing of this process's environment is passed on: it may hold passwords.
        home = str(self._folder)
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": home, "TMPDIR": home, "SAL_USE_VCLPLUGIN": "svp"}
        with tempfile.TemporaryFile() as output:
            child = subprocess.Popen(  # noqa: S603 (our own interpreter, LibreOffice by its path)
                [*launcher, *command],
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                self._status = child.wait(self._seconds)
            except subprocess.TimeoutExpired as error:
                raise ParserCrashedError(
                    f"{self._key}: LibreOffice ran over its limit of {self._seconds:g} seconds",
                    "raise ASSISTANT_PARSE_SECONDS",
                ) from error
            finally:
                _end(child)
            self._words = _last(output)
        return self._status

    def written(self, path: Path) -> bytes:
        """Return what it wrote.

        Raises:
            ParserCrashedError: it died over it.
            DamagedDocumentError: it wrote nothing.
        """
        if self._status < 0 or self._status in _CRASHED:
            number = -self._status if self._status < 0 else self._status - 128
            known = number in {item.value for item in signal.Signals}
            cause = signal.Signals(number).name if known else f"status {self._status}"
            limit = self._memory_bytes // (1024 * 1024)
            raise ParserCrashedError(
                f"{self._key}: LibreOffice crashed over it ({cause}; its limits are {limit:,} MB and "
                f"{self._seconds:g} seconds)",
                "raise ASSISTANT_PARSE_MEMORY_MB",
            )
        data = path.read_bytes() if path.is_file() else b""
        if not data.startswith(b"%PDF-"):
            words = " ".join(self._words.decode("utf-8", errors="replace").replace(str(self._folder), "").split())
            said = f": {words[-200:]}" if words else ""
            raise DamagedDocumentError(f"{self._key}: LibreOffice makes no pages of it{said}", "open and save it again")
        return data


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill what is still there of a process and of all that it started."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _last(stream: IO[bytes]) -> bytes:
    stream.seek(0, os.SEEK_END)
    stream.seek(max(0, stream.tell() - 4096))
    return stream.read()
