"""What the conformance kit tries the WebDAV source with: a server of files in memory that knows shares."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from plugins.net.serving import Answer, Request, SceneServer
from plugins.webdav.source import WebdavConfig, WebdavSource

_FOLDER = "<d:resourcetype><d:collection/></d:resourcetype><oc:owner-id>ann</oc:owner-id>"
_ROOT = "/dav/"
_SPACES = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"'


class WebdavScene:
    """A folder on a server, and the means to change what is in it."""

    secret = "hush-61f0aa97"  # noqa: S105 - of this scene alone
    denies = False
    exempt: ClassVar[dict[str, str]] = {"nobody_is_not_everybody": "a file's owner always reads it"}

    def __init__(self, folder: Path) -> None:
        del folder
        self._files: dict[str, bytes] = {}
        self._refused: set[str] = set()
        self._shares: dict[str, set[str]] = {}
        self._sign_in = "Basic " + base64.b64encode(f"ann:{self.secret}".encode()).decode()
        self._server = SceneServer(self._answer)
        self.throttle, self.down, self.close = self._server.throttle, self._server.down, self._server.close
        self.damage = self._server.damage
        self.config = {
            "url": f"{self._server.url}{_ROOT}",
            "username": "ann",
            "password": self.secret,
            "private_hosts": ["127.0.0.1"],
            "shares": True,
        }

    def source(self) -> WebdavSource:
        """Return a new source on the folder."""
        return WebdavSource(WebdavConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a file."""
        self._files[key] = data

    def remove(self, key: str) -> None:
        """Delete a file."""
        del self._files[key]

    def rename(self, old: str, new: str) -> None:
        """Move a file."""
        self._files[new] = self._files.pop(old)

    def refuse(self, key: str) -> None:
        """Show a file and do not hand it out."""
        self._refused.add(key)

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Share a file, which is Ann's, with others."""
        del deny
        self._shares[key] = allow

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self._sign_in:
            return Answer(b"sign in", 401)
        key = unquote(request.target).removeprefix(_ROOT)
        if request.method == "PROPFIND":
            place = key.strip("/")
            return self._listing(place, request.headers.get("depth") == "0")
        if key in self._refused:
            return Answer(b"no", 403)
        return Answer(self._files[key]) if key in self._files else Answer(b"not here", 404)

    def _listing(self, folder: str, alone: bool) -> Answer:
        if folder in self._files:
            return self._told([self._row(folder, "".join(self._properties(folder)))])
        inside = f"{folder}/" if folder else ""
        below = {key.removeprefix(inside): key for key in self._files if key.startswith(inside)}
        if folder and not below:
            return Answer(b"not here", 404)
        rows = [self._row(inside, _FOLDER)]
        for name in () if alone else dict.fromkeys(one.split("/")[0] for one in below):
            if name in below:
                rows.append(self._row(inside + name, "".join(self._properties(below[name]))))
            else:
                rows.append(self._row(f"{inside}{name}/", _FOLDER))
        return self._told(rows)

    def _told(self, rows: list[str]) -> Answer:
        body = f'<?xml version="1.0"?><d:multistatus {_SPACES}>{"".join(rows)}</d:multistatus>'
        return Answer(body.encode(), 207, "application/xml")

    def _row(self, path: str, properties: str) -> str:
        return (
            f"<d:response><d:href>{escape(quote(_ROOT + path))}</d:href><d:propstat><d:prop>{properties}</d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        )

    def _properties(self, key: str) -> Iterator[str]:
        data = self._files[key]
        yield f"<d:resourcetype/><d:getcontentlength>{len(data)}</d:getcontentlength>"
        yield "<oc:owner-id>ann</oc:owner-id>"
        sharees = (one.split(":") for one in sorted(self._shares.get(key, ())))
        told = (f"<nc:id>{escape(name)}</nc:id><nc:type>{int(kind == 'group')}</nc:type>" for kind, name in sharees)
        yield f"<nc:sharees>{''.join(f'<nc:sharee>{one}</nc:sharee>' for one in told)}</nc:sharees>"
        yield f'<d:getetag>"{hashlib.sha256(data).hexdigest()[:16]}"</d:getetag>'


SCENES = {"webdav": WebdavScene}
