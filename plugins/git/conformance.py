"""What the conformance kit tries the Git source with: a repository that is served over HTTP behind a sign-in."""

from __future__ import annotations

import base64
import io
import json
import stat
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plugins.git.source import GitConfig, GitSource
from plugins.net.serving import Answer, Request, SceneServer

_RULES = ".readers.json"
_WHO = b"A Writer <a@example.org>"


class GitScene:
    """A branch, and the means to change its files; they are committed when somebody asks for them."""

    secret = "hush-e5a1937b"  # noqa: S105 - of this scene alone

    def __init__(self, folder: Path) -> None:
        from dulwich.repo import Repo
        from dulwich.server import DictBackend
        from dulwich.web import make_wsgi_chain

        path = folder / "docs.git"
        path.mkdir()
        served: Any = Repo.init_bare(path)
        self._repo = served
        self._files: dict[str, bytes] = {_RULES: b"{}"}
        self._rules: dict[str, dict[str, Any]] = {}
        self._is_changed = True
        self._commits = 0
        self._lock = threading.Lock()
        self._app = make_wsgi_chain(DictBackend({"/docs.git": served}))
        self._sign_in = "Basic " + base64.b64encode(f"ann:{self.secret}".encode()).decode()
        self._server = SceneServer(self._answer)
        self.throttle, self.down = self._server.throttle, self._server.down
        self.damage = self._server.damage
        self.config = {
            "url": f"{self._server.url}/docs.git",
            "username": "ann",
            "password": self.secret,
            "refresh_seconds": 0,
            "readers_file": _RULES,
        }

    def source(self) -> GitSource:
        """Return a new source on the branch."""
        return GitSource(GitConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a file."""
        self._files[key], self._is_changed = data, True

    def remove(self, key: str) -> None:
        """Delete a file."""
        del self._files[key]
        self._is_changed = True

    def rename(self, old: str, new: str) -> None:
        """Rename a file."""
        self.put(new, self._files.pop(old))

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Write into the repository who may read a file."""
        self._rules[key] = {"glob": key, "readers": sorted(allow), "deny": sorted(deny)}
        self.put(_RULES, json.dumps({"rules": list(self._rules.values())}).encode())

    def close(self) -> None:
        """End the server."""
        self._server.close()
        self._repo.close()

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != self._sign_in:
            return Answer(b"sign in", 401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        with self._lock:
            if self._is_changed:
                self._commit()
            return self._asked(request)

    def _asked(self, request: Request) -> Answer:
        """Let the library's own server answer."""
        told: list[Any] = []
        parts = urlsplit(request.target)
        environ = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
        }
        written = io.BytesIO()

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            told[:] = [status, dict(headers)]
            return written.write

        body = b"".join(self._app(environ, start))
        return Answer(written.getvalue() + body, int(told[0].split()[0]), told[1].get("Content-Type", "text/plain"))

    def _commit(self) -> None:
        """Make a commit of the files, without a parent: the source asks for no history."""
        from dulwich.objects import Blob, Commit, Tree

        def tree(files: dict[str, bytes]) -> Any:
            made = Tree()
            for name in dict.fromkeys(key.split("/")[0] for key in files):
                inside = {key.partition("/")[2]: data for key, data in files.items() if key.startswith(f"{name}/")}
                if inside:
                    made.add(name.encode(), stat.S_IFDIR, tree(inside))
                else:
                    blob = Blob.from_string(files[name])
                    self._repo.object_store.add_object(blob)
                    made.add(name.encode(), stat.S_IFREG | 0o644, blob.id)
            self._repo.object_store.add_object(made)
            return made.id

        commit = Commit()
        commit.tree = tree(self._files)
        commit.author = commit.committer = _WHO
        commit.author_time = commit.commit_time = int(time.time())
        commit.author_timezone = commit.commit_timezone = 0
        self._commits += 1
        commit.message = str(self._commits).encode()
        self._repo.object_store.add_object(commit)
        self._repo.refs[b"refs/heads/main"] = commit.id
        self._repo.refs.set_symbolic_ref(b"HEAD", b"refs/heads/main")
        self._is_changed = False


SCENES = {"git": GitScene}
