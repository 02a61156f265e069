"""Microsoft Graph, version 1.0: libraries of a site and a OneDrive, whose files change, move and are shared."""

from __future__ import annotations

import base64
import hashlib
import itertools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from plugins.cloud.serving import Answer, Asked, Mood, as_json

SITE = "contoso.sharepoint.com,2C712604-1370-44E7-A1F5-426573FDA80A,2D2244C3-251A-49EA-93A8-39E1C3A060FE"
SECRET = "Q8~hush-hush-hush"  # noqa: S105 (of this test's own server)


@dataclass
class Library:
    """One drive: items by id, the log of what changed, and the permissions that items do not inherit."""

    id: str
    name: str
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    own: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    log: list[tuple[str, bool]] = field(default_factory=list)  # id, and whether the rights changed
    hashes: bool = True
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.root = f"01ROOT{self.id}"
        self.items[self.root] = {"id": self.root, "name": "root", "root": {}, "folder": {"childCount": 0}}
        self.own[self.root] = []

    def add(self, name: str, parent: str, data: bytes | None = None) -> str:
        """Put a new file there, or without data a folder, and return its id."""
        number = next(self.numbers)
        one = f"01{hashlib.sha256(f'{self.id}{number}'.encode()).hexdigest()[:30].upper()}"
        reference = {"driveId": self.id, "driveType": "documentLibrary", "id": parent}
        self.items[one] = {"id": one, "name": name, "parentReference": reference, "webUrl": f"https://contoso/{one}"}
        if data is None:
            self.items[one]["folder"] = {"childCount": 0}
            self.log.append((one, False))
        else:
            self.write(one, data)
        return one

    def write(self, one: str, data: bytes) -> None:
        """Give a file another content."""
        self.contents[one] = data
        digest = base64.b64encode(hashlib.sha256(data).digest()[:20]).decode()
        file = {"mimeType": "text/plain", **({"hashes": {"quickXorHash": digest}} if self.hashes else {})}
        number = next(self.numbers)
        self.items[one] |= {
            "file": file,
            "size": len(data),
            "lastModifiedDateTime": f"2026-01-01T00:00:00.{number:03}Z",
        }
        self.log.append((one, False))

    def change(self, one: str, *, name: str = "", parent: str = "") -> None:
        """Rename or move: the changes name this item only, none that is in it."""
        item = self.items[one]
        item["name"] = name or item["name"]
        item["parentReference"] = {**item["parentReference"], "id": parent or item["parentReference"]["id"]}
        self.log.append((one, False))

    def delete(self, one: str) -> None:
        """Put an item into the bin; what was in a folder is not told of."""
        for inner in [other for other, item in self.items.items() if self._parent(item) == one]:
            self.delete(inner)
            self.log.pop()
        del self.items[one]
        self.log.append((one, False))

    def share(self, one: str, *rights: dict[str, Any]) -> None:
        """Give an item rights of its own, or inherited ones back."""
        self.own[one] = list(rights)
        self.log.append((one, True))

    def rights(self, one: str) -> list[dict[str, Any]]:
        """Return the effective rights."""
        while one not in self.own:
            one = self._parent(self.items[one])
        return self.own[one]

    def at(self, path: str) -> str:
        """Return the id of the item at a path, empty if there is none; case does not count."""
        one = self.root
        for part in path.split("/"):
            found = [o for o, i in self.items.items() if self._parent(i) == one and i["name"].lower() == part.lower()]
            if not found:
                return ""
            one = found[0]
        return one

    def shown(self, one: str, *, rights_changed: bool = False) -> dict[str, Any]:
        """Return an item as delta shows it with the header for hierarchical sharing."""
        item = self.items.get(one)
        if item is None:
            return {"id": one, "deleted": {"state": "deleted"}}
        shared = {"shared": {"scope": "users"} if self.own[one] else {}} if one in self.own else {}
        return {**item, **shared, **({"@microsoft.graph.sharedChanged": "True"} if rights_changed else {})}

    @staticmethod
    def _parent(item: dict[str, Any]) -> str:
        return str(item.get("parentReference", {}).get("id", ""))


@dataclass
class Graph:
    """The service; `page` is how many entries an answer has at most."""

    page: int = 100
    kept_from: int = 0  # links before it are too old
    refused: dict[str, int] = field(default_factory=dict)  # status by id of the item
    hidden_rights: bool = False
    tokens: set[str] = field(default_factory=set)
    mood: Mood = field(default_factory=Mood)
    url: str = ""
    leaked: list[str] = field(default_factory=list)  # tokens that came where they do not belong

    def __post_init__(self) -> None:
        self.main, self.other = Library("b!main", "Documents"), Library("b!other", "Contracts")
        self.personal = Library("b!ann", "OneDrive")
        self.libraries = {one.id: one for one in (self.main, self.other, self.personal)}

    def answer(self, asked: Asked) -> Answer:
        """See `Scripted`."""
        if asked.path == "/contoso.onmicrosoft.com/oauth2/v2.0/token":
            return self._sign_in(asked)
        if asked.path.startswith("/download/"):
            self.leaked += [asked.headers["authorization"]] if "authorization" in asked.headers else []
            _, _, drive, one = asked.path.split("/")
            return 200, {"Content-Type": "application/octet-stream"}, self.libraries[drive].contents[one]
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "InvalidAuthenticationToken", "Access token has expired.")
        return self._answer(asked)

    def _answer(self, asked: Asked) -> Answer:
        path = asked.raw_path
        libraries = [{"id": one.id, "name": one.name} for one in (self.main, self.other)]
        simple: dict[str, Any] = {
            "/sites/contoso.sharepoint.com:/sites/hr": {"id": SITE, "displayName": "HR"},
            f"/sites/{SITE}/drive": libraries[0],
            f"/sites/{SITE}/drives": {"value": libraries},
            "/users/ann@contoso.com/drive": {"id": self.personal.id, "name": self.personal.name},
        }
        if path in simple:
            return as_json(simple[path])
        match path.split("/", 4):
            case ["", "drives", drive, *rest] if unquote(drive) in self.libraries:
                return self._drive(self.libraries[unquote(drive)], "/".join(rest), asked)
        return _error(404, "itemNotFound", "The resource could not be found.")

    def _sign_in(self, asked: Asked) -> Answer:
        form = asked.form
        if form.get("client_secret") != SECRET:
            told = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"
            return as_json({"error": "invalid_client", "error_description": told}, 401)
        if form["grant_type"] != "client_credentials" or not form["scope"].endswith("/.default"):
            return as_json({"error": "invalid_request", "error_description": "AADSTS900144"}, 400)
        token = f"eyJ{len(self.tokens)}"
        self.tokens = {token}
        return as_json({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _drive(self, library: Library, rest: str, asked: Asked) -> Answer:
        if rest == "root":
            return as_json(library.items[library.root])
        if rest == "root/delta":
            return self._delta(library, asked)
        if rest.startswith("root:/"):
            one, what = library.at(unquote(rest.removeprefix("root:/"))), ""
        else:
            _, quoted, what = rest.split("/")
            one = unquote(quoted)
        if one not in library.items:
            return _error(404, "itemNotFound", "The resource could not be found.")
        return self._item(library, one, what, asked)

    def _item(self, library: Library, one: str, what: str, asked: Asked) -> Answer:
        if not what:
            return as_json(library.items[one])
        if what == "permissions":
            if self.hidden_rights:
                return _error(403, "accessDenied", "Access denied")
            return self._permissions(library, one, asked)
        if one in self.refused:
            return _error(self.refused[one], "accessDenied", "Not handed out.")
        return 302, {"Location": f"{self.url}/download/{quote(library.id)}/{one}"}, b""

    def _permissions(self, library: Library, one: str, asked: Asked) -> Answer:
        found, start = library.rights(one), int(asked.query.get("$skiptoken", 0))
        after = start + self.page
        link = f"{self.url}{asked.raw_path}?$skiptoken={after}"
        return as_json({"value": found[start:after], **({"@odata.nextLink": link} if after < len(found) else {})})

    def _delta(self, library: Library, asked: Asked) -> Answer:
        if "hierarchicalsharing" not in asked.headers["prefer"]:
            return _error(400, "invalidRequest", "this scripted server tells of rights by hierarchy only")
        kind, _, number = asked.query.get("token", "all-0").partition("-")
        start = int(number)
        if kind == "since" and (start < self.kept_from or start > len(library.log)):
            return _error(410, "resyncChangesApplyDifferences", "Resync required.")
        link = f"{self.url}/drives/{quote(library.id)}/root/delta?token="
        if kind == "all":
            ids = list(library.items)
            part = [library.shown(one) for one in ids[start : start + self.page]]
            if start + self.page < len(ids):
                return as_json({"value": part, "@odata.nextLink": f"{link}all-{start + self.page}"})
            return as_json({"value": part, "@odata.deltaLink": f"{link}since-{len(library.log)}"})
        part = [library.shown(one, rights_changed=changed) for one, changed in library.log[start : start + self.page]]
        if part:
            part.insert(0, library.shown(library.root))
        after = min(start + self.page, len(library.log))
        name = "@odata.nextLink" if after < len(library.log) else "@odata.deltaLink"
        return as_json({"value": part, name: f"{link}since-{after}"})


def busy() -> Answer:
    """Return an answer that asks for patience."""
    return as_json({"error": {"code": "activityLimitReached", "message": "slow down"}}, 429, {"Retry-After": "0"})


def granted(kind: str, name: str) -> dict[str, Any]:
    """Return a permission for a user or a group of this mail."""
    identity = {"id": f"id-of-{name}", "displayName": name.partition("@")[0], "email": name}
    login = f"i:0#.f|membership|{name}" if kind == "user" else f"c:0o.c|federateddirectoryclaimprovider|id-of-{name}"
    site_user = {"siteUser": {"id": "7", "displayName": identity["displayName"], "loginName": login}}
    return {"id": f"p-{name}", "roles": ["read"], "grantedToV2": {kind: identity, **site_user}}


def _error(status: int, code: str, message: str) -> Answer:
    return as_json({"error": {"code": code, "message": message, "innerError": {"request-id": "1"}}}, status)
