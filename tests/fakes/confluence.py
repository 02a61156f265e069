"""A Confluence server, Cloud or Data Center, with spaces, pages, restrictions and people that a test can change."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.vendor_server import TOKEN, Answer, Asked, VendorServer, stamp

MAIL = "ann@example.org"


@dataclass
class Content:
    """A page, blog post, attachment or comment; `parent` is the page above it or that it hangs on."""

    id: str
    kind: str
    title: str
    body: str
    when: str
    space: str
    parent: str = ""
    version: int = 1
    data: bytes = b""
    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    is_trashed: bool = False


@dataclass
class Space:
    id: str
    users: list[str] = field(default_factory=lambda: ["acc-ann"])
    groups: list[str] = field(default_factory=list)
    is_public: bool = False
    is_strange: bool = False  # it tells a subject of which it does not say what it is
    kind: str = "global"


class ConfluenceServer(VendorServer):
    """What the source asks of either edition; search names at most 40 results a page, so that there are several."""

    def __init__(self, *, is_cloud: bool = True) -> None:
        super().__init__()
        self.is_cloud = is_cloud
        self.base = "/wiki" if is_cloud else ""
        self.spaces: dict[str, Space] = {"DOC": Space("7001")}
        self.contents: dict[str, Content] = {}
        self.members: dict[str, list[str]] = {"staff": ["acc-ann", "acc-bob"]}
        self.mails: dict[str, str] = {"acc-ann": MAIL}
        self.most = 40
        self.last = 100

    def is_signed_in(self, asked: Asked) -> bool:
        basic = base64.b64encode(f"{MAIL}:{TOKEN}".encode()).decode()
        return asked.headers.get("authorization") == (f"Basic {basic}" if self.is_cloud else f"Bearer {TOKEN}")

    def create(self, title: str, body: str = "", kind: str = "page", parent: str = "", data: bytes = b"") -> Content:
        self.last += 1
        number = f"att{self.last}" if kind == "attachment" and self.is_cloud else str(self.last)
        made = Content(number, kind, title, body, stamp(self.tick()), "DOC", parent, data=data)
        self.contents[number] = made
        return made

    def edit(self, content: Content, body: str = "", data: bytes = b"") -> None:
        content.body, content.data, content.when = body, data, stamp(self.tick())
        content.version += 1

    def handle(self, asked: Asked) -> Answer:
        path = asked.path
        if path == "/rest/api/content/search":
            return self._search(asked)
        if found := re.fullmatch(r"/rest/api/content/(\w+)/restriction/byOperation/read", path):
            return Answer(
                {
                    "operation": "read",
                    "restrictions": self._restrictions(self.contents[found[1]], asked.number("start", 0)),
                }
            )
        if found := re.fullmatch(r"/download/attachments/(\w+)", path):
            return Answer(self.contents[found[1]].data)
        if found := re.fullmatch(r"/rest/api/group/([\w-]+)/member(sByGroupId)?", path):
            assert bool(found[2]) == self.is_cloud
            people = self.members[found[1].removeprefix("id-")]
            return Answer({"results": [self._user(name) for name in people], "_links": {}})
        return self._cloud(asked) if self.is_cloud else self._datacenter(asked)

    def _cloud(self, asked: Asked) -> Answer:
        path = asked.path
        if path == "/api/v2/spaces":
            keys = asked.query.get("keys")
            found = [
                {"id": space.id, "key": key, "name": key, "type": space.kind}
                for key, space in self.spaces.items()
                if (key in keys.split(",") if keys else space.kind == asked.query["type"])
            ]
            return Answer({"results": found, "_links": {}})
        if match := re.fullmatch(r"/api/v2/spaces/(\d+)/permissions", path):
            return self._permissions(asked, next(one for one in self.spaces.values() if one.id == match[1]))
        if match := re.fullmatch(r"/api/v2/(pages|blogposts|attachments)/(\w+)", path):
            content = self.contents.get(match[2])
            return Answer(self._v2(content)) if content else Answer({"errors": []}, 404)
        if path == "/rest/api/user":
            name = asked.query["accountId"]
            return Answer({"accountId": name, "email": self.mails.get(name, "")})
        if path in {"/rest/api/group/by-id", "/rest/api/group/by-name"}:
            name = asked.query.get("name") or asked.query["id"].removeprefix("id-")
            return Answer({"type": "group", "name": name, "id": f"id-{name}"})
        return Answer({"message": "not here"}, 404)

    def _permissions(self, asked: Asked, space: Space) -> Answer:
        """Return two a page, with a link to the next that begins with the context."""
        who = [("user", name) for name in space.users] + [("group", f"id-{name}") for name in space.groups]
        found = [
            {"principal": {"type": kind, "id": id_}, "operation": {"key": key, "targetType": "space"}}
            for kind, id_ in who
            for key in ("create", "read")
        ]
        start = asked.number("cursor", 0)
        links = {"next": f"/wiki{asked.path}?cursor={start + 2}"} if start + 2 < len(found) else {}
        return Answer({"results": found[start : start + 2], "_links": links})

    def _v2(self, content: Content) -> dict[str, Any]:
        shared = {"id": content.id, "title": content.title, "status": "trashed" if content.is_trashed else "current"}
        if content.kind != "attachment":
            return shared | {"body": {"export_view": {"value": content.body}}}
        links = {"webuiLink": f"/x/{content.id}", "downloadLink": f"/download/attachments/{content.id}"}
        return shared | links | {"pageId": content.parent, "mediaType": "application/octet-stream"}

    def _datacenter(self, asked: Asked) -> Answer:
        path = asked.path
        if path == "/rest/api/space":
            found = [{"id": int(one.id), "key": key, "type": one.kind} for key, one in self.spaces.items()]
            return Answer({"results": found, "_links": {}})
        if match := re.fullmatch(r"/rest/api/space/(\w+)/permissions", path):
            space = self.spaces[match[1]]
            who: list[Any] = [{"type": "known", "username": name, "userKey": name} for name in space.users]
            who += [{"type": "group", "name": name} for name in space.groups] + [None] * space.is_public
            who += [{"displayName": "A team"}] * space.is_strange
            read = {"targetType": "space", "operationKey": "read"}
            return Answer([{"operation": read, "subject": one, "spaceKey": match[1]} for one in who])
        if match := re.fullmatch(r"/rest/api/content/(\w+)", path):
            content = self.contents.get(match[1])
            if content is None or content.is_trashed:
                return Answer({"message": "No content found"}, 404)
            body = {"body": {"export_view": {"value": content.body}}, "status": "current"}
            return Answer(self._content(content) | body)
        return Answer({"message": "not here"}, 404)

    def _search(self, asked: Asked) -> Answer:
        cql = asked.query["cql"]
        live = [one for one in self.contents.values() if not one.is_trashed]
        if match := re.match(r'space = "(\w+)" and type in', cql):
            live = [one for one in live if one.space == match[1]]
        elif match := re.match(r"id = (\d+)$", cql):
            live = [one for one in live if one.id == match[1]]
        else:
            match = re.match(r"type = comment and container = (\d+)", cql)
            assert match
            live = [one for one in live if one.kind == "comment" and one.parent == match[1]]
        start = asked.number("start", 0)
        links = {}
        if start + self.most < len(live):
            links["next"] = f"{asked.path}?start={start + self.most}&cql={cql.replace(' ', '+')}&limit=100"
        return Answer({"results": [self._content(one) for one in live[start : start + self.most]], "_links": links})

    def _content(self, content: Content) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": content.id,
            "type": content.kind,
            "title": content.title,
            "space": {"key": content.space, "name": "Documentation"},
            "version": {"number": content.version, "when": content.when, "by": {"displayName": "Ann"}},
            "history": {"createdDate": content.when, "createdBy": {"displayName": "Bob"}},
            "body": {"export_view": {"value": content.body}},
            "_links": {"webui": f"/x/{content.id}", "download": f"/download/attachments/{content.id}"},
            "extensions": {"mediaType": "application/octet-stream"},
        }
        if content.kind in {"attachment", "comment"}:
            return found | {"container": {"id": content.parent, "type": "page"}}
        above: list[dict[str, str]] = []
        at = content.parent
        while at:
            above.insert(0, {"id": at, "type": "page"})
            at = self.contents[at].parent
        restrictions = {"read": {"restrictions": self._restrictions(content)}}
        return found | {"ancestors": above, "restrictions": restrictions}

    def _restrictions(self, content: Content, start: int = 0) -> dict[str, Any]:
        people = [self._user(name) for name in content.users][start : start + 200]
        groups = [{"type": "group", "name": name, "id": f"id-{name}"} for name in content.groups][start:]
        shared = {"start": start, "limit": 200}
        return {
            "user": shared | {"results": people, "size": len(people)},
            "group": shared | {"results": groups, "size": len(groups)},
        }

    def _user(self, name: str) -> dict[str, str]:
        if self.is_cloud:
            return {"type": "known", "accountId": name, "email": ""}
        return {"type": "known", "username": name, "userKey": name}
