"""What the conformance kit tries the SharePoint source with: a scripted Microsoft Graph."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from plugins.cloud.serving import serving
from plugins.sharepoint.config import SharepointConfig
from plugins.sharepoint.scripted import SECRET, Graph, busy, granted
from plugins.sharepoint.source import SharepointSource


class GraphScene:
    """A library for the conformance kit: a key is the path of a file."""

    secret = SECRET

    denies = False  # who may not read is not told: there is only who may

    def __init__(self, folder: Path) -> None:
        del folder
        self.stack = ExitStack()
        self.graph = Graph()
        self.stack.enter_context(serving(self.graph))
        self.library = self.graph.main
        groups = {f"{name}@example.org": f"group:{name}" for name in ("hr", "it")}
        users = {f"{name}@example.org": f"user:{name}" for name in ("ann", "bob")}
        self.config = {
            "tenant": "contoso.onmicrosoft.com",
            "client_id": "app-1",
            "client_secret": SECRET,
            "site": "https://contoso.sharepoint.com/sites/hr",
            "api": self.graph.url,
            "login": self.graph.url,
            "private_hosts": ["localhost"],
            "groups": groups,
            "users": users,
        }

    def source(self) -> SharepointSource:
        """Return a new source on what is there."""
        return SharepointSource(SharepointConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a file."""
        one = self.library.at(key)
        if one:
            self.library.write(one, data)
        else:
            folder, name = self._place(key)
            self.library.add(name, folder, data)

    def remove(self, key: str) -> None:
        """Delete a file."""
        self.library.delete(self.library.at(key))

    def rename(self, old: str, new: str) -> None:
        """Rename and move a file."""
        folder, name = self._place(new)
        self.library.change(self.library.at(old), name=name, parent=folder)

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Share a file with these people and groups only."""
        del deny
        rights = [granted(one.split(":")[0], f"{one.split(':')[1]}@example.org") for one in sorted(allow)]
        self.library.share(self.library.at(key), *rights)

    def refuse(self, key: str) -> None:
        """Show a file and do not hand it out."""
        self.graph.refused[self.library.at(key)] = 403

    def throttle(self, times: int) -> None:
        """Ask for patience so many times."""
        self.graph.mood.busy += [busy()] * times

    def down(self, is_down: bool) -> None:
        """Do not answer, or answer again."""
        self.graph.mood.is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        """Answer with rubbish, or with sense again."""
        self.graph.mood.is_damaged = is_damaged

    def close(self) -> None:
        """End the server."""
        self.stack.close()

    def _place(self, key: str) -> tuple[str, str]:
        *folders, name = key.split("/")
        folder = self.library.root
        for depth, part in enumerate(folders, 1):
            folder = self.library.at("/".join(folders[:depth])) or self.library.add(part, folder)
        return folder, name


SCENES = {"sharepoint": GraphScene}
