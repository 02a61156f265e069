"""Lists the files of a SharePoint library or a OneDrive and hands them out."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.types import Access, Change, Changed, Checkpoint, RawDocument
from plugins.cloud import Node, Tree, digest, readers_of
from plugins.sharepoint.api import GraphApi, Item, TokenTooOldError, holders
from plugins.sharepoint.config import SharepointConfig


class SharepointSource:
    """Every file of the library, or below its folder; the key is its path there. Safe to call from several threads.

    The cursor holds Graph's link for changes, and which items there were.
    """

    def __init__(self, config: SharepointConfig) -> None:
        self._config = config
        self._api = GraphApi(config)
        self._below = f"{config.folder}/" if config.folder else ""
        self._mapping = config.mapping_mark  # other readers here are another version
        self._known: list[str] = []  # the id of the drive, once it was asked for
        self._lock = threading.Lock()

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: only changes are asked for, and all files are listed."""
        drive = self._drive()
        root = self._api.root(drive)
        at_root = self._root_rights(drive, root)
        self._expect_folder(drive)
        yield Checkpoint(cursor or "")  # it can be listed: who only tries that need not wait for all of it
        tree, link = self._before(cursor, root)
        try:
            shared, link = self._follow(tree, drive, link)
        except TokenTooOldError:
            tree = Tree(root)
            try:
                shared, link = self._follow(tree, drive, "")
            except TokenTooOldError:
                raise SourceUnreachableError(
                    "Microsoft Graph began its listing anew while it was read", "the next sync tries again"
                ) from None
        tree.prune()
        for one in shared & tree.nodes.keys():
            with contextlib.suppress(NotFoundError):  # it went while we looked: the next changes say so
                tree.nodes[one] = replace(tree.nodes[one], rights=self._rights(drive, one))
        for key, one in tree.files():
            inside = key.removeprefix(self._below)
            if key.startswith(self._below) and self._is_wanted(inside):
                mark = digest(tree.nodes[one].mark, tree.rights(one) or at_root)
                yield Changed(inside, f"{mark}-{self._mapping}")
        yield Checkpoint(json.dumps({"link": link, "tree": tree.dump()}), complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parts = key.split("/")
        if any(part in {"", ".", ".."} for part in parts) or not self._is_wanted(key):
            raise NotFoundError(f"{key!r} is no file of this library")
        drive = self._drive()
        try:
            item = self._api.item(drive, self._below + key)
        except NotFoundError:
            self._api.root(drive)  # where that is not to be seen, nothing is taken for deleted
            raise
        one = _text(item, "id")
        if "file" not in item or item.get("name") != parts[-1]:  # SharePoint takes no account of case
            raise NotFoundError(f"{key} is no file")
        most, size = self._config.max_bytes, int(item.get("size") or 0)
        if size > most:
            raise DocumentTooLargeError(
                f"{key} has {size:,} bytes, the limit is {most:,}", "raise max_bytes of the source, or leave it out"
            )
        link = str(item.get("webUrl") or f"{self._config.site}/{self._below}{key}")
        access = self._access(drive, one, key)  # its name and its content tell the type
        return RawDocument(key, self._api.content(drive, one, most), "", parts[-1], link, access)

    def _drive(self) -> str:
        with self._lock:
            if not self._known:
                self._known.append(self._api.drive())
            return self._known[0]

    def _before(self, cursor: str | None, root: str) -> tuple[Tree, str]:
        """Return the items of the last sync and the link for what came after; neither where there was none."""
        try:
            before: dict[str, Any] = json.loads(cursor or "")
            tree, link = Tree.load(before["tree"]), str(before["link"])
        except (ValueError, KeyError, TypeError):
            return Tree(root), ""
        return (Tree(root), "") if tree is None or tree.root != root else (tree, link)

    def _follow(self, tree: Tree, drive: str, link: str) -> tuple[set[str], str]:
        """Bring the tree up to date. Returns which items may have own rights, and the link for the next time."""
        shared: set[str] = set()
        for found, after in self._api.changes(drive, link):
            shared |= self._apply(tree, found)
            link = after or link
        return shared, link

    def _apply(self, tree: Tree, found: list[Item]) -> set[str]:
        """Bring the tree up to date. Returns the ids of the items that may have rights of their own."""
        shared: set[str] = set()
        for item in found:  # of one that comes twice, the last word counts
            one = _text(item, "id")
            if one == tree.root or "root" in item:
                continue
            parent = (item.get("parentReference") or {}).get("id")
            is_folder = "folder" in item
            if "deleted" in item or not isinstance(parent, str) or not (is_folder or "file" in item):
                tree.nodes.pop(one, None)  # what is in a deleted folder comes of itself, or lies nowhere
                continue
            has_own = "shared" in item or bool(item.get("@microsoft.graph.sharedChanged"))
            rights = tree.nodes[one].rights if one in tree.nodes and has_own else ""
            tree.nodes[one] = Node(parent, _text(item, "name"), "" if is_folder else _content(item), is_folder, rights)
            if has_own:
                shared.add(one)
        return shared

    def _root_rights(self, drive: str, root: str) -> str:
        try:
            return self._rights(drive, root)
        except NotFoundError as error:
            raise SourceError(f"who may read the library is not told: {error.message}", "check its address") from error

    def _rights(self, drive: str, one: str) -> str:
        """Return a digest of who may read an item, empty where that does not count; raises NotFoundError."""
        if not self._config.are_asked_for:
            return ""
        try:
            found = holders(self._api.rights(drive, one))
        except DocumentUnreadableError as error:
            raise SourceError(
                f"the application may not see who may read: {error.message}",
                "give it Sites.FullControl.All, or set readers to rule: the rule of the source decides then",
            ) from error
        return digest("rights", *sorted(f"{holder.kind}:{name}" for holder in found for name in holder.names))

    def _access(self, drive: str, one: str, key: str) -> Access | None:
        if not self._config.are_asked_for:
            return None
        try:
            return readers_of(holders(self._api.rights(drive, one)), self._config)
        except DocumentUnreadableError as error:
            raise DocumentUnreadableError(
                f"the application may not see who may read {key}: {error.message}",
                "give it Sites.FullControl.All, or set readers to rule: the rule of the source decides then",
            ) from error

    def _expect_folder(self, drive: str) -> None:
        if self._below:
            try:
                self._api.item(drive, self._config.folder)
            except NotFoundError as error:
                raise SourceError(f"the library has no folder {self._config.folder}", "check its path") from error

    def _is_wanted(self, key: str) -> bool:
        include, exclude = self._config.include, self._config.exclude
        inside = not include or any(fnmatchcase(key, glob) for glob in include)
        return inside and not any(fnmatchcase(key, glob) for glob in exclude)


def _content(item: Item) -> str:
    """Return what changes with a file's content: its digest, or where Graph has none, its time and size."""
    hashes = (item.get("file") or {}).get("hashes") or {}
    told = hashes.get("quickXorHash") or hashes.get("sha256Hash") or hashes.get("sha1Hash")
    return digest(str(item["id"]), str(told or f"{item.get('lastModifiedDateTime')}-{item.get('size')}"))


def _text(item: Item, name: str) -> str:
    if not isinstance(item.get(name), str):
        raise SourceError(f"Microsoft Graph tells an item without {name!r}", "check its address")
    return str(item[name])
