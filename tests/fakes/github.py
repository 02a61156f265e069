"""A GitHub server with repositories, threads and people that a test can change."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.vendor_server import Answer, Asked, VendorServer, stamp


@dataclass
class Thread:
    """An issue, pull request or discussion, with its comments by id."""

    number: int
    kind: str
    title: str
    body: str
    updated: str
    created: str
    state: str = "open"
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    reviews: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Repo:
    """A repository; `collaborators` are logins, None where the token may not see them."""

    name: str
    visibility: str = "private"
    has_issues: bool = True
    has_discussions: bool = True
    threads: dict[int, Thread] = field(default_factory=dict)
    collaborators: list[str] | None = field(default_factory=lambda: ["annb"])
    teams: list[str] = field(default_factory=list)


class GithubServer(VendorServer):
    """GitHub's REST API of 2022-11-28, and of GraphQL what discussions need."""

    busy_answers = (
        Answer({"message": "You have exceeded a secondary rate limit"}, 403, {"Retry-After": "1"}),
        Answer({"message": "API rate limit exceeded"}, 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
    )

    def __init__(self) -> None:
        super().__init__()
        self.repos: dict[str, Repo] = {"acme/docs": Repo("acme/docs")}
        self.last = 0

    def create(self, title: str, body: str, kind: str = "issues", repo: str = "acme/docs") -> Thread:
        self.last += 1
        moment = stamp(self.tick())
        thread = self.repos[repo].threads[self.last] = Thread(self.last, kind, title, body, moment, moment)
        return thread

    def edit(self, thread: Thread, body: str) -> None:
        thread.body, thread.updated = body, stamp(self.tick())

    def comment(self, thread: Thread, body: str, author: str = "bob", path: str = "") -> int:
        self.last += 1
        moment = stamp(self.tick())
        thread.comments[self.last] = {
            "author": author,
            "body": body,
            "created": moment,
            "updated": moment,
            "path": path,
        }
        thread.updated = moment
        return self.last

    def edit_comment(self, thread: Thread, comment: int, body: str) -> None:
        """As GitHub does it at times: the thread's own time stays."""
        thread.comments[comment] |= {"body": body, "updated": stamp(self.tick())}

    def handle(self, asked: Asked) -> Answer:
        if asked.headers.get("x-github-api-version") != "2022-11-28":
            return Answer({"message": "no version"}, 400)
        if asked.path == "/graphql":
            return Answer(self._graphql(asked.body["query"], asked.body["variables"]))
        if found := re.fullmatch(r"/(orgs|users)/([\w.-]+)/repos", asked.path):
            own = [self._repo(repo) for repo in self.repos.values() if repo.name.startswith(found[2] + "/")]
            return self.linked(asked, own, 30) if found[1] == "orgs" and own else Answer({"message": "Not Found"}, 404)
        found = re.fullmatch(r"/repos/([\w.-]+/[\w.-]+)(/.*)?", asked.path)
        repo = self.repos.get(found[1]) if found else None
        if found is None or repo is None:
            return Answer({"message": "Not Found"}, 404)
        return self._in_repo(asked, repo, found[2] or "")

    def _in_repo(self, asked: Asked, repo: Repo, path: str) -> Answer:
        if not path:
            return Answer(self._repo(repo))
        if path == "/collaborators":
            if repo.collaborators is None:
                return Answer({"message": "Must have push access to view repository collaborators."}, 403)
            people = [{"login": name, "type": "User", "permissions": {"pull": True}} for name in repo.collaborators]
            return self.linked(asked, people, 30)
        if path == "/teams":
            return self.linked(asked, [{"slug": team, "permission": "pull"} for team in repo.teams], 30)
        if path in {"/issues", "/pulls"}:
            return self._threads(asked, repo, path[1:])
        if path in {"/issues/comments", "/pulls/comments"}:
            return self._comments(asked, repo, path.split("/")[1])
        found = re.fullmatch(r"/(issues|pulls)/(\d+)(/comments|/reviews)?", path)
        thread = repo.threads.get(int(found[2])) if found else None
        if found is None or thread is None or thread.kind == "discussions":
            return Answer({"message": "Not Found"}, 404)
        if found[3] == "/reviews":
            return self.linked(asked, thread.reviews, 30)
        if found[3]:
            of_lines = found[1] == "pulls"
            said = [
                self._comment(repo, thread, id_)
                for id_, one in thread.comments.items()
                if bool(one["path"]) == of_lines
            ]
            return self.linked(asked, said, 30)
        return Answer(self._issue(repo, thread))

    def _threads(self, asked: Asked, repo: Repo, kind: str) -> Answer:
        if kind == "issues" and not repo.has_issues:
            return Answer({"message": "Issues are disabled for this repo"}, 410)
        kinds = {"issues", "pulls"} if kind == "issues" else {"pulls"}
        since = asked.query.get("since", "")
        assert (asked.query["state"], asked.query["sort"]) == ("all", "updated")
        found = [one for one in repo.threads.values() if one.kind in kinds and one.updated >= since]
        found.sort(key=lambda one: one.updated, reverse=asked.query["direction"] == "desc")
        return self.linked(asked, [self._issue(repo, thread) for thread in found], 30)

    def _comments(self, asked: Asked, repo: Repo, kind: str) -> Answer:
        found = [
            self._comment(repo, thread, id_)
            for thread in repo.threads.values()
            for id_, one in thread.comments.items()
            if one["updated"] >= asked.query["since"] and bool(one["path"]) == (kind == "pulls")
        ]
        return self.linked(asked, sorted(found, key=lambda one: one["updated_at"]), 30)

    def _repo(self, repo: Repo) -> dict[str, Any]:
        return {
            "full_name": repo.name,
            "private": repo.visibility != "public",
            "visibility": repo.visibility,
            "has_issues": repo.has_issues,
            "has_discussions": repo.has_discussions,
        }

    def _issue(self, repo: Repo, thread: Thread) -> dict[str, Any]:
        place = "pull" if thread.kind == "pulls" else "issues"
        found = {
            "number": thread.number,
            "title": thread.title,
            "body": thread.body,
            "state": thread.state,
            "user": {"login": "ann"},
            "labels": [{"name": "bug"}],
            "assignees": [],
            "comments": len(thread.comments),
            "created_at": thread.created,
            "updated_at": thread.updated,
            "html_url": f"https://github.com/{repo.name}/{place}/{thread.number}",
        }
        return found | ({"pull_request": {"url": "x"}} if thread.kind == "pulls" else {})

    def _comment(self, repo: Repo, thread: Thread, id_: int) -> dict[str, Any]:
        one = thread.comments[id_]
        place = "pull" if thread.kind == "pulls" else "issues"
        api = f"{self.url}/repos/{repo.name}"
        found = {
            "id": id_,
            "body": one["body"],
            "user": {"login": one["author"]} if one["author"] else None,
            "created_at": one["created"],
            "updated_at": one["updated"],
            "html_url": f"https://github.com/{repo.name}/{place}/{thread.number}#{id_}",
        }
        if one["path"]:
            return found | {"path": one["path"], "pull_request_url": f"{api}/pulls/{thread.number}"}
        return found | {"issue_url": f"{api}/issues/{thread.number}"}

    def _graphql(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        repo = self.repos.get(f"{given['owner']}/{given['name']}")
        if repo is None:
            error = {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve to a Repository"}
            return {"data": {"repository": None}, "errors": [error]}
        own = sorted((one for one in repo.threads.values() if one.kind == "discussions"), key=lambda one: one.updated)
        if "number" not in given:
            first = int(given["after"] or 0)
            nodes = [{"number": one.number, "updatedAt": one.updated} for one in own[::-1][first : first + 100]]
            info = {"hasNextPage": first + 100 < len(own), "endCursor": str(first + 100)}
            return {"data": {"repository": {"discussions": {"pageInfo": info, "nodes": nodes}}}}
        thread = next((one for one in own if one.number == given["number"]), None)
        if thread is None:
            error = {"type": "NOT_FOUND", "path": ["repository", "discussion"], "message": "Could not resolve"}
            return {"data": {"repository": {"discussion": None}}, "errors": [error]}
        assert "replies" in query
        return {"data": {"repository": {"discussion": self._discussion(repo, thread, int(given["after"] or 0))}}}

    def _discussion(self, repo: Repo, thread: Thread, first: int) -> dict[str, Any]:
        said = [
            {
                "id": str(id_),
                "body": one["body"],
                "createdAt": one["created"],
                "author": {"login": one["author"]},
                "replies": {"totalCount": 0, "nodes": []},
            }
            for id_, one in thread.comments.items()
        ]
        return {
            "title": thread.title,
            "body": thread.body,
            "url": f"https://github.com/{repo.name}/discussions/{thread.number}",
            "createdAt": thread.created,
            "closed": False,
            "author": {"login": "ann"},
            "category": {"name": "Q&A"},
            "answer": {"id": said[0]["id"]} if said else None,
            "comments": {
                "pageInfo": {"hasNextPage": first + 50 < len(said), "endCursor": str(first + 50)},
                "nodes": said[first : first + 50],
            },
        }
