"""Files and folders that a vendor knows by id, as paths: kept from sync to sync, so that only changes are asked for."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_WITH_ID = re.compile(r" \(([\w!-]{19,})\)(\.[^./]*)?$")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A file or a folder: `mark` changes with what it holds.

    `rights` changes with who may read it; empty where that is as in the folder above, or part of the mark.
    """

    parent: str
    name: str
    mark: str
    is_folder: bool = False
    rights: str = ""


@dataclass(slots=True)
class Tree:
    """What lies below the folder `root`, by id."""

    root: str
    nodes: dict[str, Node] = field(default_factory=dict)

    def has_folder(self, one: str) -> bool:
        """Whether this is the id of a folder of the tree."""
        return one == self.root or (one in self.nodes and self.nodes[one].is_folder)

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield key and id of every file below the root: the key is the path of names."""
        children: dict[str, list[str]] = defaultdict(list)
        for one in sorted(self.nodes):
            children[self.nodes[one].parent].append(one)
        waiting = [("", self.root)]
        seen = {self.root}
        while waiting:
            path, folder = waiting.pop()
            taken: set[str] = set()
            for one in children[folder]:
                node = self.nodes[one]
                name = node.name if _is_plain(node.name) and node.name not in taken else name_with_id(node.name, one)
                taken.add(node.name)
                key = f"{path}{name}"
                if not node.is_folder:
                    yield key, one
                elif one not in seen:
                    seen.add(one)
                    waiting.append((f"{key}/", one))

    def below(self, folder: str) -> set[str]:
        """Return the ids of all that lies in a folder, at any depth."""
        children: dict[str, list[str]] = defaultdict(list)
        for one, node in self.nodes.items():
            children[node.parent].append(one)
        found: set[str] = set()
        waiting = [folder]
        while waiting:
            for one in children[waiting.pop()]:
                if one not in found:
                    found.add(one)
                    waiting.append(one)
        return found

    def rights(self, one: str) -> str:
        """Return the rights of a file or of the nearest folder above that has its own, else empty."""
        passed: set[str] = set()
        while one in self.nodes and one not in passed:
            passed.add(one)
            if self.nodes[one].rights:
                return self.nodes[one].rights
            one = self.nodes[one].parent
        return ""

    def remove(self, one: str) -> None:
        """Take out a file, or a folder with all in it; what is not there is no error."""
        if one in self.nodes and self.nodes[one].is_folder:
            for inner in self.below(one):
                del self.nodes[inner]
        self.nodes.pop(one, None)

    def prune(self) -> None:
        """Take out what does not lie below the root."""
        inside = self.below(self.root)
        self.nodes = {one: node for one, node in self.nodes.items() if one in inside}

    def dump(self) -> str:
        """Return the tree as a text for a cursor."""
        rows = [
            [one, node.parent, node.name, node.mark, int(node.is_folder), node.rights]
            for one, node in self.nodes.items()
        ]
        told = json.dumps([_FORMAT, self.root, rows], ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(zlib.compress(told.encode("utf-8", "surrogatepass"), 6)).decode("ascii")

    @classmethod
    def load(cls, text: str) -> Tree | None:
        """Return the tree that `dump` wrote, None if it is none."""
        try:
            told = json.loads(zlib.decompress(base64.b64decode(text, validate=True)).decode("utf-8", "surrogatepass"))
            version, root, rows = told
            if version != _FORMAT:
                return None
            nodes = {
                one: Node(parent, name, mark, bool(folder), rights) for one, parent, name, mark, folder, rights in rows
            }
        except (binascii.Error, zlib.error, ValueError, TypeError):
            return None
        return cls(root, nodes)


def name_with_id(name: str, one: str) -> str:
    """Return a name that no other file of its folder has: with the id, and without what leads out of the folder."""
    path = PurePosixPath(name.replace("/", "\N{DIVISION SLASH}"))
    return f"{path.stem} ({one}){path.suffix}"


def split_id(name: str) -> str:
    """Return the id that `name_with_id` put into a name, empty if there is none."""
    found = _WITH_ID.search(name)
    return found[1] if found else ""


def _is_plain(name: str) -> bool:
    return bool(name) and "/" not in name and name not in {".", ".."} and not split_id(name)
