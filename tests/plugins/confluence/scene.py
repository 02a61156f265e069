"""A Confluence space for the conformance kit, of either edition."""

from __future__ import annotations

from pathlib import Path

from plugins.confluence import ConfluenceConfig, ConfluenceSource
from tests.fakes.confluence import MAIL, ConfluenceServer, Content
from tests.fakes.vendor_scene import VendorScene, packed


class ConfluenceScene(VendorScene):
    """Documents are pages and attachments in turn."""

    server: ConfluenceServer

    def __init__(self, folder: Path, *, is_cloud: bool = True) -> None:
        super().__init__(folder, ConfluenceServer(is_cloud=is_cloud))
        self.config |= {"users": {"acc-ann": "user:ann"}, "spaces": ["DOC"]}
        self.config |= {"username": MAIL} if is_cloud else {"edition": "datacenter"}
        self._home = ""

    def make(self) -> ConfluenceSource:
        return ConfluenceSource(ConfluenceConfig.model_validate(self.config))

    def create(self, name: str, data: bytes) -> str:
        title = name.replace("/", ":")
        if len(self.names) % 2 or len(data) > 1000:
            if not self._home:
                self._home = self.server.create("home").id
            made = self.server.create(title, kind="attachment", parent=self._home, data=data)
            return f"DOC/attachments/{made.id}/{title}"
        return f"DOC/pages/{self.server.create(title, f'<p>{packed(data)}</p>').id}"

    def edit(self, key: str, data: bytes) -> None:
        content = self._content(key)
        self.server.edit(content, f"<p>{packed(data)}</p>", data)

    def delete(self, key: str) -> None:
        self._content(key).is_trashed = True

    def path(self, key: str) -> str:
        return f"/api/v2/pages/{self._content(key).id}"

    def admit(self, name: str) -> None:
        self.server.spaces["DOC"].users = [name]

    def _content(self, key: str) -> Content:
        return self.server.contents[key.split("/")[2]]
