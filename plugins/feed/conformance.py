"""What the conformance kit tries the feed source with: an Atom feed whose entries carry what is put, in Base64."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from plugins.feed.reading import key_of
from plugins.feed.source import FeedConfig, FeedSource
from plugins.net.serving import Answer, Request, SceneServer

_STAYS = "a feed names its latest entries only: what leaves it stays as it was indexed"


class FeedScene:
    """A feed, and the means to change what is in it."""

    secret = "token-b8f1c2d4"  # noqa: S105 - of this scene alone
    exempt = dict.fromkeys(
        (
            "empty_source_completes",
            "listing_ends_complete",
            "removed_documents_are_not_found",
            "renamed_documents_have_their_new_key",
            "changes_after_the_cursor_are_all_seen",
            "an_old_cursor_still_works",
        ),
        _STAYS,
    )

    def __init__(self, folder: Path) -> None:
        del folder
        self._entries: dict[str, bytes] = {}
        self._names: dict[str, str] = {}
        self._server = SceneServer(self._answer)
        self.throttle, self.down, self.close = self._server.throttle, self._server.down, self._server.close
        self.damage = self._server.damage
        self.config = {
            "feeds": [f"{self._server.url}/feed.xml"],
            "private_hosts": ["127.0.0.1"],
            "refresh_seconds": 0,
            "delay_seconds": 0,
            "headers": {"Authorization": self.secret},
        }

    def source(self) -> FeedSource:
        """Return a new source on the feed."""
        return FeedSource(FeedConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Publish an entry."""
        self._entries[key] = data
        self._names[key_of(urlsplit(self._server.url).netloc, _identity(key))] = key

    def remove(self, key: str) -> None:
        """Take an entry out of the feed."""
        del self._entries[key]

    def rename(self, old: str, new: str) -> None:
        """Publish an entry under another identity."""
        self.put(new, self._entries.pop(old))

    def key_of(self, name: str) -> str:
        """Return the key of an entry with this identity."""
        return key_of(urlsplit(self._server.url).netloc, _identity(name)) if name in self._names.values() else name

    def name_of(self, key: str) -> str:
        """Return the identity of the entry with this key."""
        return self._names.get(key, key)

    def data_of(self, data: bytes) -> bytes:
        """Return what was put, from the page that the source made of it."""
        found = re.search(rb"<pre>([^<]*)</pre>", data)
        return base64.b64decode(found[1]) if found else data

    def _answer(self, request: Request) -> Answer:
        del request
        entries = "".join(
            f"<entry><id>{escape(_identity(key))}</id><title>{escape(key)}</title><updated>2026-01-01T00:00:00Z</updated>"
            f'<content type="html">&lt;pre&gt;{base64.b64encode(data).decode()}&lt;/pre&gt;</content></entry>'
            for key, data in self._entries.items()
        )
        feed = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entries}</feed>'
        return Answer(feed.encode(), media_type="application/atom+xml")


def _identity(name: str) -> str:
    return f"urn:scene:{quote(name)}"


SCENES = {"feed": FeedScene}
