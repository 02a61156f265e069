"""A GitLab project for the conformance kit."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from plugins.gitlab import GitlabConfig, GitlabSource
from tests.fakes.gitlab import GitlabServer, Project
from tests.fakes.vendor_scene import VendorScene, packed


class GitlabScene(VendorScene):
    """Documents are issues, merge requests and wiki pages in turn."""

    server: GitlabServer

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, GitlabServer())
        self.config["url"] = self.server.url.removesuffix("/api/v4")
        self.config |= {"projects": ["acme/team/docs"], "users": {"annb": "user:ann"}, "relist_hours": 0}

    @property
    def project(self) -> Project:
        return self.server.projects["acme/team/docs"]

    def make(self) -> GitlabSource:
        return GitlabSource(GitlabConfig.model_validate(self.config))

    def create(self, name: str, data: bytes) -> str:
        kind = ("issues", "merge_requests", "wiki")[len(self.names) % 3]
        if kind == "wiki":
            slug = f"home/{name.removesuffix('.txt')}"
            self.project.wiki[slug] = packed(data)
            return f"acme/team/docs/wiki/{slug}"
        return f"acme/team/docs/{kind}/{self.server.create(name, packed(data), kind).iid}"

    def edit(self, key: str, data: bytes) -> None:
        kind, name = self._parts(key)
        if kind == "wiki":
            self.project.wiki[name] = packed(data)
        else:
            self.server.edit(self.project.threads[kind, int(name)], packed(data))

    def delete(self, key: str) -> None:
        kind, name = self._parts(key)
        if kind == "wiki":
            del self.project.wiki[name]
        else:
            del self.project.threads[kind, int(name)]

    def path(self, key: str) -> str:
        kind, name = self._parts(key)
        return f"/projects/7/wikis/{quote(name, safe='')}" if kind == "wiki" else f"/projects/7/{kind}/{name}"

    def admit(self, name: str) -> None:
        self.project.members = {name: 30}

    def _parts(self, key: str) -> tuple[str, str]:
        kind, _, name = key.removeprefix("acme/team/docs/").partition("/")
        return kind, name
