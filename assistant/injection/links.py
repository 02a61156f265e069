"""Takes from an answer what a client would make a link, a picture or a call of, while the answer is written."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from assistant.injection.folding import UNSEEN

LEFT_OUT = "\u2039link left out\u203a"
_LABEL, _TAG, _TARGET = 300, 300, 2_000  # characters that are waited for until a construct counts as none

_SCHEMES = "https?|ftps?|wss?|file|smb|blob|filesystem|view-source"
_ADDRESS = re.compile(
    rf"(?:(?:{_SCHEMES}):/{{0,3}}(?:\[[0-9a-f:.]*\])?(?<=[/\]])|(?<![^\W_])www\.(?=\S)|(?:mailto|xmpp):(?=\S)"
    r"|(?:javascript|vbscript):(?=\S)|data:(?=[\w/+.-]*[;,]))[^\s<>\[\]`\"|{}^]*",
    re.IGNORECASE,
)
_ENDING = ").,;:!?'*_~\u3002\uff0c\uff09"
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*(<[^<>\n]*>|(?:[^\s()]|\([^\s()]*\))*)([^()]*)\)")
_WHOLE = re.compile(rf"{_LINK.pattern}|<[^<>\n]{{1,{_TAG}}}>")
_NESTED = 3  # a picture within a link within a label
_LEADS = re.compile(r"[/.:#?&%\\@]")  # what a target has that leads elsewhere
_LINE_START = re.compile(r"[\s>*+\-\d.)|#]*\Z")
_DEFINED = re.compile(r"(\[(?:[^\[\]\\]|\\.)+\]):")
_OPENED = re.compile(r"<(?=[A-Za-z/!?])")
_HARMLESS = re.compile(r"</?([A-Za-z][\w.-]*)(?:[,<][^=@:\n]*|[^<>=@:\n]*)>")  # no attribute; or types in code
_ACTIVE = re.compile(
    "a|area|audio|base|body|button|canvas|embed|form|frame|frameset|head|html|iframe|image|img|input|link|listing|math|"
    "meta|noembed|noframes|noscript|object|plaintext|portal|script|source|style|svg|template|textarea|title|track|"
    "video|xmp",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{1,31});")
_DISGUISED = re.compile(r"[^\s<>\"`]*[&\\][^\s<>\"`]*")
_PENDING = (
    re.compile(rf"(?:(?:{_SCHEMES}|mailto|xmpp|javascript|vbscript|data):|www\.)\S*\Z", re.IGNORECASE),
    re.compile(r"[^\s<>\"`]*[&\\][^\s<>\"`]*\Z"),
    re.compile(r"[\w+.@/-]*\Z", re.ASCII),
    re.compile(rf"!?\[[^\[\]\n]{{0,{_LABEL}}}\Z"),
    re.compile(rf"!?\[(?:[^\[\]\n]|\[[^\[\]\n]*\]){{0,{_LABEL}}}(?:\](?:\([^()\n]{{0,{_TARGET}}}(?:\([^()\n]*)?)?)?\Z"),
    re.compile(r"[!\]]\Z"),
    re.compile(rf"<[^<>\n]{{0,{_TAG}}}\Z"),
)


def _always(_: str) -> bool:
    return True


_MARKUP = re.compile(r"([\\`*_\[\]<>#])")


class LinkFilter:
    """Makes a text inert that comes in pieces. Not safe to share between threads.

    Links and pictures of Markdown become their words, HTML that does something and addresses in `<>` lose their
    bracket, and an address becomes text that no client takes for one (`https[:]//example.org`) where it was given, else
    `LEFT_OUT`. Marks of citations stay.

    Args:
        given: whether an address stands in what the text was written from.
    """

    def __init__(self, given: Callable[[str], bool] = _always) -> None:
        self._given = given
        self._rest = ""
        self._line = ""
        self.left_out = 0

    def feed(self, text: str) -> str:
        """Return what of the text can be shown now; it lags behind while an address or a link may have begun."""
        self._rest += UNSEEN.sub("", text)
        return self._shown(self._sure())

    def flush(self) -> str:
        """Return what was held back."""
        return self._shown(len(self._rest))

    def _sure(self) -> int:
        """Return up to where nothing that comes can change what there is."""
        text = self._rest
        sure = min((found.start() for one in _PENDING if (found := one.search(text))), default=len(text))
        for whole in _WHOLE.finditer(text):  # it is looked at in one piece
            if whole.start() < sure < whole.end():
                sure = whole.start()
        while sure and "!" <= text[sure - 1] <= "~":  # what is taken out of a word must not join two halves of another
            sure -= 1
        return sure if len(text) - sure <= _TARGET else len(text)  # nothing is waited for so long

    def _shown(self, end: int) -> str:
        text, self._rest = self._rest[:end], self._rest[end:]
        text = _OPENED.sub(self._bracket, _DISGUISED.sub(self._undisguised, text))
        for _ in range(_NESTED):
            text = _LINK.sub(self._link, text)
        text = self._undefined(text.replace("](", "] ("))
        shown = _ADDRESS.sub(self._address, text)
        self._line = (self._line + shown).rpartition("\n")[2]
        return shown

    def _undisguised(self, found: re.Match[str]) -> str:
        """Return an address as a reader sees it, where escapes and entities hid it; all else as it is."""
        seen = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _ESCAPED.sub("", found[0]))
        return seen if _ADDRESS.search(seen) else found[0]

    def _bracket(self, found: re.Match[str]) -> str:
        tag = _HARMLESS.match(found.string, found.start())
        return "<" if tag and not _ACTIVE.fullmatch(tag[1]) else "\u2039"

    def _link(self, found: re.Match[str]) -> str:
        label, target = found[1], found[2].strip("<>")
        if not found[0].startswith("!") and not _LEADS.search(target):
            return f"[{label}] ({found[2]}{found[3]})"  # code, most likely
        if re.fullmatch(r"\^?\d{1,3}(?:, ?\d{1,3})*", label):
            label = f"[{label}]"
        elif not _ADDRESS.search(target):
            self.left_out += 1
            return label or LEFT_OUT
        if target in label or (shown := self._address_of(target)) == LEFT_OUT:
            self.left_out += target in label
            return label or LEFT_OUT
        return f"{label} ({shown})" if label else shown

    def _undefined(self, text: str) -> str:
        """Return the text without the colon that makes `[name]: target` at a line's beginning define a link."""

        def plain(found: re.Match[str]) -> str:
            before = text[: found.start()]
            line = before.rpartition("\n")[2] if "\n" in before else self._line + before
            return found[1] if _LINE_START.match(line) else found[0]

        return _DEFINED.sub(plain, text)

    def _address(self, found: re.Match[str]) -> str:
        address = found[0]
        while address[-1] in _ENDING and not (address[-1] == ")" and address.count("(") >= address.count(")")):
            address = address[:-1]
        return self._address_of(address) + found[0][len(address) :]

    def _address_of(self, address: str) -> str:
        if address.lower().startswith(("mailto:", "xmpp:")):
            mailbox = _ADDRESS.sub(self._address, address.partition(":")[2].partition("?")[0])
            return f"\u2039{mailbox}\u203a"  # in marks, or what stands before it would go on with it
        if not self._given(address):
            self.left_out += 1
            return LEFT_OUT
        if address.lower().startswith("www."):
            return f"{address[:3]}[.]{address[4:]}"
        return address.replace(":", "[:]", 1)


def inert(text: str, given: Callable[[str], bool] = _always) -> str:
    """Return a whole text as `LinkFilter` leaves it."""
    filtering = LinkFilter(given)
    return filtering.feed(text) + filtering.flush()


def unmarked(text: str) -> str:
    """Return a text on one line that Markdown has nothing to read in, and that no client makes a link of."""
    return _MARKUP.sub(r"\\\1", inert(" ".join(text.split())))
