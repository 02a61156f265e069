"""What the archive parsers share: the limits, what is left out and why, and the list of files that is the text."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.member_names import MAX_MEMBERS, Names
from assistant.types import Document, DocumentRef, Member

MAX_TOTAL = 256 * 1024 * 1024  # bytes unpacked of one archive: they cross a pipe and are held twice on the way
MAX_ENTRIES = 2 * MAX_MEMBERS  # folders and links included
_MAX_RATIO = 200
_RATIO_FROM = 10 * 1024 * 1024  # a small file may be as repetitive as it likes
_PIECE = 1 << 18
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_LOCKS = ("~$", ".~lock.")  # Microsoft Office, LibreOffice: who has a file open
_LITTER_SHOWN = 20
ENCRYPTED = "encrypted"
UNPACK = "if you trust it, unpack it and add the files in it instead; else remove it"


class Readable(Protocol):
    """What unpacks piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""
        ...


def refuse_bomb(key: str, name: str, unpacked: int, packed: int) -> None:
    """Raise DocumentTooLargeError where so much comes out of so little that somebody must have meant it to."""
    ratio = unpacked / max(packed, 1)
    if unpacked > _RATIO_FROM and ratio > _MAX_RATIO:
        raise DocumentTooLargeError(
            f"{key}: {clean(name)} unpacks to {ratio:,.0f} times its size (an archive bomb?): refused", UNPACK
        )


class Contents:
    """Collects an archive's files within the limits, and says of each that is left out why."""

    def __init__(self, ref: DocumentRef) -> None:
        self._ref = ref
        self._names = Names()
        self._members: list[Member] = []
        self._lines: list[str] = []
        self._reasons: list[str] = []
        self._litter: list[str] = []
        self._notices: list[str] = []
        self._left = MAX_TOTAL

    def is_litter(self, name: str) -> bool:
        """Whether this is what programs put beside files for themselves; it is noted then."""
        parts = name.replace("\\", "/").split("/")
        if "__MACOSX" in parts or parts[-1].lower() in _LITTER or parts[-1].startswith(_LOCKS):
            self._litter.append(clean(name).replace("\n", " "))
            return True
        return False

    def leave_out(self, name: str, reason: str) -> None:
        """Name a file that is no member."""
        self._room()
        self._reasons.append(reason)
        self._lines.append(f"{self._names.unique(name)} ({reason}, not read)")

    def say(self, notice: str) -> None:
        """Say something of the whole archive."""
        self._notices.append(notice)

    def breaks_off(self, reason: str) -> None:
        """Say that what follows in the archive is lost."""
        self._reasons.append(reason)
        self.say(f"({reason}: what follows is lost)")

    def add(self, name: str, stream: Readable, packed: int | None, broken: tuple[type[Exception], ...]) -> bool:
        """Read a file and take it as a member. Returns whether the archive may be read on.

        Args:
            name: what the archive calls it.
            stream: unpacks it. What the archive says of its size may be a lie: the bytes are counted as they come.
            packed: how many bytes it has in the archive, None where that is known of the archive only.
            broken: what the stream raises where the archive is damaged.

        Raises:
            DocumentTooLargeError: a bomb, or over a limit.
        """
        self._room()
        found = bytearray()
        try:
            while piece := stream.read(_PIECE):
                found += piece
                if packed is not None:
                    refuse_bomb(self._ref.key, name, len(found), packed)
                if len(found) > self._left:
                    raise too_large(self._ref.key)
        except broken:
            self.leave_out(name, "damaged")
            return False
        if found:
            self._left -= len(found)
            shown = self._names.unique(name)
            self._members.append(Member(shown, bytes(found)))
            self._lines.append(f"{shown} ({len(found):,} bytes)")
        else:
            self.leave_out(name, "0 bytes")
        return True

    def document(self) -> Document:
        """Return the archive as a document: a heading with its name, a line a file, and the files as members.

        Raises:
            EmptyDocumentError: there is nothing in it.
            EncryptedDocumentError: none of its files can be read, as a password is missing.
            DamagedDocumentError: none of its files can be read.
        """
        key = self._ref.key
        if not self._members:
            reasons = ", ".join(dict.fromkeys(self._reasons))
            if ENCRYPTED in self._reasons:
                raise EncryptedDocumentError(
                    f"{key}: the archive asks for a password",
                    "give its source the password (`assistant sources passwords`), or pack it again without one",
                )
            if reasons and set(self._reasons) != {"0 bytes"}:
                raise DamagedDocumentError(f"{key}: no file of the archive can be read: {reasons}", "pack it again")
            raise EmptyDocumentError(
                f"{key}: the archive holds no files{' but empty ones' if reasons else ''}",
                "pack it again with what it should hold, or remove it",
            )
        builder = TextBuilder()
        builder.add("heading", clean(self._ref.title).strip() or "Archive", level=1)
        builder.add("text", "\n".join(self._lines))
        for notice in self._notices:
            builder.add("notice", notice, gap="\n")
        if self._litter:
            more = len(self._litter) - _LITTER_SHOWN
            names = ", ".join(self._litter[:_LITTER_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
            builder.add("notice", f"Left out, as programs put them there for themselves: {names}")
        return replace(builder.build(self._ref), members=tuple(self._members))

    def _room(self) -> None:
        if len(self._lines) >= MAX_MEMBERS:
            raise DocumentTooLargeError(f"{self._ref.key}: the archive has over {MAX_MEMBERS:,} files", "split it")


def too_large(key: str) -> DocumentTooLargeError:
    """Return the error for an archive that holds too much."""
    return DocumentTooLargeError(f"{key}: the archive unpacks to over {MAX_TOTAL:,} bytes", "split it")
