"""A Jira project for the conformance kit."""

from __future__ import annotations

from pathlib import Path

from plugins.jira import JiraConfig, JiraSource
from tests.fakes.jira import MAIL, Issue, JiraServer
from tests.fakes.vendor_scene import VendorScene, packed


class JiraScene(VendorScene):
    """Documents are issues and attachments in turn."""

    server: JiraServer

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, JiraServer())
        self.config |= {"username": MAIL, "projects": ["DOC"], "users": {"acc-ann": "user:ann"}, "relist_hours": 0}

    def make(self) -> JiraSource:
        return JiraSource(JiraConfig.model_validate(self.config))

    def create(self, name: str, data: bytes) -> str:
        if len(self.names) % 2 == 0 and len(data) < 1000:
            return f"DOC/{self.server.create(name, f'<p>{packed(data)}</p>').key}"
        issue = self.server.create("with a file")
        return f"DOC/{issue.key}/attachments/{self.server.attach(issue, 'a.bin', data)}/a.bin"

    def edit(self, key: str, data: bytes) -> None:
        if "/attachments/" not in key:
            self.server.edit(self._issue(key), f"<p>{packed(data)}</p>")
            return
        # what is attached never changes: another file takes its place
        name = self.names.pop(key)
        self.delete(key)
        self.names[f"{key.rsplit('/', 2)[0]}/{self.server.attach(self._issue(key), 'a.bin', data)}/a.bin"] = name

    def delete(self, key: str) -> None:
        if "/attachments/" in key:
            del self._issue(key).files[key.split("/")[3]]
        else:
            del self.server.issues[key.split("/")[1]]

    def path(self, key: str) -> str:
        return f"/rest/api/3/issue/{self._issue(key).key}"

    def admit(self, name: str) -> None:
        self.server.projects["DOC"].roles["10002"] = [("user", name)]

    def _issue(self, key: str) -> Issue:
        return self.server.issues[key.split("/")[1]]
