"""Says why no password opens an encrypted new Office file: its method is one that nothing here decrypts."""

from __future__ import annotations

import io
import struct

from assistant.errors import DamagedDocumentError
from assistant.parsing.safe_xml import safe_root

_INFO, _PACKAGE = "EncryptionInfo", "EncryptedPackage"
_PASSWORD = "http://schemas.microsoft.com/office/2006/keyEncryptor/password"  # noqa: S105 - a namespace
_AES = {0x660E, 0x660F, 0x6610}
_ALGORITHMS = {
    0x6601: "DES", 0x6602: "RC2", 0x6603: "3DES", 0x6604: "DESX", 0x6609: "3DES with two keys", 0x6801: "RC4"
}  # fmt: skip
_HASHES = {"", "SHA1", "SHA-1", "SHA256", "SHA384", "SHA512"}
_MAX_INFO = 1 << 20
_BROKEN = (OSError, ValueError, IndexError, TypeError, AttributeError, struct.error)


def unsupported_method(data: bytes) -> str:
    """Return what a DOCX, XLSX or PPTX in its OLE envelope is encrypted with, if no password can open it here.

    An empty string where a password can, where it is something else, and where it is too broken to tell.
    """
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if not ole.exists(_PACKAGE):
                return ""
            if not ole.exists(_INFO):
                return "rights management, which asks for an account and not for a password"
            info = ole.openstream(_INFO).read(_MAX_INFO)
        return _unsupported(info)
    except _BROKEN:
        return ""


def _unsupported(info: bytes) -> str:
    major, minor = struct.unpack_from("<HH", info)
    if (major, minor) == (4, 4):
        return _agile(info[8:])
    if minor == 2 and major in {2, 3, 4}:
        return _standard(info)
    return "a program of its own" if minor == 3 else f"version {major}.{minor}"


def _standard(info: bytes) -> str:
    """Return what the binary header names: its third number, after the header's own flags and length."""
    (algorithm,) = struct.unpack_from("<I", info, 12 + 8)
    if algorithm == 0 or algorithm in _AES:  # 0: the flags decide, and they know AES only
        return ""
    return _ALGORITHMS.get(algorithm, f"algorithm {algorithm:#x}")


def _agile(xml: bytes) -> str:
    try:
        root = safe_root(xml, _INFO)
    except DamagedDocumentError:
        return ""
    key = next(root.iter(f"{{{_PASSWORD}}}encryptedKey"), None)
    if key is None:
        return "a certificate instead of a password"
    for element in (*root.iter("{*}keyData"), key):
        cipher, hashed = element.get("cipherAlgorithm", "AES"), element.get("hashAlgorithm", "")
        if cipher != "AES":
            return cipher[:40]
        if element.get("cipherChaining", "ChainingModeCBC") != "ChainingModeCBC":
            return "AES in another mode than CBC"
        if hashed not in _HASHES:
            return f"AES with {hashed[:40]}"
    return ""
