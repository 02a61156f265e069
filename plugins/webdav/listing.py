"""Reads what a WebDAV server says of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from assistant.errors import SourceError

_ASKED = "<resourcetype/><getetag/><getlastmodified/><getcontentlength/>"
_SHARES = '<owner-id xmlns="http://owncloud.org/ns"/><sharees xmlns="http://nextcloud.org/ns"/>'
_KINDS = {"0": "user", "1": "group"}  # of those a thing is shared with; links and other servers' people are none here


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a folder. `path` is decoded; `mark` changes with the content, empty where the server tells nothing.

    `readers` are the principals of its owner and of those that it is shared with itself; None where its owner is not
    told.
    """

    path: str
    is_folder: bool
    mark: str
    readers: frozenset[str] | None = None


def asked(*, shares: bool) -> bytes:
    """Return what is sent to ask for a folder's items, with whom they are shared with if that is wanted."""
    more = _SHARES if shares else ""
    return f'<?xml version="1.0"?><propfind xmlns="DAV:"><prop>{_ASKED}{more}</prop></propfind>'.encode()


def read_listing(url: str, body: bytes) -> Iterator[Item]:
    """Yield what stands in an answer to PROPFIND, the folder itself too.

    Raises:
        SourceError: it is no such answer.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"{url} does not answer as WebDAV: {error}", "name a WebDAV folder") from error
    if root.tag != "{DAV:}multistatus":
        raise SourceError(f"{url} does not answer as WebDAV", "name a WebDAV folder")
    for answer in root.iterfind("{DAV:}response"):
        path = unquote(urlsplit(urljoin(url, (answer.findtext("{DAV:}href") or "").strip())).path)
        told: dict[str, str] = {}
        readers: set[str] = set()
        is_folder = False
        for part in answer.iterfind("{DAV:}propstat"):
            if " 200" in (part.findtext("{DAV:}status") or " 200"):
                is_folder = is_folder or part.find(".//{DAV:}collection") is not None
                for value in part.iterfind("{DAV:}prop/*"):
                    told[etree.QName(value).localname] = (value.text or "").strip()
                readers |= set(_shared_with(part))
        mark = told.get("getetag") or told.get("getlastmodified", "")
        known = frozenset({*readers, f"user:{told['owner-id']}"}) if told.get("owner-id") else None
        yield Item(path, is_folder, f"{mark}-{told.get('getcontentlength', '')}" if mark else "", known)


def _shared_with(part: Any) -> Iterator[str]:
    space = "{http://nextcloud.org/ns}"
    for sharee in part.iterfind(f".//{space}sharee"):
        kind, name = sharee.findtext(f"{space}type"), (sharee.findtext(f"{space}id") or "").strip()
        if name and (kind or "").strip() in _KINDS:
            yield f"{_KINDS[kind.strip()]}:{name}"
