"""Bytes of a text file to text: by byte order mark, as UTF-8, or in a legacy encoding that is found out."""

from __future__ import annotations

import codecs
import re

from assistant.errors import DamagedDocumentError, EmptyDocumentError

_BOMS = (  # UTF-32 first: its little-endian mark starts with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Encodings in which people stored documents; the detector's full list has dozens that only confuse it.
_LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "iso8859_2"]
_LEGACY_ASIAN = ["shift_jis", "cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp949"]
_COMMONEST = "cp1252"
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 200_000  # bytes that are searched for an encoding; the whole file is then decoded strictly


def decode(data: bytes, key: str, declared: str = "") -> str:
    """Return the text of a text file, its line endings as they are, without a byte order mark.

    Args:
        data: the whole file.
        key: names the document in errors.
        declared: an encoding that the document claims; used where the bytes are not UTF-8.

    Raises:
        EmptyDocumentError: there is nothing but white space.
        DamagedDocumentError: the bytes are binary, or no known encoding reads them.
    """
    text = _decode(data, key, declared)
    if not text or text.isspace():
        cause = "nothing but white space in it" if text else "the file is empty"
        raise EmptyDocumentError(f"{key}: {cause}", "write something into it, or remove it")
    if "\0" in text or len(_CONTROLS.findall(text)) * 50 > len(text):
        raise DamagedDocumentError(f"{key}: the bytes are binary, not text", "correct the file's name or type")
    return text


def _decode(data: bytes, key: str, declared: str) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise DamagedDocumentError(
                    f"{key}: marked as {encoding} but byte {error.start} is not", "save it again as UTF-8"
                ) from error
    if b"\0" in data:
        unmarked = _unmarked_utf16(data)
        if unmarked is not None:
            return unmarked
        raise DamagedDocumentError(f"{key}: the bytes are binary, not text", "correct the file's name or type")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass  # not UTF-8: the next lines find out what it is
    repaired = _nearly_utf8(data)
    if repaired is not None:
        return repaired
    for encoding in [declared] if declared else _guesses(data):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    if declared:
        return _decode(data, key, "")
    raise DamagedDocumentError(f"{key}: no known text encoding reads it", "save it as UTF-8")


def _unmarked_utf16(data: bytes) -> str | None:
    """Return the text of UTF-16 without a byte order mark: of its pairs of bytes, always the same one is mostly NUL."""
    even, odd = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
    pairs = max(1, min(len(data), _SAMPLE) // 2)
    if max(even, odd) < 0.6 * pairs or min(even, odd) > 0.01 * pairs:
        return None
    try:
        return data.decode("utf-16-be" if even > odd else "utf-16-le")
    except UnicodeDecodeError:
        return None


def _nearly_utf8(data: bytes) -> str | None:
    """Return the text with U+FFFD for broken bytes if the rest is clearly UTF-8 (say, a file cut mid-character)."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(1 for character in text if character > "\x7f") - broken
    return text if beyond_ascii >= 20 * broken else None


def _guesses(data: bytes) -> list[str]:
    """Return the encodings that make sense of the bytes, the likeliest first."""
    from charset_normalizer import from_bytes

    matches = list(from_bytes(data[:_SAMPLE], cp_isolation=_LEGACY + _LEGACY_ASIAN, enable_fallback=False))
    # A short Western text fits several code pages equally well; the commonest one is then the best guess.
    matches.sort(
        key=lambda match: (
            round(match.chaos, 2),
            -round(match.coherence, 2),
            _COMMONEST not in match.could_be_from_charset,
        )
    )
    return [_COMMONEST if _COMMONEST in match.could_be_from_charset else match.encoding for match in matches]
