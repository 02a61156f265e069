"""A branch of a repository elsewhere: which commit it is at, and that commit's files."""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
import stat
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.errors import SourceError, SourceUnreachableError
from plugins.net import guard_pools, reachable

if TYPE_CHECKING:
    from dulwich.objects import ObjectID
    from dulwich.repo import Repo


_SILENCE = 60.0  # seconds
_PORTS = {"git": 9418}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a commit. `blob` names its content."""

    key: str
    blob: ObjectID


class Commit:
    """The files of one commit, kept in a folder of its own as long as this object lives. Safe for several threads."""

    def __init__(self, repo: Repo, sha: bytes) -> None:
        self.sha = sha
        self._repo = repo
        self.files: Mapping[str, File] = {file.key: file for file in self._walk()}

    def _walk(self) -> Iterator[File]:
        tree = self._repo[self.sha].tree  # type: ignore[attr-defined]
        for entry in self._repo.object_store.iter_tree_contents(tree):
            if entry.path is not None and entry.sha is not None and stat.S_ISREG(entry.mode or 0):
                yield File(entry.path.decode("utf-8", "backslashreplace"), entry.sha)

    def read(self, file: File) -> bytes:
        """Return a file's content."""
        data: bytes = self._repo.object_store[file.blob].as_raw_string()
        return data


class Remote:
    """A branch of a repository that some server, or a folder here, holds.

    Args:
        url: http, https, ssh, git, or a folder.
        branch: its name; empty for the one that the repository names itself.
        username: for http and https.
        password: likewise, maybe a token.
    """

    def __init__(self, url: str, branch: str, username: str, password: str) -> None:
        self._url, self._branch = url, branch
        self._username, self._password = username, password

    def head(self) -> bytes | None:
        """Return the commit that the branch is at; None where the repository is empty.

        Raises:
            SourceError: there is no such repository or branch, or the sign-in is refused.
            SourceUnreachableError: the server does not answer.
        """
        with self._told():
            client, path = self._client()
            refs = client.get_refs(path).refs
        found = refs.get(f"refs/heads/{self._branch}".encode() if self._branch else b"HEAD")
        if found is None and self._branch and any(name.startswith(b"refs/heads/") for name in refs):
            raise SourceError(f"{self._url} has no branch {self._branch}", "name one of its branches")
        return bytes(found) if found else None

    def commit(self, sha: bytes) -> Commit:
        """Fetch a commit without its history.

        Raises:
            SourceError, SourceUnreachableError: as `head`.
        """
        from dulwich.repo import Repo

        folder = tempfile.mkdtemp(prefix="assistant-git-")
        try:
            repo = Repo.init_bare(folder)
            with self._told():
                client, path = self._client()
                client.fetch(path, repo, determine_wants=lambda *_, **__: [sha], depth=1)
            commit = Commit(repo, sha)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(commit, _discard, repo, folder)
        return commit

    def _client(self) -> tuple[Any, Any]:
        from dulwich.client import default_urllib3_manager, get_transport_and_path

        signing_in: dict[str, Any] = {"username": self._username, "password": self._password} if self._password else {}
        if not self._url.startswith(("http://", "https://")):
            if host := _host(self._url):
                next(reachable(host, _PORTS.get(self._url.partition(":")[0], 22), (host,)))
            return get_transport_and_path(self._url)
        pool: Any = default_urllib3_manager(None, _draining(), base_url=self._url, timeout=_SILENCE)
        guard_pools(pool, (_host(self._url),))  # the server that an admin named; a redirect leads nowhere else inside
        return get_transport_and_path(self._url, pool_manager=pool, **signing_in)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say what went wrong in the house's own errors, none of which holds the sign-in."""
        from dulwich.client import HTTPUnauthorized
        from dulwich.errors import FileFormatException, GitProtocolError, HangupException, NotGitRepository
        from urllib3.exceptions import HTTPError

        try:
            yield
        except HTTPUnauthorized as error:
            raise SourceError(f"{self._url} refuses the sign-in", "check user name and password") from error
        except NotGitRepository as error:
            raise SourceError(f"{self._url} is no Git repository", "check the address") from error
        except (HangupException, HTTPError, OSError) as error:
            hint = "check the address, or the network; the next sync tries again"
            raise SourceUnreachableError(f"{self._url} does not answer: {error}", hint) from error
        except GitProtocolError as error:
            if isinstance(error.__cause__, HTTPError) or re.search(r"http resp (429|5\d\d)", str(error)):
                hint = "check the address, or the network; the next sync tries again"
                raise SourceUnreachableError(f"{self._url} does not answer: {error}", hint) from error
            raise SourceError(f"{self._url} refuses: {error}", "check the address and the sign-in") from error
        except (ValueError, FileFormatException) as error:  # what the library says of an answer that it cannot read
            raise SourceError(f"{self._url} does not answer as Git: {error}", "check the address") from error


@functools.cache
def _draining() -> type:
    from urllib3 import BaseHTTPResponse, PoolManager

    class Draining(PoolManager):
        """Reads an error's page to its end, so that its connection is not left open."""

        def urlopen(self, method: str, url: str, redirect: bool = True, **kw: Any) -> BaseHTTPResponse:  # type: ignore[override]
            answer = super().urlopen(method, url, redirect, **kw)
            if answer.status >= 400:
                answer.drain_conn()
            return answer

    return Draining


def _host(url: str) -> str:
    """Return the host of an address, NAME@HOST:PATH among them; empty for a folder."""
    if "://" in url:
        return urlsplit(url).hostname or ""
    found = re.match(r"^(?:[^@/]+@)?\[?([^/\]:]+)\]?:(?!//)", url)
    return found[1] if found and not url.startswith(("/", ".")) else ""


def _discard(repo: Repo, folder: str) -> None:
    repo.close()
    shutil.rmtree(folder, ignore_errors=True)
