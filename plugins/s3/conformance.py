"""What the conformance kit tries the S3 source with: a bucket in memory that speaks as much of S3 as is asked."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from plugins.net.serving import Answer, Request, SceneServer
from plugins.s3.source import S3Config, S3Source

_SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_AT_ONCE = 100  # objects in an answer


class S3Scene:
    """A bucket, and the means to change what is in it."""

    secret = "wJalr-30c9de11"  # noqa: S105 - of this scene alone

    def __init__(self, folder: Path) -> None:
        del folder
        self._objects: dict[str, bytes] = {}
        self._refused: set[str] = set()
        self._readers: dict[str, str] = {}
        self._server = SceneServer(self._answer)
        self.throttle, self.down, self.close = self._server.throttle, self._server.down, self._server.close
        self.damage = self._server.damage
        self.config = {
            "bucket": "bucket",
            "prefix": "docs/",
            "endpoint": self._server.url,
            "access_key": "reader",
            "secret_key": self.secret,
            "readers_tag": "readers",
        }

    def source(self) -> S3Source:
        """Return a new source on the bucket."""
        return S3Source(S3Config.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Store an object."""
        self._objects[f"docs/{key}"] = data

    def remove(self, key: str) -> None:
        """Delete an object."""
        del self._objects[f"docs/{key}"]

    def rename(self, old: str, new: str) -> None:
        """Copy an object and delete the original, as is done where there is no renaming."""
        self._objects[f"docs/{new}"] = self._objects.pop(f"docs/{old}")

    def refuse(self, key: str) -> None:
        """Show an object and do not hand it out."""
        self._refused.add(f"docs/{key}")

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Tag an object with who may read it."""
        self._readers[f"docs/{key}"] = " + ".join([*sorted(allow), *(f"-{one}" for one in sorted(deny))])

    def _answer(self, request: Request) -> Answer:
        parts = urlsplit(request.target)
        bucket, _, key = unquote(parts.path).removeprefix("/").partition("/")
        if bucket != "bucket":
            return _error(404, "NoSuchBucket")
        if parts.query == "tagging":
            return self._tags(key)
        if not key:
            asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            return self._listing(asked)
        if key in self._refused:
            return _error(403, "AccessDenied")
        if key not in self._objects:
            return _error(404, "NoSuchKey")
        data = self._objects[key]
        return Answer(data, media_type="application/octet-stream", headers={"ETag": f'"{_tag(data)}"'})

    def _tags(self, key: str) -> Answer:
        if key not in self._objects:
            return _error(404, "NoSuchKey")
        names = self._readers.get(key)
        tag = f"<Tag><Key>readers</Key><Value>{escape(names)}</Value></Tag>" if names is not None else ""
        body = f'<?xml version="1.0"?><Tagging {_SPACE}><TagSet>{tag}</TagSet></Tagging>'
        return Answer(body.encode(), media_type="application/xml")

    def _listing(self, asked: dict[str, str]) -> Answer:
        after = asked.get("continuation-token") or asked.get("start-after", "")
        keys = [key for key in sorted(self._objects) if key.startswith(asked.get("prefix", "")) and key > after]
        shown, more = keys[:_AT_ONCE], keys[_AT_ONCE:]
        rows = "".join(
            f"<Contents><Key>{escape(quote(key))}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{_tag(self._objects[key])}&quot;</ETag><Size>{len(self._objects[key])}</Size></Contents>"
            for key in shown
        )
        then = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        body = (
            f'<?xml version="1.0"?><ListBucketResult {_SPACE}><Name>bucket</Name><KeyCount>{len(shown)}</KeyCount>'
            f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated><EncodingType>url</EncodingType>{then}{rows}"
            "</ListBucketResult>"
        )
        return Answer(body.encode(), media_type="application/xml")


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _error(status: int, code: str) -> Answer:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Answer(body.encode(), status, "application/xml")


SCENES = {"s3": S3Scene}
