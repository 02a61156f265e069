"""Lists the files of a branch and hands them out."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
)
from assistant.types import Change, Changed, Checkpoint, RawDocument, ReadersRule, parse_readers
from plugins.git.remote import Commit, Remote

_URL = re.compile(r"^(https?://|ssh://|git://|file://|/|[\w.-]+@[\w.-]+:)")
_LFS = b"version https://git-lfs.github.com/spec/"


class GitConfig(BaseModel):
    """Which repository, which branch, which of its files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(title="Address", description="https, ssh, git, NAME@HOST:PATH or a folder.")
    branch: str = Field("", title="Branch", description="Empty: the one that the repository names itself.")
    include: tuple[str, ...] = Field(
        (), title="Only", description="Paths with *, which also spans folders, e.g. docs/*.md; empty: all."
    )
    exclude: tuple[str, ...] = Field((), title="Leave out", description="Likewise.")
    username: str = Field("", title="User name", description="For https.")
    password: SecretStr = Field(SecretStr(""), title="Password or token", description="For https; ssh has keys.")
    link: str = Field(
        "",
        title="Link",
        description="Where a file is shown to people, with {path}, e.g. https://git.example.org/docs/blob/main/{path}.",
    )
    readers_file: str = Field(
        "",
        title="Readers",
        description="A file of the repository that says who may read what, as `ingest --acl` has it, e.g."
        " .readers.json. Whoever can change it decides.",
    )
    max_bytes: int = Field(50_000_000, ge=1, title="Largest file", description="Bytes; a larger one is a failure.")
    refresh_seconds: float = Field(
        30.0, ge=0, title="Look again after", description="Seconds for which documents are read from the same commit."
    )

    @field_validator("url")
    @classmethod
    def _known_way(cls, url: str) -> str:
        if not _URL.match(url):
            raise ValueError("begin with https://, ssh://, git://, NAME@HOST: or /")
        if re.match(r"^https?://[^/]*@", url):
            raise ValueError("put the sign-in into username and password: an address is no secret")
        return url


class GitSource:
    """Every file of the branch's newest commit, but hidden ones, links and submodules; the key is its path.

    The cursor is the commit: as long as the branch stays there, nothing is fetched. A file's mark is its content's name
    in Git, so that a rename is seen as one.
    """

    def __init__(self, config: GitConfig) -> None:
        self._config = config
        self._remote = Remote(config.url, config.branch, config.username, config.password.get_secret_value())
        self._commit: Commit | None = None
        self._looked = -float("inf")
        self._ruled: tuple[bytes, ReadersRule] | None = None  # with the commit that it is of
        self._lock = threading.Lock()

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: nothing while the branch is where the cursor is, else the whole commit."""
        with self._lock:
            head = self._remote.head()
            name = head.decode() if head else "empty"
            if cursor is not None and cursor == name:
                yield Checkpoint(name, complete=False)
                return
            commit = self._taken(head)
        if commit is not None:
            rule = self._rule(commit)
            for key, file in commit.files.items():
                if self._is_wanted(key):
                    yield Changed(key, file.blob.decode(), rule.access(key) if rule is not None else None)
        yield Checkpoint(name, complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        with self._lock:
            if time.monotonic() - self._looked >= self._config.refresh_seconds:
                self._taken(self._remote.head())
            commit = self._commit
        file = commit.files.get(key) if commit is not None and self._is_wanted(key) else None
        if commit is None or file is None:
            raise NotFoundError(f"{key!r} is no file of {self._config.url}")
        data = commit.read(file)
        if len(data) > self._config.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has {len(data):,} bytes, the limit is {self._config.max_bytes:,}",
                "raise max_bytes of the source, or leave the file out with `exclude`",
            )
        if data.startswith(_LFS):
            raise DocumentUnreadableError(f"{key} is kept in Git LFS, which is not read", "leave it out with `exclude`")
        shown = self._config.link or f"{self._config.url.removesuffix('.git')}#{{path}}"
        rule = self._rule(commit)
        access = rule.access(key) if rule is not None else None
        return RawDocument(key, data, "", key.rpartition("/")[2], shown.replace("{path}", quote(key)), access)

    def _rule(self, commit: Commit) -> ReadersRule | None:
        """Return what the commit says of readers.

        Raises:
            SourceError: it does not say it as it should; nobody gets to see more then.
        """
        name = self._config.readers_file
        if not name:
            return None
        with self._lock:
            if self._ruled is not None and self._ruled[0] == commit.sha:
                return self._ruled[1]
        place, hint = f"{name} of {self._config.url}", "put it right in the repository"
        if name not in commit.files:
            raise SourceError(f"{self._config.url} has no file {name}", hint)
        try:
            rule = parse_readers(json.loads(commit.read(commit.files[name])), place)
        except ValueError as error:
            raise SourceError(f"{place} is not JSON: {error}", hint) from error
        except ConfigurationError as error:
            raise SourceError(error.message, error.hint) from error
        with self._lock:
            self._ruled = commit.sha, rule
        return rule

    def _taken(self, head: bytes | None) -> Commit | None:
        if head is None:
            self._commit = None
        elif self._commit is None or self._commit.sha != head:
            self._commit = self._remote.commit(head)
        self._looked = time.monotonic()
        return self._commit

    def _is_wanted(self, key: str) -> bool:
        if any(part.startswith(".") for part in key.split("/")) or key == self._config.readers_file:
            return False
        include, exclude = self._config.include, self._config.exclude
        inside = not include or any(fnmatchcase(key, glob) for glob in include)
        return inside and not any(fnmatchcase(key, glob) for glob in exclude)
