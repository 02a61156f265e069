"""Encrypted files of several kinds, made for tests."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib

import docx
import pyzipper
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from assistant.parsing.archives.zip import ZipParser
from assistant.types import DocumentRef

PDF, ZIP = "application/pdf", "application/zip"
SECRET = "Grüße-9"  # noqa: S105
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def ref(media_type: str, key: str = "a.bin") -> DocumentRef:
    return DocumentRef("files", key, "v1", key, "", media_type)


def rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def locked_pdf(words: str, password: str) -> bytes:
    """Return a PDF of one page, encrypted by the standard handler, version 1 (40 bits of RC4)."""
    padded = (password.encode("latin-1") + PADDING)[:32]
    owner = rc4(md5(padded)[:5], padded)
    key = md5(padded + owner + struct.pack("<i", -4) + b"\0")[:5]
    user = rc4(key, PADDING)
    content = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET".encode()
    sealed = rc4(md5(key + (4).to_bytes(3, "little") + b"\0\0")[:10], content)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(sealed), sealed),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (owner.hex().encode(), user.hex().encode()),
    ]
    output, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(output)
    output += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    output += b"trailer\n<< /Size 7 /Root 1 0 R /Encrypt 6 0 R /ID [<00> <00>] >>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(output)


def word_file(words: str) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    document.add_paragraph(words)
    document.save(stream)
    return stream.getvalue()


def workbook(words: str) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write(0, 0, words)
    return stream.getvalue()


def locked_office(data: bytes, password: str) -> bytes:
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, stream)
    return stream.getvalue()


def _keys(password: bytes) -> list[int]:
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password:
        _turn(keys, byte)
    return keys


def _turn(keys: list[int], byte: int) -> None:
    def crc(value: int, byte: int) -> int:
        return zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    keys[0] = crc(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = crc(keys[2], keys[1] >> 24)


def zip_crypto(content: bytes, password: bytes) -> bytes:
    keys, out = _keys(password), bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(content) >> 24]) + content:
        k = keys[2] | 2
        out.append(byte ^ ((k * (k ^ 1)) >> 8) & 0xFF)
        _turn(keys, byte)
    return bytes(out)


def old_zip(files: dict[str, tuple[bytes, bytes | None]]) -> bytes:
    """Return an archive of name -> (content, password), encrypted by the older method."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, (content, password) in files.items():
            info = zipfile.ZipInfo(name)
            archive.writestr(info, content if password is None else zip_crypto(content, password))
            if password is not None:
                info.flag_bits |= 1
                info.CRC, info.file_size = zlib.crc32(content), len(content)
    return stream.getvalue()


def aes_zip(files: dict[str, bytes], password: str) -> bytes:
    stream = io.BytesIO()
    with pyzipper.AESZipFile(stream, "w", zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    return {member.name: member.data for member in ZipParser().parse(ref(ZIP), data).members}
