"""A Jira server, Cloud or Data Center, with projects, issues, roles and security levels that a test can change."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.fakes.vendor_server import TOKEN, Answer, Asked, VendorServer

MAIL = "ann@example.org"
ZONE = timezone(timedelta(hours=-5))


@dataclass
class Issue:
    key: str
    summary: str
    description: str
    created: datetime
    updated: datetime
    level: str = ""
    reporter: str = "acc-bob"
    comments: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass
class Project:
    holders: list[tuple[str, str]] = field(default_factory=lambda: [("projectRole", "10002")])
    roles: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {"10002": [("user", "acc-ann")]})


class JiraServer(VendorServer):
    """What the source asks of either edition; times are those of a user far from UTC."""

    busy_answers = (Answer({}, 429, {"Retry-After": "1"}), Answer({}, 429, {"X-RateLimit-Reset": "2020-01-01T00:00Z"}))

    def __init__(self, *, is_cloud: bool = True) -> None:
        super().__init__()
        self.is_cloud = is_cloud
        self.root = "/rest/api/3" if is_cloud else "/rest/api/2"
        self.projects: dict[str, Project] = {"DOC": Project()}
        self.issues: dict[str, Issue] = {}
        self.moved: dict[str, str] = {}
        self.levels: dict[str, list[tuple[str, str]]] = {}
        self.members: dict[str, list[str]] = {"staff": ["acc-ann", "acc-bob"]}
        self.last = 0

    def is_signed_in(self, asked: Asked) -> bool:
        basic = base64.b64encode(f"{MAIL}:{TOKEN}".encode()).decode()
        return asked.headers.get("authorization") == (f"Basic {basic}" if self.is_cloud else f"Bearer {TOKEN}")

    def create(self, summary: str, description: str = "", project: str = "DOC") -> Issue:
        self.last += 1
        moment = self.tick()
        issue = Issue(f"{project}-{self.last}", summary, description, moment, moment)
        self.issues[issue.key] = issue
        return issue

    def edit(self, issue: Issue, description: str) -> None:
        issue.description, issue.updated = description, self.tick()

    def comment(self, issue: Issue, text: str, role: str = "") -> None:
        issue.updated = self.tick()
        visibility = {"visibility": {"type": "role", "value": role}} if role else {}
        said = {"author": {"displayName": "Bob"}, "renderedBody": text, "created": _time(self.now)}
        issue.comments.append(said | visibility)

    def attach(self, issue: Issue, name: str, data: bytes) -> str:
        self.last += 1
        issue.files[str(self.last)] = (name, data)
        issue.updated = self.tick()
        return str(self.last)

    def handle(self, asked: Asked) -> Answer:
        if found := re.fullmatch(r"/media/(\d+)", asked.path):
            return Answer(next(one.files[found[1]][1] for one in self.issues.values() if found[1] in one.files))
        if not asked.path.startswith(self.root):
            return Answer({"errorMessages": ["dead link"]}, 404)
        path = asked.path.removeprefix(self.root)
        if path == ("/search/jql" if self.is_cloud else "/search"):
            return self._search(asked)
        if path == ("/project/search" if self.is_cloud else "/project"):
            found_all = [self._project(key) for key in self.projects]
            return self._values(asked, found_all) if self.is_cloud else Answer(found_all)
        if found := re.fullmatch(r"/project/(\w+)(/.*)?", path):
            return self._in_project(found[1], found[2] or "")
        if found := re.fullmatch(r"/issue/([A-Z]+-\d+)(/comment)?", path):
            return self._one(asked, found[1], is_comments=bool(found[2]))
        if path == "/issuesecurityschemes/level/member" and self.is_cloud:
            level = asked.query["levelId"]
            return self._values(asked, [{"id": "1", "holder": self._holder(*one)} for one in self.levels[level]])
        if path == "/group/member":
            return self._values(asked, [self._user(name) for name in self.members[asked.query["groupname"]]])
        if path == "/user" and self.is_cloud:
            return Answer(
                {"accountId": asked.query["accountId"], "emailAddress": f"{asked.query['accountId']}@x.example"}
            )
        return Answer({"errorMessages": ["not here"]}, 404)

    def _in_project(self, key: str, path: str) -> Answer:
        project = self.projects.get(key)
        if project is None:
            return Answer({"errorMessages": ["No project could be found"]}, 404)
        if not path:
            return Answer(self._project(key))
        if path == "/permissionscheme":
            browse = [{"permission": "BROWSE_PROJECTS", "holder": self._holder(*one)} for one in project.holders]
            return Answer({"permissions": [{"permission": "EDIT_ISSUES", "holder": {"type": "anyone"}}, *browse]})
        if path == "/securitylevel":
            return Answer({"levels": [{"id": level, "name": f"level {level}"} for level in self.levels]})
        actors = [self._actor(*one) for one in project.roles[path.removeprefix("/role/")]]
        return Answer({"name": "Users", "actors": actors})

    def _one(self, asked: Asked, key: str, *, is_comments: bool) -> Answer:
        issue = self.issues.get(self.moved.get(key, key))
        if issue is None:
            return Answer({"errorMessages": ["Issue does not exist"]}, 404)
        if not is_comments:
            return Answer(self._issue(issue))
        assert asked.query["expand"] == "renderedBody"
        start = asked.number("startAt", 0)
        part = issue.comments[start : start + 30]
        return Answer({"startAt": start, "total": len(issue.comments), "comments": part})

    def _search(self, asked: Asked) -> Answer:
        found = re.fullmatch(
            r'project = "(\w+)"(?: AND updated >= "(\d{4}-\d\d-\d\d)")? ORDER BY updated ASC, key ASC',
            asked.query["jql"],
        )
        assert found
        since = datetime.fromisoformat(found[2] or "1970-01-01").replace(tzinfo=ZONE)
        own = [one for one in self.issues.values() if one.key.startswith(f"{found[1]}-") and one.updated >= since]
        own.sort(key=lambda one: (one.updated, one.key))
        start = int(asked.query.get("nextPageToken") or asked.query.get("startAt") or 0)
        end = start + 50  # fewer than are asked for
        part = [{"key": one.key, "fields": self._issue(one)["fields"]} for one in own[start:end]]
        if self.is_cloud:
            token = {"nextPageToken": str(end)} if end < len(own) else {}
            return Answer({"issues": part, "isLast": not token} | token)
        return Answer({"startAt": start, "maxResults": 50, "total": len(own), "issues": part})

    def _issue(self, issue: Issue) -> dict[str, Any]:
        level = {"id": issue.level, "name": f"level {issue.level}"} if issue.level else None
        fields = {
            "summary": issue.summary,
            "created": _time(issue.created),
            "updated": _time(issue.updated),
            "security": level,
            "project": {"name": "Documentation"},
            "issuetype": {"name": "Bug"},
            "status": {"name": "Open"},
            "priority": None,
            "labels": ["urgent"],
            "reporter": self._user(issue.reporter) | {"displayName": "Bob"},
            "assignee": None,
            "attachment": [
                {
                    "id": number,
                    "filename": name,
                    "mimeType": "application/octet-stream",
                    "created": _time(issue.created),
                    "content": f"{self.url}/media/{number}",
                }
                for number, (name, _) in issue.files.items()
            ],
        }
        return {"key": issue.key, "fields": fields, "renderedFields": {"description": issue.description}}

    def _project(self, key: str) -> dict[str, Any]:
        return {"id": "1", "key": key, "name": "Documentation", "lead": self._user("acc-lead")}

    def _holder(self, kind: str, name: str) -> dict[str, Any]:
        holder: dict[str, Any] = {"type": kind} | ({"parameter": name} if name else {})
        if kind == "user":
            holder["user"] = self._user(name)
        if kind == "group" and self.is_cloud:
            holder |= {"parameter": f"id-{name}", "group": {"name": name, "groupId": f"id-{name}"}}
        return holder

    def _actor(self, kind: str, name: str) -> dict[str, Any]:
        actor: dict[str, Any] = {"type": f"atlassian-{kind}-role-actor"}
        if not self.is_cloud:
            return actor | {"name": name}
        return actor | ({"actorUser": {"accountId": name}} if kind == "user" else {"actorGroup": {"name": name}})

    def _user(self, name: str) -> dict[str, str]:
        return {"accountId": name} if self.is_cloud else {"name": name, "key": name}

    def _values(self, asked: Asked, found: list[Any]) -> Answer:
        """Return one a page, so that there are several."""
        start = asked.number("startAt", 0)
        return Answer({"values": found[start : start + 1], "isLast": start + 1 >= len(found), "startAt": start})


def _time(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S.000%z")
