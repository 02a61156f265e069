"""A GitHub repository for the conformance kit."""

from __future__ import annotations

from pathlib import Path

from plugins.github import GithubConfig, GithubSource
from tests.fakes.github import GithubServer, Thread
from tests.fakes.vendor_scene import VendorScene, packed


class GithubScene(VendorScene):
    server: GithubServer

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, GithubServer())
        self.config |= {"repositories": ["acme/docs"], "users": {"annb": "user:ann"}, "relist_hours": 0}

    def make(self) -> GithubSource:
        return GithubSource(GithubConfig.model_validate(self.config))

    def create(self, name: str, data: bytes) -> str:
        kinds = ("issues", "pulls", "discussions")
        thread = self.server.create(name, packed(data), kinds[len(self.names) % 3] if len(data) < 1000 else "issues")
        return f"acme/docs/{thread.kind}/{thread.number}"

    def edit(self, key: str, data: bytes) -> None:
        self.server.edit(self._thread(key), packed(data))

    def delete(self, key: str) -> None:
        del self.server.repos["acme/docs"].threads[self._thread(key).number]

    def path(self, key: str) -> str:
        return f"/repos/acme/docs/issues/{self._thread(key).number}"

    def admit(self, name: str) -> None:
        self.server.repos["acme/docs"].collaborators = [name]

    def _thread(self, key: str) -> Thread:
        return self.server.repos["acme/docs"].threads[int(key.rpartition("/")[2])]
