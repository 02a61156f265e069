"""Reads what a WebDAV server says of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from assistant.errors import SourceError

ASKED = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getetag/><getlastmodified/>'
    b"<getcontentlength/></prop></propfind>"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a folder. `path` is decoded; `mark` changes with the content, empty where the server tells nothing."""

    path: str
    is_folder: bool
    mark: str


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
        is_folder = False
        for part in answer.iterfind("{DAV:}propstat"):
            if " 200" in (part.findtext("{DAV:}status") or " 200"):
                is_folder = is_folder or part.find(".//{DAV:}collection") is not None
                for value in part.iterfind("{DAV:}prop/*"):
                    told[etree.QName(value).localname] = (value.text or "").strip()
        mark = told.get("getetag") or told.get("getlastmodified", "")
        yield Item(path, is_folder, f"{mark}-{told.get('getcontentlength', '')}" if mark else "")
