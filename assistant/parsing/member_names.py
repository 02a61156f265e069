"""Gives the members of archives and mails clean names, each once, whatever their files call them."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

MAX_MEMBERS = 10_000
_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DRIVE = re.compile(r"\A[A-Za-z]:")
_MAX_PATH = 600  # bytes; of a longer path only the file's name is kept
_MAX_PART = 200  # characters of one part of a path; what is cut keeps its extension


def clean_name(name: str, instead: str = "unnamed") -> str:
    """Return a member's path: `/` between its parts, none of them `..`, no control characters.

    Args:
        name: what the file calls it.
        instead: the name of what has none.
    """
    plain = _DRIVE.sub("", _UNWANTED.sub("", name).replace("\\", "/"))
    parts = [part.strip() for part in plain.split("/")]
    path = "/".join(_short(part) for part in parts if part not in {"", ".", ".."}) or instead
    if len(path.encode()) <= _MAX_PATH:
        return path
    return f"{hashlib.sha256(path.encode()).hexdigest()[:16]}/{_short(path.rpartition('/')[2])}"


def flat_name(name: str) -> str:
    """Return the name of what is attached, which is no path: `/` and `\\` in it are `_`."""
    return name.replace("/", "_").replace("\\", "_")


def _short(part: str) -> str:
    if len(part) <= _MAX_PART:
        return part
    suffix = PurePosixPath(part).suffix[:20]
    return part[: _MAX_PART - len(suffix)] + suffix


class Names:
    """Hands out clean names, each of them once: the second `a.txt` is `a (2).txt`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def unique(self, name: str, instead: str = "unnamed") -> str:
        """Return the clean form of `name`, numbered where it was handed out before."""
        wanted = found = clean_name(name, instead)
        while found in self._taken:
            number = self._next.get(wanted, 1) + 1
            self._next[wanted] = number
            folder, slash, last = wanted.rpartition("/")
            path = PurePosixPath(last)
            found = f"{folder}{slash}{path.stem} ({number}){path.suffix}"
        self._taken.add(found)
        return found


def repaired(value: str) -> str:
    """Return `value` with its raw bytes beyond ASCII, which libraries keep as surrogates, as text."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raw = value.encode("utf-8", "surrogateescape" if _only_raw_bytes(value) else "replace")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    return value


def _only_raw_bytes(value: str) -> bool:
    return not re.search(r"[\ud800-\udc7f\udd00-\udfff]", value)
