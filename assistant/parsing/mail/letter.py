"""What the mail formats share: a letter's form as text, and which form of its body is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape
from urllib.parse import unquote

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title, paragraphs
from assistant.parsing.data_uri import picture_of
from assistant.parsing.decode import decode
from assistant.parsing.metadata import iso_time
from assistant.parsing.web.html import HtmlParser, read_page
from assistant.types import Document, DocumentRef, Member, Metadata

_WORD = re.compile(r"\w+")
_IMAGE = re.compile(r"<img\b[^>]{0,4000}>", re.IGNORECASE)
_SOURCE = re.compile(r"""\bsrc\s*=\s*["']?\s*(?P<scheme>cid:)?(?!data:)(?P<id>[^"'\s>]{1,1000})""", re.IGNORECASE)
_OWN = "own-picture:"
_NAMED = re.compile(r"\[((?:cid|image): ?[^\]\n]{1,500})\]")  # what Outlook and Gmail write for a picture
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_CHARSET = re.compile(r"(?!idna|punycode|undefined|unicode|raw.unicode)[a-z0-9_.:+-]{1,40}", re.IGNORECASE)
_STATEFUL = re.compile(r"(?:iso-?2022|hz|utf-?7)", re.IGNORECASE)
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_STUB = 0.5  # a plain text of fewer words than this share of the HTML's only says that there is HTML


def encrypted(key: str) -> EncryptedDocumentError:
    """Return the error for a mail that only its receiver can open."""
    return EncryptedDocumentError(f"{key}: the mail is encrypted", "store a copy that is not")


def body_text(data: bytes, key: str, charset: str) -> str:
    """Return a body's text; one in no known encoding costs its odd characters and not the mail.

    Args:
        data: its bytes.
        key: names the mail in errors.
        charset: what it claims to be written in, empty if it does not say.
    """
    charset = charset if _CHARSET.fullmatch(charset) else ""
    if _STATEFUL.match(charset):  # seven bits: other encodings read that as well, and wrong
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            pass  # it claims what it is not
    try:
        return decode(data, key, charset)
    except EmptyDocumentError:
        return ""
    except DamagedDocumentError:
        return data.decode("utf-8", "replace") if b"\0" not in data else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a letter's body: text as it stands, or HTML as it was read; `shows` are its pictures: id, words.

    `html` is what was read, with `_OWN` in front of the ids of pictures.
    """

    plain: str = ""
    page: Document | None = None
    shows: tuple[tuple[str, str], ...] = ()
    html: bytes = b""

    @property
    def text(self) -> str:
        """The part's words, whichever form they have."""
        return self.plain if self.page is None else self.page.text


def html_part(ref: DocumentRef, html: str) -> Part:
    """Return HTML as a part; it is blank where the HTML shows no text."""
    shows = tuple(_pictures(html))
    # As marked UTF-8, whatever character set the HTML claims: it has been decoded already.
    marked = _IMAGE.sub(_mark, html).encode("utf-8-sig", "replace")
    try:
        return Part("", HtmlParser().parse(ref, marked), shows, marked)
    except (EmptyDocumentError, DamagedDocumentError):
        return Part("", None, shows, marked if shows else b"")


def _mark(image: re.Match[str]) -> str:
    """Return an `img` element with the address of a picture of the mail's own in a form that the parser asks for."""
    source = _SOURCE.search(image[0])
    if source is None or not source["scheme"]:
        return image[0]
    start, end = source.span("scheme")
    return image[0][:start] + _OWN + image[0][end:]


def _pictures(html: str) -> Iterator[tuple[str, str]]:
    """Yield id or address of each picture that HTML shows and does not hold, and what it says of it in words."""
    for image in _IMAGE.finditer(html):
        source, words = _SOURCE.search(image[0]), _ALT.search(image[0])
        if source:
            text = unescape(words[1] or words[2] or "") if words else ""
            yield unquote(unescape(source["id"])), " ".join(clean(text).split())


def best_form(forms: Sequence[Sequence[Part]]) -> list[Part]:
    """Return the form of a body to read, of several that say the same, the plainest first.

    That is plain text, unless the HTML holds a table of data, which plain text cannot say, or clearly more words. The
    form that is read shows the pictures of the others as well.
    """
    told = [list(form) for form in forms if any(part.text.strip() for part in form)]
    plain = [form for form in told if all(part.page is None for part in form)]
    rich = [form for form in told if any(part.page is not None for part in form)]
    best = plain[0] if plain else []
    if rich and (not plain or _says_more(rich[-1], best)):
        best = rich[-1]
    shows = tuple(dict.fromkeys(picture for form in forms for part in form for picture in part.shows))
    if not best:
        return [Part(shows=shows)] if shows else []
    return [*best[:-1], replace(best[-1], shows=shows)]


def _says_more(rich: Iterable[Part], plain: Iterable[Part]) -> bool:
    pages = [part.page for part in rich if part.page is not None]
    if any(block.kind == "table" for page in pages for block in page.blocks):
        return True
    return _words(plain) < _STUB * _words(rich)


def _words(parts: Iterable[Part]) -> int:
    return sum(len(_WORD.findall(part.text)) for part in parts)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it was read.

    Args:
        headers: names and values in order, `From`, `Date` and `Subject` among them; empty values are left out.
        body: its parts in order.
        pictures: by their ids or addresses in the body, those that it shows.
        members: what is attached.
        left_out: what is attached and no member, each with its reason.
    """

    headers: Sequence[tuple[str, str]]
    body: Sequence[Part]
    pictures: dict[str, bytes]
    members: Sequence[Member]
    left_out: Sequence[str] = ()

    def document(self, ref: DocumentRef) -> Document:
        """Return the mail as a document: headers, subject as heading, body, the names of what is attached.

        Raises:
            EmptyDocumentError: there is nothing in it.
            EncryptedDocumentError: its body is a PGP message.
        """
        builder = TextBuilder()
        lines = [(name, " ".join(clean(value).split())) for name, value in self.headers]
        known = dict(lines)
        builder.add("text", "\n".join(f"{name}: {value}" for name, value in lines if value))
        builder.add("heading", clean_title(known.get("Subject", "")), level=1)
        if any(part.plain.lstrip().startswith(_ARMOUR) for part in self.body):
            raise encrypted(ref.key)
        for part in self.body:
            self._add(builder, ref, part)
        attached = [clean(name) for name in (*(member.name for member in self.members), *self.left_out)]
        if attached:
            builder.add("text", "Attachments: " + ", ".join(attached))
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the mail has no text", "check that it opens and shows text")
        metadata = Metadata(_people(known.get("From", "")), mail_time(known.get("Date", "")))
        return replace(builder.build(ref, known.get("Subject", ""), (), metadata), members=tuple(self.members))

    def _add(self, builder: TextBuilder, ref: DocumentRef, part: Part) -> None:
        """Add a part's blocks, headings below the subject, and its pictures where they stand in it."""
        left = {name: words for name, words in reversed(part.shows) if name in self.pictures}
        page = part.page
        if part.html and left:
            page = self._with_pictures(ref, part.html, left)
        if page is not None:
            builder.add_document(page, deeper=1)
        body = clean(part.plain)
        for start, end in paragraphs(body):
            builder.add("text", body[start:end])
            self._add_named(builder, body[start:end], left)
        for name, words in reversed(left.items()):
            builder.add_picture(self.pictures[name], text=words)

    def _with_pictures(self, ref: DocumentRef, html: bytes, left: dict[str, str]) -> Document:
        """Return HTML as it is read with the mail's pictures at hand; those that it asks for are `left` no more."""

        def find(address: str) -> bytes | None:
            name = unquote(address.removeprefix(_OWN))
            left.pop(name, None)
            return self.pictures.get(name) or picture_of(address)

        return read_page(ref, html, find)

    def _add_named(self, builder: TextBuilder, text: str, left: dict[str, str]) -> None:
        """Add the pictures that a paragraph of plain text names in the place where the HTML shows them."""
        named = _NAMED.findall(text)
        for name, words in reversed(tuple(left.items())) if named else ():
            if f"cid:{name}" in named or (words and f"image: {words}" in named):
                builder.add_picture(self.pictures[name], text="" if words and words in text else words)
                del left[name]


def _people(value: str) -> tuple[str, ...]:
    """Return the names in a header of addresses, the address where one has no name."""
    try:
        found = [name.strip() or address.strip() for name, address in getaddresses([value])]
    except (ValueError, IndexError, TypeError):  # addresses that break the rules
        found = []
    return tuple(dict.fromkeys(filter(None, found))) or ((value,) if value else ())


def mail_time(value: str) -> str:
    """Return a mail's date in the form of `Metadata.created`, an empty string for what is none."""
    try:
        return iso_time(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return iso_time(value)
