"""Lists the files of a Google Drive and hands them out."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    UnsupportedFormatError,
)
from assistant.types import Access, Change, Changed, Checkpoint, RawDocument
from plugins.cloud import Node, Tree, digest, name_with_id, readers_of, split_id
from plugins.google_drive.api import FOLDER, DriveApi, File, holders
from plugins.google_drive.config import DriveConfig

_GOOGLE = "application/vnd.google-apps."
_SHORTCUT = f"{_GOOGLE}shortcut"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_EXPORTS = {
    f"{_GOOGLE}document": f"{_OFFICE}wordprocessingml.document",
    f"{_GOOGLE}spreadsheet": f"{_OFFICE}spreadsheetml.sheet",
    f"{_GOOGLE}presentation": f"{_OFFICE}presentationml.presentation",
    f"{_GOOGLE}drawing": "application/pdf",
}
_KEPT_SECONDS = 300.0  # for which a folder's id is known by its path


class DriveSource:
    """Every file below the folder; the key is its path there. Safe to call from several threads.

    The cursor holds Drive's token for changes, and which files there were.
    """

    def __init__(self, config: DriveConfig) -> None:
        self._config = config
        self._api = DriveApi(config)
        self._mapping = config.mapping_mark  # other readers here are another version
        self._root_known: tuple[File, float] | None = None  # and until when
        self._folders: dict[tuple[str, str], tuple[str, float]] = {}  # by parent and name: its id, and until when
        self._lock = threading.Lock()

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: only changes are asked for, and all files are listed."""
        root = self._root()
        drive = root.get("driveId", "")
        rights = self._rights_above(root, drive) if self._config.are_asked_for else ""
        now = self._api.now(drive)  # before the listing: what changes meanwhile is seen the next time
        yield Checkpoint(cursor or "")  # it can be listed: who only tries that need not wait for all of it
        tree, token = self._since(cursor, root["id"], drive, rights)
        if tree is None:
            tree, token = Tree(root["id"]), now
            self._walk(tree, [root["id"]], drive, rights)
        tree.prune()
        for key, one in tree.files():
            if self._is_wanted(key):
                yield Changed(key, f"{tree.nodes[one].mark}-{self._mapping}")
        yield Checkpoint(json.dumps({"token": token, "rights": rights, "tree": tree.dump()}), complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parts = key.split("/")
        if any(part in {"", ".", ".."} for part in parts) or not self._is_wanted(key):
            raise NotFoundError(f"{key!r} is no file of this Drive")
        root = self._root_lately()
        drive = root.get("driveId", "")
        folder = root["id"]
        try:
            for part in parts[:-1]:
                folder = self._folder(folder, part, drive)
            file = self._child(folder, parts[-1], drive)
        except NotFoundError:
            self._root()  # where that is not to be seen, nothing is taken for deleted
            raise
        if file["mimeType"] in {FOLDER, _SHORTCUT}:
            raise NotFoundError(f"{key} is no file")
        data, media_type = self._content(key, file)
        link = file.get("webViewLink") or f"https://drive.google.com/open?id={file['id']}"
        return RawDocument(key, data, media_type, file["name"] or key, link, self._access(file))

    def _rights_above(self, root: File, drive: str) -> str:
        """Return a digest of who may read the folder and its shared drive; the changes of files do not tell of it."""
        own = sorted(_readers(root))
        if not drive:
            return digest(*own)
        try:
            return digest(*own, "", *sorted(str(right.get("id")) for right in self._api.rights(drive)))
        except DocumentUnreadableError as error:
            raise SourceError(
                f"the account may not see the members of the shared drive: {error.message}",
                "make it a member, or set readers to rule: the rule of the source decides then",
            ) from error

    def _since(self, cursor: str | None, root: str, drive: str, rights: str) -> tuple[Tree | None, str]:
        """Return the tree as it is now and the token after it; None where all has to be listed anew."""
        try:
            before: dict[str, Any] = json.loads(cursor or "")
            tree = Tree.load(before["tree"])
            token = str(before["token"])
        except (ValueError, KeyError, TypeError):
            return None, ""
        if tree is None or tree.root != root or before.get("rights") != rights:
            return None, ""
        again: list[str] = []
        try:
            for found, after in self._api.changes(token, drive):
                token = after or token
                again += self._apply(tree, found, rights)
        except NotFoundError:  # Drive keeps changes for a while only
            return None, ""
        self._walk(tree, [one for one in dict.fromkeys(again) if tree.has_folder(one)], drive, rights)
        return tree, token

    def _apply(self, tree: Tree, found: list[dict[str, Any]], rights: str) -> list[str]:
        """Bring the tree up to date. Returns the folders in which there is more to see."""
        again: list[str] = []
        for change in found:
            file = change.get("file")
            one = str(change.get("fileId"))
            if change.get("changeType") == "drive" or one == tree.root:
                continue
            node = None if change.get("removed") or not file or file.get("trashed") else self._node(file, rights)
            if node is None or not tree.has_folder(node.parent):
                tree.remove(one)
                continue
            former = tree.nodes.get(one)
            tree.nodes[one] = node
            if node.is_folder and (former is None or former.mark != node.mark):
                again.append(one)  # it came with what is in it, or its rights are others now, and theirs too
        return again

    def _walk(self, tree: Tree, folders: list[str], drive: str, rights: str) -> None:
        """Put all that lies in these folders, at any depth, into the tree."""
        waiting, seen = folders, set(folders)
        while waiting:
            inner: list[str] = []
            for file in self._api.children(waiting, drive):
                node = self._node(file, rights)
                if node is not None:
                    tree.nodes[file["id"]] = node
                    if node.is_folder and file["id"] not in seen:
                        seen.add(file["id"])
                        inner.append(file["id"])
            waiting = inner

    def _node(self, file: File, rights: str) -> Node | None:
        """Return a file or folder as the tree has it, None if it is in no folder, or only leads to another one."""
        parents = file.get("parents")
        if not parents or file.get("mimeType") == _SHORTCUT:
            return None
        try:
            is_folder = file["mimeType"] == FOLDER
            content = "" if is_folder else file.get("md5Checksum") or file["modifiedTime"]
            mark = digest(file["id"], file["mimeType"], content, rights, *sorted(_readers(file)))
            return Node(parents[0], file["name"], mark, is_folder)
        except (KeyError, TypeError) as error:
            raise SourceError(f"Google Drive tells a file without {error}", "check the address of the API") from error

    def _root(self) -> File:
        try:
            found = self._api.file(self._config.folder or "root")
        except NotFoundError as error:
            raise SourceError(
                f"there is no folder {self._config.folder or 'My Drive'}, or the account may not see it",
                "check the id, and share the folder with the account",
            ) from error
        if not isinstance(found.get("id"), str):
            raise SourceError("Google Drive tells a folder without an id", "check the address of the API")
        if found.get("trashed") or found.get("mimeType") != FOLDER:
            raise SourceError(f"{self._config.folder} is no folder, or in the bin", "name a folder or a shared drive")
        return found

    def _root_lately(self) -> File:
        known = self._root_known
        if known is None or time.monotonic() >= known[1]:
            known = (self._root(), time.monotonic() + _KEPT_SECONDS)
            self._root_known = known
        return known[0]

    def _folder(self, parent: str, name: str, drive: str) -> str:
        with self._lock:
            one, until = self._folders.get((parent, name), ("", 0.0))
        if time.monotonic() < until:
            return one
        found = self._child(parent, name, drive)
        if found["mimeType"] != FOLDER:
            raise NotFoundError(f"{name} is no folder")
        with self._lock:
            self._folders[parent, name] = (found["id"], time.monotonic() + _KEPT_SECONDS)
        return str(found["id"])

    def _child(self, parent: str, name: str, drive: str) -> File:
        """Return the file or folder that has this name in a key."""
        one = split_id(name)
        if one:
            found = self._api.file(one)
            if (
                found.get("trashed")
                or parent not in found.get("parents", ())
                or name_with_id(found["name"], one) != name
            ):
                raise NotFoundError(f"{name} is gone")
            return found
        same = [file for file in self._api.children([parent], drive, name) if file.get("name") == name]
        if not same:
            raise NotFoundError(f"{name} is gone")
        return min(same, key=lambda file: str(file["id"]))

    def _content(self, key: str, file: File) -> tuple[bytes, str]:
        most = self._config.max_bytes
        kind = str(file["mimeType"])
        if kind.startswith(_GOOGLE):
            export = _EXPORTS.get(kind)
            if export is None:
                raise UnsupportedFormatError(
                    f"{key} is a Google {kind.removeprefix(_GOOGLE)}, which has no text that is handed out",
                    "leave it out",
                )
            return self._api.content(file, export, most), export
        size = int(file.get("size") or 0)
        if size > most:
            raise DocumentTooLargeError(
                f"{key} has {size:,} bytes, the limit is {most:,}", "raise max_bytes of the source, or leave it out"
            )
        return self._api.content(file, "", most), ""  # its name and its content tell the type

    def _access(self, file: File) -> Access | None:
        if not self._config.are_asked_for:
            return None
        known = file.get("permissions")
        try:
            rights = self._api.rights(file["id"]) if known is None else known
        except DocumentUnreadableError as error:
            raise DocumentUnreadableError(
                f"the account may not see who may read {file['name']}: {error.message}",
                "let it edit the folder, or set readers to rule: the rule of the source decides then",
            ) from error
        return readers_of(holders(rights), self._config)

    def _is_wanted(self, key: str) -> bool:
        include, exclude = self._config.include, self._config.exclude
        inside = not include or any(fnmatchcase(key, glob) for glob in include)
        return inside and not any(fnmatchcase(key, glob) for glob in exclude)


def _readers(file: File) -> list[str]:
    """Return what changes when others may read a file or folder."""
    known = file.get("permissions")
    if known is None:
        return list(file.get("permissionIds", ()))
    return [f"{one.kind}:{name}" for one in holders(known) for name in one.names]
