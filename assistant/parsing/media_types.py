"""Says what type a file is: by its content where that tells, else by its name."""

from __future__ import annotations

import codecs
import mimetypes
import re
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath

_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OFFICE}wordprocessingml.document"
XLSX = f"{_OFFICE}spreadsheetml.sheet"
PPTX = f"{_OFFICE}presentationml.presentation"
OCTETS = "application/octet-stream"
_OLE = "application/x-ole-storage"
_ZIP = "application/zip"
_MSG = "application/vnd.ms-outlook"
_TAR = "application/x-tar"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\x7fELF", "application/x-executable"),
    (b"PAR1", "application/vnd.apache.parquet"),
)
_TEXT_TYPES = {
    "adoc": "text/x-asciidoc", "asciidoc": "text/x-asciidoc", "asc": "text/x-asciidoc",
    "bash": "text/x-shellscript", "c": "text/x-c", "cfg": "text/x-ini", "cpp": "text/x-c++", "cs": "text/x-csharp",
    "css": "text/css", "csv": "text/csv", "eml": "message/rfc822", "go": "text/x-go", "h": "text/x-c",
    "htm": "text/html", "html": "text/html", "ics": "text/calendar", "ini": "text/x-ini",
    "ipynb": "application/x-ipynb+json",
    "java": "text/x-java", "js": "text/javascript", "json": "application/json",
    "jsonl": "application/jsonl", "ndjson": "application/jsonl",
    "jsx": "text/javascript", "kt": "text/x-kotlin", "log": "text/plain", "lua": "text/x-lua",
    "markdown": "text/markdown",
    "md": "text/markdown", "mdown": "text/markdown", "mdx": "text/markdown", "mjs": "text/javascript",
    "org": "text/x-org", "php": "text/x-php", "pl": "text/x-perl", "ps1": "text/x-powershell", "py": "text/x-python",
    "r": "text/x-r", "rb": "text/x-ruby", "rs": "text/x-rust", "rst": "text/x-rst", "rtf": "application/rtf",
    "scala": "text/x-scala", "sh": "text/x-shellscript", "sql": "application/sql", "srt": "application/x-subrip",
    "svg": "image/svg+xml", "swift": "text/x-swift", "tex": "text/x-tex", "text": "text/plain",
    "toml": "application/toml",
    "ts": "text/x-typescript", "tsv": "text/tab-separated-values", "tsx": "text/x-typescript", "txt": "text/plain",
    "vtt": "text/vtt", "vue": "text/x-vue", "xhtml": "application/xhtml+xml", "xml": "application/xml",
    "yaml": "application/yaml", "yml": "application/yaml",
}  # fmt: skip
_TEXTS = frozenset(_TEXT_TYPES.values())
_BINARY_TYPES = {
    "7z": "application/x-7z-compressed", "bz2": "application/x-bzip2", "gz": "application/gzip",
    "rar": "application/vnd.rar", "tar": _TAR, "tbz": "application/x-bzip2", "tbz2": "application/x-bzip2",
    "tgz": "application/gzip", "txz": "application/x-xz", "xz": "application/x-xz",
    "doc": "application/msword", "docm": "application/vnd.ms-word.document.macroenabled.12", "docx": DOCX,
    "dotx": f"{_OFFICE}wordprocessingml.template", "epub": "application/epub+zip", "heic": "image/heic",
    "heif": "image/heic", "mbox": "application/mbox",
    "mdb": "application/vnd.ms-access", "msg": _MSG, "tnef": "application/ms-tnef",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf", "pot": "application/vnd.ms-powerpoint", "pps": "application/vnd.ms-powerpoint",
    "ppt": "application/vnd.ms-powerpoint", "pptm": "application/vnd.ms-powerpoint.presentation.macroenabled.12",
    "ppsx": f"{_OFFICE}presentationml.slideshow", "pptx": PPTX, "pub": "application/vnd.ms-publisher",
    "vsd": "application/vnd.visio",
    "vsdx": "application/vnd.ms-visio.drawing", "webp": "image/webp", "xls": "application/vnd.ms-excel",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "xlsm": "application/vnd.ms-excel.sheet.macroenabled.12", "xlsx": XLSX, "zip": _ZIP,
}  # fmt: skip
# The main parts of Office files, which some programs number. A ZIP with a folder of such a name is none yet.
_MAIN_PARTS = re.compile(rb"(?:(word/document)|(xl/workbook)|(ppt/presentation))\d*\.(?:xml|bin)\Z")
_CONTENT_TYPES = b"[Content_Types].xml"
_ZIP_END = struct.Struct("<4s8xII2x")  # the last record of an archive: how long its list of files is
_ZIP_ENTRY = struct.Struct("<4s24xHHH12x")  # how long the name, the extra field and the comment are
_ZIP_COMMENT = 65_535
_MAX_NAMES = 20_000
# Office formats that are no archives: what is one all the same was saved as the newer format under the old name.
_NO_ZIP = {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
           "application/rtf", "application/pdf", "image/heic", "image/webp", "application/mbox", _MSG, _TAR,
           "application/x-7z-compressed", "application/x-bzip2", "application/gzip", "application/vnd.rar",
           "application/x-xz"}  # fmt: skip
_MSG_STREAM = "__properties_version1.0".encode("utf-16-le")
# Streams of OLE files, whose names are in UTF-16. An encrypted newer file holds nothing that says which it is.
_OLE_STREAMS = (("WordDocument", "application/msword"),
                ("PowerPoint Document", "application/vnd.ms-powerpoint"), ("Workbook", "application/vnd.ms-excel"),
                ("VisioDocument", "application/vnd.visio"))  # fmt: skip
_ZIP_MIMETYPE = re.compile(rb"mimetype(application/[a-z0-9.+-]+)")
_PROLOGUE = re.compile(rb"(?:\s|<\?xml[^>]*\?>|<!--.*?-->)*", re.DOTALL | re.IGNORECASE)
_HTML_START = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_SVG_START = re.compile(rb"(?:<!doctype\s+svg[^>]*>\s*)?<svg[\s>]", re.IGNORECASE)
_MAILBOX_START = re.compile(rb"From \S+ [^\n]*\d{4}\r?\n[A-Za-z-]+:")
_MAIL_START = re.compile(rb"(?:MIME-Version: 1\.0|Return-Path: ?<|Received: (?:from|by) |Delivered-To: )")
# What a type is called for short where it is not the first of the endings above.
_SHORT = {"text/plain": "txt", "text/markdown": "md", "text/html": "html", "image/heic": "heic", "image/jpeg": "jpg",
          "application/vnd.ms-powerpoint": "ppt", "application/gzip": "gz", "application/x-bzip2": "bz2",
          "application/x-xz": "xz", "text/x-asciidoc": "adoc", OCTETS: "", _OLE: "ole"}  # fmt: skip
_MAX_SHORT = 12
_UNPACKABLE = {"application/x-7z-compressed", "application/vnd.rar", "application/x-rar-compressed",
               "application/x-rar", "application/x-iso9660-image", "application/vnd.ms-cab-compressed"}  # fmt: skip
_HEAD = 4096
_BUILT_IN = mimetypes.MimeTypes(filenames=())  # the standard library's own table: the same on every machine


def detect_media_type(name: str, head: bytes) -> str:
    """Return the media type of a file.

    Args:
        name: the file's name or path.
        head: its bytes; the first kilobytes do for most types, all of them for archives and older office files.
    """
    extension = PurePosixPath(name.replace("\\", "/")).suffix[1:].lower()
    by_name = _by_name(extension, name)
    by_magic = _by_magic(by_name, head)
    if by_magic:
        return by_magic
    if by_name and (not head or by_name not in {"text/plain", "text/html", "application/xml"}):
        return by_name
    return (
        _markup(head[:_HEAD]) or by_name or _mail(head[:_HEAD]) or ("text/plain" if _is_text(head[:_HEAD]) else OCTETS)
    )


def short_type(media_type: str) -> str:
    """Return a type's short name for people, mostly its file name ending: `docx`."""
    if media_type in _SHORT:
        return _SHORT[media_type]
    found = next(
        (ending for table in (_TEXT_TYPES, _BINARY_TYPES) for ending in table if table[ending] == media_type), ""
    )
    found = found or (_BUILT_IN.guess_extension(media_type) or "")[1:]
    return found or media_type.rpartition("/")[2].removeprefix("x-").rpartition(".")[2][:_MAX_SHORT]


def media_types_of(name: str) -> tuple[str, ...]:
    """Return the types that a person means by a file name ending (`pdf`, `.docx`) or a media type; none if unknown."""
    ending = name.strip().lower().removeprefix(".")
    if not ending or re.fullmatch(r"[\w.+-]+/[\w.+-]+", ending):
        return (ending,) if ending else ()
    known = [table[ending] for table in (_TEXT_TYPES, _BINARY_TYPES) if ending in table]
    known += [media_type for media_type, short in _SHORT.items() if short == ending]
    guessed = _BUILT_IN.guess_type(f"x.{ending}")[0]
    return tuple(dict.fromkeys(known or ([guessed] if guessed else [])))


def next_step(media_type: str) -> str:
    """Return what to do about a file of a type that no parser reads."""
    if media_type in _UNPACKABLE:
        return "unpack it and add the files in it, or pack them as ZIP or TAR"
    family = media_type.partition("/")[0]
    if family in {"audio", "video"}:
        return "add a transcript or subtitles as text (.txt, .srt, .vtt) instead"
    if media_type == OCTETS:
        return "if it is a document, give its name the right ending or save it in a common format; else remove it"
    return "save it in a common format, say PDF, or remove it; `assistant plugins list` shows what is read"


def _by_magic(by_name: str, head: bytes) -> str:
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[257:262] == b"ustar":  # before any mark of a first file that begins within the first kilobyte
        return _TAR
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], OCTETS)
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in {b"heic", b"heix", b"mif1"} else by_name or "video/mp4"
    found = next((media_type for magic, media_type in _MAGIC if head.startswith(magic)), "")
    kind = _container(found, by_name, head) if found else ""
    if not kind and b"%PDF-" in head[:1024] and by_name not in _TEXTS:  # rubbish before the mark, as readers allow
        return "application/pdf"
    return kind


def _by_name(extension: str, name: str) -> str:
    known = _TEXT_TYPES.get(extension) or _BINARY_TYPES.get(extension)
    return known or _BUILT_IN.guess_type(f"x.{extension}")[0] or "" if extension else _special(name)


def _special(name: str) -> str:
    """Return the type of a file that has a well-known name and no extension."""
    return {"Makefile": "text/x-makefile", "Dockerfile": "text/x-dockerfile"}.get(PurePosixPath(name).name, "")


def _container(media_type: str, by_name: str, head: bytes) -> str:
    """Return what an archive or OLE file holds: by its own marks if they are in `head`, else by the name."""
    if media_type == "image/bmp":  # two letters that a text may begin with as well
        return media_type if b"\0" in head[:64] else ""
    named = by_name if by_name in set(_BINARY_TYPES.values()) else ""
    if media_type == _OLE:
        return _ole_type(head) or named or _OLE
    if media_type != _ZIP:
        return media_type
    match = _ZIP_MIMETYPE.search(head[:200])
    if match:
        return match[1].decode("ascii")
    if named and named != _ZIP and named not in _NO_ZIP:
        return named
    return _office_type(head)


def _ole_type(data: bytes) -> str:
    """Return what an OLE file is by the names of its streams, an empty string if they do not tell."""
    if _MSG_STREAM in data or "__substg1.0_".encode("utf-16-le") in data:  # whatever is attached to it
        return _MSG
    # An encrypted DOCX is an OLE file too: its name says what it is, its parser what is wrong with it.
    if "EncryptedPackage".encode("utf-16-le") in data:
        return ""
    return next((kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in data), "")


def _office_type(data: bytes) -> str:
    """Return which Office file an archive is by its parts, or that it is just an archive."""
    names = set(_zip_names(data))
    if _CONTENT_TYPES not in names:
        return _ZIP
    found = next(filter(None, map(_MAIN_PARTS.match, names)), None)
    return (DOCX, XLSX, PPTX)[(found.lastindex or 1) - 1] if found else _ZIP


def _zip_names(data: bytes) -> Iterator[bytes]:
    """Yield the names in an archive's own list of files, which is read here with no more trust than is needed."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - _ZIP_COMMENT - _ZIP_END.size))
    if end < 0 or end + _ZIP_END.size > len(data):
        return
    _, size, _ = _ZIP_END.unpack_from(data, end)
    at = max(0, end - size)
    for _ in range(_MAX_NAMES):
        if at + _ZIP_ENTRY.size > end:
            return
        mark, name, extra, comment = _ZIP_ENTRY.unpack_from(data, at)
        if mark != b"PK\x01\x02":
            return
        start = at + _ZIP_ENTRY.size
        yield data[start : start + name]
        at = start + name + extra + comment


def _markup(head: bytes) -> str:
    prologue = _PROLOGUE.match(head.removeprefix(codecs.BOM_UTF8))
    start = head.removeprefix(codecs.BOM_UTF8)[prologue.end() if prologue else 0 :]
    if _HTML_START.match(start):
        return "text/html"
    if _SVG_START.match(start):
        return "image/svg+xml"
    return "application/xml" if head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<?xml") else ""


def _mail(head: bytes) -> str:
    """Return the type of a mail or of a mailbox that no name tells."""
    if _MAILBOX_START.match(head):
        return "application/mbox"
    return "message/rfc822" if _MAIL_START.match(head) else ""


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return True
    controls = sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head)
    return b"\0" not in head and controls * 50 <= len(head)
