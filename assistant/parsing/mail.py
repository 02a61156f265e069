"""What the mail formats share: a letter's form as text, and clean names for what is attached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title, paragraphs
from assistant.parsing.html import HtmlParser
from assistant.types import Document, DocumentRef, Member

MAX_MEMBERS = 10_000
_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DRIVE = re.compile(r"\A[A-Za-z]:")
_MAX_PART = 200  # characters of one part of a path; what is cut keeps its extension


def clean_name(name: str, instead: str = "unnamed") -> str:
    """Return a member's path: `/` between its parts, none of them `..`, no control characters.

    Args:
        name: what the file calls it.
        instead: the name of what has none.
    """
    plain = _DRIVE.sub("", _UNWANTED.sub("", name).replace("\\", "/"))
    parts = [part.strip() for part in plain.split("/")]
    return "/".join(_short(part) for part in parts if part not in {"", ".", ".."}) or instead


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


def letter(
    ref: DocumentRef,
    headers: Sequence[tuple[str, str]],
    plain: str,
    html: str,
    members: Sequence[Member],
) -> Document:
    """Return a mail as a document: its subject as heading, its headers, its body, the names of what is attached.

    Args:
        ref: the mail.
        headers: names and values in order; empty values are left out.
        plain: the body as text; taken where there is one.
        html: the body as HTML, for where there is no plain one.
        members: what is attached.
    """
    builder = TextBuilder()
    lines = [(name, " ".join(clean(value).split())) for name, value in headers]
    subject = next((value for name, value in lines if name == "Subject"), "")
    builder.add("text", "\n".join(f"{name}: {value}" for name, value in lines if value))
    builder.add("heading", clean_title(subject), level=1)
    if plain.strip():
        body = clean(plain)
        for start, end in paragraphs(body):
            builder.add("text", body[start:end])
    elif html.strip():
        _add_html(builder, ref, html)
    if members:
        builder.add("text", "Attachments: " + ", ".join(member.name for member in members))
    if not builder:
        raise EmptyDocumentError(f"{ref.key}: the mail has no text", "check that it opens and shows text")
    return replace(builder.build(ref, subject), members=tuple(members))


def _add_html(builder: TextBuilder, ref: DocumentRef, html: str) -> None:
    """Add the blocks of an HTML body with its headings below the subject."""
    try:
        # As marked UTF-8, whatever character set the HTML claims: it has been decoded already.
        body = HtmlParser().parse(ref, html.encode("utf-8-sig", "replace"))
    except (EmptyDocumentError, DamagedDocumentError):
        return  # a body of pictures only, or of nothing: the headers are the text
    builder.add_document(body, deeper=1)
