"""A Google Drive, version 3 of its API, with files that can be written, shared, moved, put in the bin and deleted."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import Any

from plugins.cloud.serving import Answer, Asked, Mood, as_json

FOLDER = "application/vnd.google-apps.folder"
KEY_OF = "robot@project.iam.gserviceaccount.com"


@functools.cache
def private_key() -> str:
    """Return a private key as Google puts it into a service account's key."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class GoogleDrive:
    """One My Drive, and shared drives; `page` is how many entries an answer has at most."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    rights: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unshared: set[str] = field(default_factory=set)  # files whose rights the account may not read
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)  # status and reason, by id of the file
    log: list[str] = field(default_factory=list)
    kept_from: int = 0  # tokens before it are too old
    page: int = 100
    tokens: set[str] = field(default_factory=set)
    sign_in_error: str = ""
    mood: Mood = field(default_factory=Mood)
    url: str = ""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.root = self.folder("My Drive", "")

    def key(self) -> str:
        """Return a service account's key for this server, as JSON."""
        return json.dumps(
            {
                "type": "service_account",
                "client_email": KEY_OF,
                "private_key_id": "k1",
                "private_key": private_key(),
                "token_uri": f"{self.url}/token",
            }
        )

    def add(self, name: str, parent: str, data: bytes = b"", kind: str = "text/plain", **more: Any) -> str:
        """Put a new file there and return its id."""
        number = next(self.numbers)
        one = f"1{hashlib.sha256(str(number).encode()).hexdigest()[:27]}"
        drive = self.files[parent].get("driveId") if parent else None
        self.files[one] = {
            "id": one,
            "name": name,
            "mimeType": kind,
            "trashed": False,
            "modifiedTime": _time(number),
            "webViewLink": f"https://drive.google.com/file/d/{one}/view",
            **({"parents": [parent]} if parent else {}),
            **({"driveId": drive} if drive else {}),
            **more,
        }
        self.rights[one] = [dict(right) for right in self.rights.get(parent, ())]
        self.write(one, data)
        return one

    def folder(self, name: str, parent: str) -> str:
        """Put a new folder there and return its id."""
        return self.add(name, parent, kind=FOLDER)

    def shared_drive(self, name: str) -> str:
        """Make a shared drive and return its id."""
        one = self.folder(name, "")
        self.files[one]["driveId"] = one
        return one

    def write(self, one: str, data: bytes) -> None:
        """Give a file another content."""
        self.contents[one] = data
        file = self.files[one]
        file["modifiedTime"] = _time(next(self.numbers))
        if not file["mimeType"].startswith("application/vnd.google-apps."):
            file |= {"md5Checksum": hashlib.md5(data).hexdigest(), "size": str(len(data))}  # noqa: S324 (Drive's)
        self.log.append(one)

    def change(self, one: str, **more: Any) -> None:
        """Rename, move (`parents`) or put in the bin (`trashed`)."""
        self.files[one] |= more
        self.log.append(one)

    def delete(self, one: str) -> None:
        """Delete for good, with all that lies in it."""
        for inner in [other for other, file in self.files.items() if one in file.get("parents", ())]:
            self.delete(inner)
        del self.files[one]
        self.log.append(one)

    def share(self, one: str, *rights: dict[str, Any], tells: bool = True) -> None:
        """Set the rights on a file, or on a folder and all in it; `tells`: the inner files stand in the changes too."""
        self.rights[one] = [{"id": _right_id(right), "role": "reader", **right} for right in rights]
        if tells or self.files[one]["mimeType"] == FOLDER:
            self.log.append(one)
        for inner in [other for other, file in self.files.items() if one in file.get("parents", ())]:
            self.share(inner, *rights, tells=False)

    def answer(self, asked: Asked) -> Answer:
        """See `Scripted`."""
        if asked.path == "/token":
            return self._sign_in()
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "authError", "Invalid Credentials")
        if asked.query.get("supportsAllDrives") != "true" and not asked.path.endswith("/export"):
            return _error(404, "notFound", "File not found: supportsAllDrives is missing")
        return self._answer(asked)

    def _sign_in(self) -> Answer:
        if self.sign_in_error:
            return as_json({"error": self.sign_in_error, "error_description": "Not a valid email."}, 400)
        token = f"ya29.{len(self.tokens)}"
        self.tokens = {token}
        return as_json({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _answer(self, asked: Asked) -> Answer:
        match asked.path.strip("/").split("/"):
            case ["changes", "startPageToken"]:
                return as_json({"kind": "drive#startPageToken", "startPageToken": str(len(self.log))})
            case ["changes"]:
                return self._changes(asked.query)
            case ["files"]:
                return self._list(asked.query)
            case ["files", one, *rest] if (found := self.root if one == "root" else one) in self.files:
                return self._file(found, rest, asked.query)
        return _error(404, "notFound", f"File not found: {asked.path}")

    def _list(self, query: dict[str, str]) -> Answer:
        asked = query["q"]
        parents = set(re.findall(r"'([^']+)' in parents", asked))
        if not parents <= self.files.keys() or not asked.endswith(" and trashed = false"):
            return _error(404, "notFound", "File not found: .")
        named = re.search(r"name = '((?:[^'\\]|\\.)*)'", asked)
        name = re.sub(r"\\(.)", r"\1", named[1]).lower() if named else None
        drive = query.get("driveId") if query["corpora"] == "drive" else None
        found = [
            self._shown(file)
            for file in self.files.values()
            if parents & set(file.get("parents", ()))
            and not file["trashed"]
            and (drive is None or file.get("driveId") == drive)
            and (name is None or file["name"].lower() == name)  # Drive's search takes no account of case
        ]
        return self._page("files", found, query)

    def _changes(self, query: dict[str, str]) -> Answer:
        token = query["pageToken"]
        if not token.isdecimal() or int(token) < self.kept_from or int(token) > len(self.log):
            return _error(400, "invalid", "Invalid Value")
        ids = self.log[int(token) : int(token) + self.page]
        found = []
        for one in dict.fromkeys(ids):
            file = self.files.get(one)
            if file is None or (query.get("driveId") or None) == file.get("driveId"):
                gone = file is None
                found.append(
                    {
                        "changeType": "file",
                        "fileId": one,
                        "removed": gone,
                        **({"file": self._shown(file)} if file else {}),
                    }
                )
        after = int(token) + len(ids)
        more = {"nextPageToken": str(after)} if after < len(self.log) else {"newStartPageToken": str(after)}
        return as_json({"kind": "drive#changeList", "changes": found, **more})

    def _file(self, one: str, rest: list[str], query: dict[str, str]) -> Answer:
        file = self.files[one]
        if rest == ["permissions"]:
            if one in self.unshared:
                return _error(403, "insufficientFilePermissions", "The user does not have sufficient permissions.")
            return self._page("permissions", self.rights[one], query)
        if not rest and query.get("alt") != "media":
            return as_json(self._shown(file))
        if one in self.refused:
            status, reason = self.refused[one]
            return _error(status, reason, f"This file is not handed out: {reason}")
        if rest == ["export"] and file["mimeType"].startswith("application/vnd.google-apps."):
            return 200, {"Content-Type": query["mimeType"]}, self.contents[one]
        return 200, {"Content-Type": file["mimeType"]}, self.contents[one]

    def _shown(self, file: dict[str, Any]) -> dict[str, Any]:
        rights = self.rights[file["id"]]
        more: dict[str, Any] = {"permissionIds": [right["id"] for right in rights]}
        if "driveId" not in file and file["id"] not in self.unshared:
            more["permissions"] = rights
        return {**file, **more}

    def _page(self, name: str, found: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        start = int(query.get("pageToken", 0))
        part = found[start : start + self.page]
        more = {"nextPageToken": str(start + self.page)} if start + self.page < len(found) else {}
        return as_json({"kind": f"drive#{name}List", name: part, **more})


def rate_limited() -> Answer:
    """Return Google's other way of asking for patience."""
    return _error(403, "userRateLimitExceeded", "User Rate Limit Exceeded")


def _error(status: int, reason: str, message: str) -> Answer:
    detail = {"domain": "global", "reason": reason, "message": message}
    return as_json({"error": {"code": status, "message": message, "errors": [detail]}}, status)


def _right_id(right: dict[str, Any]) -> str:
    if right["type"] == "anyone":
        return "anyone" if right.get("allowFileDiscovery") else "anyoneWithLink"
    told = f"{right['type']}{right.get('emailAddress', right.get('domain'))}{right.get('allowFileDiscovery')}"
    return str(int(hashlib.sha256(told.encode()).hexdigest()[:15], 16))


def _time(number: int) -> str:
    return f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}.{number // 3600:03}Z"
