"""The Git source against real Git servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.git import GitConfig, GitSource
from tests.contracts.data_source_contract import DataSourceContract
from tests.plugins.git.servers import daemon, git, http_backend


@dataclass
class GitScene:
    work: Path
    source: GitSource

    def put(self, key: str, data: bytes) -> None:
        path = self.work / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.push()

    def remove(self, key: str) -> None:
        (self.work / key).unlink()
        self.push()

    def push(self) -> None:
        git("add", "--all", at=self.work)
        git("commit", "--quiet", "--allow-empty", "--message", "change", at=self.work)
        git("push", "--quiet", "--force", "origin", "main", at=self.work)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the repository `docs.git`, empty, and a clone of it to work in."""
    root = tmp_path / "served"
    root.mkdir()
    git("init", "--quiet", "--bare", "--initial-branch=main", "docs.git", at=root)
    git("init", "--quiet", "--initial-branch=main", "work", at=tmp_path)
    git("remote", "add", "origin", str(root / "docs.git"), at=tmp_path / "work")
    return root


@pytest.fixture
def scene(root: Path) -> Iterator[GitScene]:
    with daemon(root) as address:
        yield GitScene(root.parent / "work", source(f"{address}/docs.git"))


def source(url: str, **more: Any) -> GitSource:
    return GitSource(GitConfig.model_validate({"url": url, "refresh_seconds": 0, **more}))


def listed(one: GitSource, cursor: str | None = None) -> tuple[dict[str, str | None], Checkpoint]:
    changes = list(one.changes(cursor))
    assert isinstance(changes[-1], Checkpoint)
    return {change.key: change.version for change in changes if isinstance(change, Changed)}, changes[-1]


class TestGitSource(DataSourceContract):
    @pytest.fixture
    def scene(self, scene: GitScene) -> GitScene:
        return scene


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "git" in load_registry().sources


def test_nothing_is_listed_until_the_branch_moves_and_a_rename_keeps_its_mark(scene: GitScene) -> None:
    scene.put("a.txt", b"one")
    scene.put("b.txt", b"two")
    marks, end = listed(scene.source)
    assert end.complete
    quiet, same = listed(scene.source, end.cursor)
    assert (quiet, same) == ({}, Checkpoint(end.cursor, complete=False))
    (scene.work / "a.txt").rename(scene.work / "renamed.txt")
    scene.push()
    moved, after = listed(scene.source, end.cursor)
    assert moved == {"renamed.txt": marks["a.txt"], "b.txt": marks["b.txt"]}
    assert after.complete
    git("reset", "--quiet", "--hard", "HEAD~1", at=scene.work)  # and a history that was written anew
    scene.push()
    assert listed(scene.source, after.cursor)[0] == marks


def test_hidden_files_links_and_submodules_are_left_out_and_more_on_demand(root: Path) -> None:
    scene = GitScene(root.parent / "work", source(str(root / "docs.git"), include=["docs/*"], exclude=["*.png"]))
    for key in (".env", "docs/.hidden/x.md", "docs/a.md", "docs/deep/b.md", "docs/c.png", "code/d.py"):
        (scene.work / key).parent.mkdir(parents=True, exist_ok=True)
        (scene.work / key).write_text(key)
    (scene.work / "docs" / "link.md").symlink_to("a.md")
    scene.push()
    assert set(listed(scene.source)[0]) == {"docs/a.md", "docs/deep/b.md"}
    for key in ("docs/link.md", "code/d.py", ".env"):
        with pytest.raises(NotFoundError):
            scene.source.fetch(key)


def test_a_repository_behind_a_sign_in(root: Path) -> None:
    scene = GitScene(root.parent / "work", source(str(root / "docs.git")))
    scene.put("a.txt", b"one")
    with http_backend(root, "ann", "hush-hush-hush") as address:
        one = source(f"{address}/docs.git", username="ann", password="hush-hush-hush", link="https://x.example/{path}")
        assert set(listed(one)[0]) == {"a.txt"}
        raw = one.fetch("a.txt")
        assert (raw.data, raw.title, raw.uri) == (b"one", "a.txt", "https://x.example/a.txt")
        with pytest.raises(SourceError, match="refuses the sign-in") as caught:
            listed(source(f"{address}/docs.git", username="ann", password="wrong-wrong"))
        assert not caught.value.retryable
        assert "wrong-wrong" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_what_is_not_there_is_said(root: Path) -> None:
    scene = GitScene(root.parent / "work", source(str(root / "docs.git")))
    scene.put("a.txt", b"one")
    with pytest.raises(SourceError, match="no branch other"):
        listed(source(str(root / "docs.git"), branch="other"))
    with pytest.raises(SourceError, match="is no Git repository"):
        listed(source(str(root / "none.git")))
    for address in ("git://127.0.0.1:1/docs.git", "http://127.0.0.1:1/docs.git"):
        with pytest.raises(SourceUnreachableError, match="does not answer"):
            listed(source(address))


def test_documents_that_are_not_handed_out(root: Path) -> None:
    scene = GitScene(root.parent / "work", source(str(root / "docs.git"), max_bytes=1000))
    scene.put("big.txt", b"x" * 2000)
    scene.put("lfs.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(DocumentTooLargeError, match=r"2,000 bytes, the limit is 1,000"):
        scene.source.fetch("big.txt")
    with pytest.raises(DocumentUnreadableError, match="LFS"):
        scene.source.fetch("lfs.bin")


def test_what_was_fetched_is_removed_with_the_source(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(kept))
    scene = GitScene(root.parent / "work", source(str(root / "docs.git")))
    scene.put("a.txt", b"one")
    one = source(str(root / "docs.git"))
    one.fetch("a.txt")
    assert list(kept.iterdir())
    del one
    assert not list(kept.iterdir())


@pytest.mark.parametrize(
    ("url", "why"), [("ext::sh -c x", "begin with"), ("-oProxy", "begin with"), ("https://a:b@x.example/r", "sign-in")]
)
def test_addresses_that_run_or_tell_something_are_refused(url: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        load_registry().validate("git", {"url": url})


def test_a_file_of_the_repository_says_who_may_read_what(root: Path) -> None:
    scene = GitScene(root.parent / "work", source(str(root / "docs.git"), readers_file="readers.json"))
    scene.put("hr/a.txt", b"one")
    with pytest.raises(SourceError, match=r"has no file readers\.json"):
        listed(scene.source)
    scene.put("readers.json", b'{"rules": [{"glob": "hr/**", "readers": ["hr"], "deny": ["user:bob"]}]}')
    hr = Access(frozenset({"group:hr"}), frozenset({"user:bob"}))
    changes = [change for change in scene.source.changes(None) if isinstance(change, Changed)]
    assert [(change.key, change.access) for change in changes] == [("hr/a.txt", hr)]
    assert scene.source.fetch("hr/a.txt").access == hr
    with pytest.raises(NotFoundError):
        scene.source.fetch("readers.json")
    for wrong, why in ((b"{", "is not JSON"), (b'{"defaults": []}', "defaults")):
        scene.put("readers.json", wrong)
        with pytest.raises(SourceError, match=why):
            listed(scene.source)
