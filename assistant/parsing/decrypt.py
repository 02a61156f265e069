"""Opens encrypted files with their source's passwords, so that parsers only ever see what is not encrypted."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from assistant.errors import EncryptedDocumentError
from assistant.parsing.archives.contents import MAX_ENTRIES, MAX_TOTAL, refuse_bomb, too_large
from assistant.parsing.archives.zip_names import entry_names
from assistant.parsing.decrypt_odf import opened_odf
from assistant.parsing.encryption_method import unsupported_method
from assistant.types import DocumentRef

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPS = frozenset({"application/zip", "application/x-zip-compressed"})
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OUTLOOK = "application/vnd.ms-outlook"
# What Excel and PowerPoint encrypt with where nobody set a password, and open without asking.
_UNASKED = ("VelvetSweatshop", "/01Hannes Ruescher/01")
_ENVELOPE = "EncryptedPackage".encode("utf-16-le")  # the stream that holds a new Office file
_FLAG_ENCRYPTED = 0x1
_PIECE = 1 << 18
_BROKEN = (
    *(OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, AssertionError, RuntimeError),
    *(struct.error, ExpatError),
)
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
_Opener = Callable[[DocumentRef, bytes, Sequence[str]], bytes | None]


def decrypted(ref: DocumentRef, data: bytes, passwords: Sequence[str]) -> bytes:
    """Return the bytes to be parsed: `data` itself where it is not encrypted, or so broken that its parser should say.

    PDF, Office files (new, old and OpenDocument) and ZIP archives are decrypted. Files of an archive that no password
    opens are left in it, marked as encrypted, unless all of them are. No password ever gets into an error.

    Args:
        ref: the document.
        data: the file as its source has it.
        passwords: tried in their order.

    Raises:
        EncryptedDocumentError: it asks for a password, and none of these opens it, or none could.
        DocumentTooLargeError: an archive that unpacks to more than is safe to read.
    """
    opener = _opener(ref, data)
    if opener is None:
        return data
    tried = list(dict.fromkeys(password for password in passwords if password))
    found = opener(ref, data, tried)
    if found is not None:
        return found
    run = f"run `assistant sources passwords {ref.source} FILE`"
    if not tried:
        hint = f"put its password into a file and {run}, then sync"
        raise EncryptedDocumentError(f"{ref.key}: the file asks for a password, and its source has none", hint)
    which = "the source's password does not open it"
    if len(tried) > 1:
        which = f"none of the source's {len(tried)} passwords opens it"
    hint = f"put all of the source's passwords into a file, one a line, and {run}: it replaces the list; then sync"
    raise EncryptedDocumentError(f"{ref.key}: the file is encrypted, and {which}", hint)


def may_be_encrypted(ref: DocumentRef, data: bytes) -> bool:
    """Whether `decrypted` has to look at the file. No library reads it for this, so that any process may ask."""
    return _opener(ref, data) is not None


def _opener(ref: DocumentRef, data: bytes) -> _Opener | None:
    """Return what may have to open the file, None for most: looking costs next to nothing."""
    if ref.media_type == "application/pdf":
        return _pdf if b"/Encrypt" in data else None
    if data.startswith(_OLE):
        return _office if ref.media_type != _OUTLOOK else None
    if ref.media_type in _ZIPS and data.startswith(b"PK"):
        return _zip
    if ref.media_type.startswith(_OPEN_DOCUMENT) and data.startswith(b"PK"):
        return opened_odf
    return None


def _pdf(_: DocumentRef, data: bytes, passwords: Sequence[str]) -> bytes | None:
    """Save the PDF without its encryption. Many are encrypted and open without a password: PDFium reads them so."""
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        for password in (None, *passwords):
            pdf = _open_pdf(data, password)
            if pdf is None:
                continue
            with contextlib.closing(pdf):
                if password is None:
                    return data
                plain = io.BytesIO()
                pdf.save(plain, flags=raw.FPDF_REMOVE_SECURITY)
                return plain.getvalue()
    except pdfium.PdfiumError:
        return data
    return None


def _open_pdf(data: bytes, password: str | None) -> PdfDocument | None:
    """Return the open PDF, None where it asks for another password."""
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        return pdfium.PdfDocument(data, password=password)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            return None
        raise


def _office(ref: DocumentRef, data: bytes, passwords: Sequence[str]) -> bytes | None:
    """Decrypt a DOCX, XLSX or PPTX in its OLE envelope, or a DOC, XLS or PPT."""
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    method = unsupported_method(data)  # the library takes whatever it is for AES, and the password for wrong
    if method:
        raise _no_password_helps(ref.key, f"by a method that is not supported: {method}")
    unread = (*_BROKEN, FileFormatError, ParseError, DecryptionError)
    try:
        if not msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted():
            return data
    except unread:
        return data
    refused, unknown = False, _ENVELOPE in data
    for password in (*passwords, *_UNASKED):
        plain = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))  # anew: a failed try leaves it in any state
            # Old formats verify the password here. For new ones the library's check is wrong where hashes are SHA-1
            # (Office 2010), so that it is left out: what a wrong password yields is no archive, and refused.
            file.load_key(password=password)
            file.decrypt(plain)
            return plain.getvalue()
        except InvalidKeyError:
            refused = True
        except DecryptionError:
            unknown = True
        except unread:
            continue  # no password that this kind could have, or a damaged file
    if refused:
        return None
    if not unknown:  # nothing says that it is encrypted but the library, which did not get far: its parser decides
        return data
    raise _no_password_helps(ref.key, "by a method that is not supported, or is damaged")


def _no_password_helps(key: str, how: str) -> EncryptedDocumentError:
    return EncryptedDocumentError(
        f"{key}: the file is encrypted {how}",
        "no password helps here: open it in the program that made it, and store a copy without encryption",
    )


def _zip(ref: DocumentRef, data: bytes, passwords: Sequence[str]) -> bytes | None:
    """Pack a ZIP archive anew with the files that a password opens (ZipCrypto and AES), if any is encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            locked = [entry for entry in entries if entry.flag_bits & _FLAG_ENCRYPTED]
    except _BROKEN_ZIP:
        return data
    if not locked or len(entries) > MAX_ENTRIES:
        return data
    plain, opened = _Repacked(ref.key, data, passwords).pack() if passwords else (data, 0)
    return plain if opened or len(locked) < sum(not entry.is_dir() for entry in entries) else None


class _Repacked:
    """A ZIP archive on its way to one without encryption.

    Decrypting by the older method is done in Python, some megabytes a second: a parser's limit of time holds for it.
    """

    def __init__(self, key: str, data: bytes, passwords: Sequence[str]) -> None:
        import pyzipper

        self._key = key
        self._data = data
        self._passwords = list(dict.fromkeys(raw for password in passwords for raw in _encodings(password)))
        self._left = MAX_TOTAL
        self._broken = (*_BROKEN_ZIP, pyzipper.BadZipFile)

    def pack(self) -> tuple[bytes, int]:
        """Return the new archive, and how many encrypted files a password opened."""
        import pyzipper

        opened, packed = 0, io.BytesIO()
        with (
            pyzipper.AESZipFile(io.BytesIO(self._data)) as archive,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")  # names that occur twice are the parser's business
            entries = archive.infolist()
            for entry, name in zip(entries, entry_names(entries), strict=True):
                copy = zipfile.ZipInfo(name)
                copy.external_attr, copy.create_system = entry.external_attr, entry.create_system
                copy.compress_type = zipfile.ZIP_DEFLATED
                content = b"" if entry.is_dir() else self._content(archive, entry)
                plain.writestr(copy, b"?" if content is None else content)
                locked = bool(entry.flag_bits & _FLAG_ENCRYPTED)
                opened += locked and content is not None
                if content is None and locked:
                    copy.flag_bits |= _FLAG_ENCRYPTED  # the list of files, written last, is what parsers read
                elif content is None:
                    copy.CRC ^= 1
        return packed.getvalue(), opened

    def _content(self, archive: Any, entry: Any) -> bytes | None:
        """Return a file's bytes, None where no password opens it or it is damaged."""
        attempts = self._passwords if entry.flag_bits & _FLAG_ENCRYPTED else [None]
        for password in list(attempts):
            # A wrong password may pass the check of a single byte, and is found out by what it yields.
            with contextlib.suppress(*self._broken), archive.open(entry, pwd=password) as stream:
                content = b"".join(self._pieces(stream, entry))
                self._left -= len(content)
                if password is not None:  # files of one archive mostly share their password
                    self._passwords.remove(password)
                    self._passwords.insert(0, password)
                return content
        return None

    def _pieces(self, stream: Any, entry: Any) -> Iterator[bytes]:
        length = 0
        while piece := stream.read(_PIECE):
            length += len(piece)
            refuse_bomb(self._key, entry.filename, length, entry.compress_size)
            if length > self._left:
                raise too_large(self._key)
            yield piece


def _encodings(password: str) -> Iterator[bytes]:
    """Yield the bytes that a program may have made of the password: nothing in the format says which."""
    for encoding in ("utf-8", "cp1252", "cp437"):
        with contextlib.suppress(UnicodeEncodeError):
            yield password.encode(encoding)
