"""Lists a bucket's objects and hands them out."""

from __future__ import annotations

import contextlib
import functools
import threading
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.types import Access, Change, Changed, Checkpoint, RawDocument
from plugins.net import guard_pools

_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_BUSY = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout", "InternalError", "ServiceUnavailable"}
)
_AFTER = "after:"  # of a cursor in the middle of a listing: the last name that was listed
_TAGS_AT_ONCE = 8
_COLD = frozenset({"InvalidObjectState"})


class S3Config(BaseModel):
    """Which store, which bucket, which of its objects."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: str = Field(min_length=1, title="Bucket", description="Its name.")
    prefix: str = Field("", title="Below", description="Only objects whose names begin so, e.g. policies/.")
    endpoint: str = Field("", title="Server", description="E.g. https://minio.example.org; empty: Amazon's.")
    region: str = Field("us-east-1", title="Region", description="As the store names it.")
    access_key: str = Field("", title="Access key", description="Empty: what the machine itself is given, or none.")
    secret_key: SecretStr = Field(SecretStr(""), title="Secret key", description="Of the access key.")
    anonymous: bool = Field(default=False, title="Public bucket", description="Sign nothing.")
    readers_tag: str = Field(
        "",
        title="Readers",
        description="An object's tag with the groups that may read it (+ between them; user:ID for a person; - before"
        " those who may not); one request an object at each sync.",
    )
    include: tuple[str, ...] = Field(
        (), title="Only", description="Names with *, which also spans folders, e.g. *.pdf; empty: all."
    )
    exclude: tuple[str, ...] = Field((), title="Leave out", description="Likewise.")
    max_bytes: int = Field(100_000_000, ge=1, title="Largest object", description="Bytes; a larger one is a failure.")


@functools.cache
def _descriptions() -> Any:
    """Return what knows S3's operations, and keeps them: to read them costs 100 ms each time."""
    from botocore.loaders import create_loader

    return create_loader()


class S3Source:
    """Every object below the prefix; the key is its name without the prefix. Safe to call from several threads.

    Its mark is ETag and size, so that an object that is copied elsewhere and deleted here is seen as moved.
    """

    def __init__(self, config: S3Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._made: Any = None

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always the whole bucket, a thousand names a request.

        Only where a listing broke off, what came before is left out.
        """
        config = self._config
        asked = {"Bucket": config.bucket, "Prefix": config.prefix}
        if cursor and cursor.startswith(_AFTER):
            asked["StartAfter"] = cursor.removeprefix(_AFTER)
        pages = self._client().get_paginator("list_objects_v2").paginate(**asked)
        with self._told():
            for page in pages:
                there = {found["Key"].removeprefix(config.prefix): found for found in page.get("Contents", ())}
                wanted = [key for key in there if self._is_wanted(key)]
                readers = self._readers(wanted)
                for key in wanted:
                    found = there[key]
                    # with and without the tag are two versions: without it, the source's rule decides
                    mark = f"{found['ETag'].strip(chr(34))}-{found['Size']}{'-tagged' if key in readers else ''}"
                    yield Changed(key, mark, readers.get(key))
                if page.get("IsTruncated") and there:  # a listing that breaks off goes on here
                    yield Checkpoint(f"{_AFTER}{config.prefix}{next(reversed(there))}")
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        config = self._config
        if not self._is_wanted(key):
            raise NotFoundError(f"{key!r} is no object of this source")
        with self._told(key):
            found = self._client().get_object(Bucket=config.bucket, Key=config.prefix + key)
            with contextlib.closing(found["Body"]) as body:
                if found["ContentLength"] > config.max_bytes:
                    raise DocumentTooLargeError(
                        f"{key} has {found['ContentLength']:,} bytes, the limit is {config.max_bytes:,}",
                        "raise max_bytes of the source, or leave it out with `exclude`",
                    )
                data: bytes = body.read()
            access = self._readers([key]).get(key)
        uri = f"s3://{config.bucket}/{quote(config.prefix + key)}"
        # the stored type is what some program guessed
        return RawDocument(key, data, "", key.rpartition("/")[2], uri, access)

    def _readers(self, keys: Sequence[str]) -> dict[str, Access]:
        """Return the readers of the objects that have the tag; what went meanwhile has none."""
        if not self._config.readers_tag or not keys:
            return {}
        with ThreadPoolExecutor(_TAGS_AT_ONCE, "s3-tags") as threads:
            found = zip(keys, threads.map(self._tag, keys), strict=True)
            return {key: Access.of_names(value.replace("+", ",")) for key, value in found if value is not None}

    def _tag(self, key: str) -> str | None:
        from botocore.exceptions import ClientError

        config = self._config
        try:
            answer = self._client().get_object_tagging(Bucket=config.bucket, Key=config.prefix + key)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) in _GONE:
                return None
            raise
        return next((str(tag["Value"]) for tag in answer["TagSet"] if tag["Key"] == config.readers_tag), None)

    def _is_wanted(self, key: str) -> bool:
        if not key or key.endswith("/"):  # what consoles make to show a folder
            return False
        include, exclude = self._config.include, self._config.exclude
        inside = not include or any(fnmatchcase(key, glob) for glob in include)
        return inside and not any(fnmatchcase(key, glob) for glob in exclude)

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                from botocore import UNSIGNED
                from botocore.config import Config
                from botocore.session import get_session

                config = self._config
                signing = {"signature_version": UNSIGNED} if config.anonymous else {}
                style = {"addressing_style": "path" if config.endpoint else "auto"}
                secret = config.secret_key.get_secret_value()
                session = get_session()
                session.register_component("data_loader", _descriptions())
                self._made = session.create_client(
                    "s3",
                    region_name=config.region,
                    endpoint_url=config.endpoint or None,
                    aws_access_key_id=config.access_key or None,
                    aws_secret_access_key=secret or None,
                    config=Config(
                        retries={"max_attempts": 4, "mode": "standard"},
                        connect_timeout=20,
                        read_timeout=60,
                        max_pool_connections=16,
                        s3=style,
                        **signing,
                    ),
                )
                host = urlsplit(config.endpoint).hostname
                guard_pools(self._made._endpoint.http_session._manager, (host,) if host else ())
                weakref.finalize(self, self._made.close)
            return self._made

    @contextlib.contextmanager
    def _told(self, key: str = "") -> Iterator[None]:
        """Say in the house's own errors what went wrong, with one object or with all of them."""
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
        from botocore.exceptions import ConnectionError as NoConnectionError

        place = self._config.endpoint or "the store"
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            if key and code in _GONE:
                raise NotFoundError(f"{key} is gone") from error
            if code in _BUSY or status >= 500:
                raise SourceUnreachableError(f"{place} is busy: {code}", "the next sync tries again") from error
            if key and code in _COLD:
                raise DocumentUnreadableError(f"{key} is archived", "restore it, or leave it out") from error
            if key and code == "AccessDenied":
                raise DocumentUnreadableError(f"{key} is not handed out", "allow s3:GetObject on it") from error
            hint = "check bucket, keys and rights (s3:ListBucket, s3:GetObject; s3:GetObjectTagging for readers_tag)"
            raise SourceError(f"{place} refuses bucket {self._config.bucket}: {code}", hint) from error
        except RecursionError as error:  # botocore asks where a bucket is by asking where it is
            raise SourceError(
                f"{place} sends requests elsewhere, and does not say where", "check the address"
            ) from error
        except NoCredentialsError as error:
            raise SourceError("there is no access key", "give access_key and secret_key, or set anonymous") from error
        except (HTTPClientError, NoConnectionError) as error:
            if isinstance(error.__context__, SourceError):  # of the guard
                raise error.__context__ from error
            raise SourceUnreachableError(f"{place} does not answer: {error}", "check the address") from error
        except BotoCoreError as error:
            raise SourceError(f"{place} cannot be asked: {error}", "check the source's configuration") from error
