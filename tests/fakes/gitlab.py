"""A GitLab server with projects, threads, wikis and members that a test can change."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.fakes.vendor_server import TOKEN, Answer, Asked, VendorServer, stamp


@dataclass
class Thread:
    iid: int
    kind: str
    title: str
    description: str
    updated: str
    confidential: bool = False
    author: str = "bob"
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Project:
    id: int
    path: str
    visibility: str = "private"
    switches: dict[str, str] = field(default_factory=dict)
    threads: dict[tuple[str, int], Thread] = field(default_factory=dict)
    wiki: dict[str, str] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=lambda: {"annb": 30})
    blocked: set[str] = field(default_factory=set)
    shared: dict[str, int] = field(default_factory=dict)


class GitlabServer(VendorServer):
    """GitLab's REST API, version 4."""

    base = "/api/v4"
    busy_answers = (
        Answer({}, 429, {"Retry-After": "1"}),
        Answer({}, 429, {"RateLimit-Reset": "1", "RateLimit-Remaining": "0"}),
    )

    def __init__(self) -> None:
        super().__init__()
        self.projects: dict[str, Project] = {"acme/team/docs": Project(7, "acme/team/docs")}
        self.last = 0

    def is_signed_in(self, asked: Asked) -> bool:
        return asked.headers.get("private-token") == TOKEN

    def create(self, title: str, text: str = "", kind: str = "issues", project: str = "acme/team/docs") -> Thread:
        self.last += 1
        thread = Thread(self.last, kind, title, text, stamp(self.tick()))
        self.projects[project].threads[kind, thread.iid] = thread
        return thread

    def edit(self, thread: Thread, text: str) -> None:
        thread.description, thread.updated = text, stamp(self.tick())

    def note(self, thread: Thread, body: str, **more: Any) -> None:
        thread.updated = stamp(self.tick())
        said = {"body": body, "author": {"username": "bob"}, "created_at": thread.updated, "system": False}
        thread.notes.append(said | more)

    def handle(self, asked: Asked) -> Answer:
        if found := re.fullmatch(r"/groups/([^/]+)/projects", asked.path):
            assert asked.query["with_shared"] == "false"
            inside = [one for one in self.projects.values() if one.path.startswith(unquote(found[1]) + "/")]
            return self.linked(asked, [self._project(one) for one in inside], 20)
        found = re.fullmatch(r"/projects/([^/]+)(/.*)?", asked.path)
        name = unquote(found[1]) if found else ""
        project = next((one for one in self.projects.values() if name in {one.path, str(one.id)}), None)
        if found is None or project is None:
            return Answer({"message": "404 Project Not Found"}, 404)
        return self._in_project(asked, project, found[2] or "")

    def _in_project(self, asked: Asked, project: Project, path: str) -> Answer:
        if not path:
            return Answer(self._project(project))
        if path == "/members/all":
            members = [
                {"username": name, "access_level": level, "state": "blocked" if name in project.blocked else "active"}
                for name, level in project.members.items()
            ]
            return self.linked(asked, members, 20)
        if path in {"/issues", "/merge_requests"}:
            assert (asked.query["scope"], asked.query["sort"], asked.query["order_by"]) == ("all", "asc", "updated_at")
            since = asked.query.get("updated_after", "")
            own = [one for one in project.threads.values() if one.kind == path[1:] and one.updated >= since]
            return self.linked(
                asked, [self._thread(project, one) for one in sorted(own, key=lambda one: one.updated)], 20
            )
        if path == "/wikis":
            return Answer([self._page(slug, text) for slug, text in project.wiki.items()])
        if path.startswith("/wikis/"):
            slug = unquote(path.removeprefix("/wikis/"))
            known = slug in project.wiki
            return Answer(self._page(slug, project.wiki[slug])) if known else Answer({"message": "404 Not found"}, 404)
        found = re.fullmatch(r"/(issues|merge_requests)/(\d+)(/notes)?", path)
        thread = project.threads.get((found[1], int(found[2]))) if found else None
        if found is None or thread is None:
            return Answer({"message": "404 Not found"}, 404)
        return self.linked(asked, thread.notes, 20) if found[3] else Answer(self._thread(project, thread))

    def _project(self, project: Project) -> dict[str, Any]:
        return {
            "id": project.id,
            "path_with_namespace": project.path,
            "web_url": f"https://gitlab.example/{project.path}",
            "visibility": project.visibility,
            "shared_with_groups": [
                {"group_full_path": path, "group_access_level": level} for path, level in project.shared.items()
            ],
        } | {f"{kind}_access_level": switch for kind, switch in project.switches.items()}

    def _thread(self, project: Project, thread: Thread) -> dict[str, Any]:
        found = {
            "iid": thread.iid,
            "title": thread.title,
            "description": thread.description or None,
            "state": "opened",
            "created_at": thread.updated,
            "updated_at": thread.updated,
            "author": {"username": thread.author},
            "assignees": [],
            "labels": ["bug"],
            "user_notes_count": len(thread.notes),
            "web_url": f"https://gitlab.example/{project.path}/-/{thread.kind}/{thread.iid}",
        }
        return found | ({"confidential": thread.confidential} if thread.kind == "issues" else {})

    def _page(self, slug: str, text: str) -> dict[str, str]:
        kind = "asciidoc" if slug.endswith("adoc") else "markdown"
        return {"slug": slug, "title": slug.rpartition("/")[2], "format": kind, "content": text}
