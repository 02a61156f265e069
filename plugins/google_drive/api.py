"""What the source asks of the Drive API, version 3."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from plugins.cloud import CloudApi, Holder
from plugins.google_drive.config import DriveConfig
from plugins.google_drive.sign_in import signing_in
from plugins.net import PoliteClient, Reply

FOLDER = "application/vnd.google-apps.folder"
File = dict[str, Any]

_FIELDS = (
    "id,name,mimeType,parents,trashed,driveId,md5Checksum,modifiedTime,size,webViewLink,permissionIds,"
    "permissions(id,type,emailAddress,domain,allowFileDiscovery,deleted,view,expirationTime)"
)
_RIGHTS = "nextPageToken,permissions(id,type,emailAddress,domain,allowFileDiscovery,deleted,view,expirationTime)"
_PATIENCE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_NOT_TODAY = frozenset({"dailyLimitExceeded", "downloadQuotaExceeded", "quotaExceeded"})
_NOT_SET_UP = frozenset({"accessNotConfigured", "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_TOGETHER = 20  # folders that one request lists
_ALL_DRIVES = {"supportsAllDrives": "true"}


class DriveApi:
    """Requests for one configuration. Safe to call from several threads."""

    def __init__(self, config: DriveConfig) -> None:
        client = PoliteClient(config.private_hosts, timeout_seconds=config.timeout_seconds)
        self._at = config.api.rstrip("/")
        self._api = CloudApi(
            "Google Drive",
            client,
            signing_in(config, client),
            lambda reply: reply.status == 403 and _why(reply) in _PATIENCE,
        )

    def file(self, one: str) -> File:
        """Return what Drive says of a file or folder, `root` for My Drive.

        Raises:
            NotFoundError: it is not there, or not for this account.
        """
        return self._json(f"/files/{quote(one, safe='')}", {"fields": _FIELDS})

    def children(self, folders: Iterable[str], drive: str, name: str | None = None) -> Iterator[File]:
        """Yield what lies in folders, not deeper; with `name`, only what may have this name.

        Args:
            folders: their ids.
            drive: the shared drive that they are in, or empty.
            name: of the wanted files.
        """
        ids = list(folders)
        for at in range(0, len(ids), _TOGETHER):
            parents = " or ".join(f"'{_quoted(one)}' in parents" for one in ids[at : at + _TOGETHER])
            named = "" if name is None else f" and name = '{_quoted(name)}'"
            asked = {
                "q": f"({parents}){named} and trashed = false",
                "fields": f"nextPageToken,incompleteSearch,files({_FIELDS})",
                "pageSize": "1000",
                "includeItemsFromAllDrives": "true",
                **({"corpora": "drive", "driveId": drive} if drive else {"corpora": "user"}),
            }
            for page in self._pages("/files", asked):
                if page.get("incompleteSearch"):
                    raise SourceUnreachableError("Google Drive did not search everything", "the next sync tries again")
                yield from self._api.items(page, "files")

    def rights(self, one: str) -> list[dict[str, Any]]:
        """Return the permissions on a file or a shared drive, inherited ones too; raises DocumentUnreadableError."""
        asked = {"fields": _RIGHTS, "pageSize": "100"}
        pages = self._pages(f"/files/{quote(one, safe='')}/permissions", asked)
        return [right for page in pages for right in self._api.items(page, "permissions")]

    def now(self, drive: str) -> str:
        """Return the token from which changes are to be asked for later."""
        answer = self._json("/changes/startPageToken", {"driveId": drive} if drive else {})
        return _text(answer, "startPageToken")

    def changes(self, token: str, drive: str) -> Iterator[tuple[list[dict[str, Any]], str]]:
        """Yield what changed since a token, a page at a time; with the last one the token for the next time.

        Raises:
            NotFoundError: the token is not good any more.
        """
        asked = {
            "fields": f"nextPageToken,newStartPageToken,changes(changeType,fileId,driveId,removed,file({_FIELDS}))",
            "pageSize": "1000",
            "includeRemoved": "true",
            "includeItemsFromAllDrives": "true",
            "pageToken": token,
            **({"driveId": drive} if drive else {}),
        }
        for page in self._pages("/changes", asked, gone=frozenset({400, 404, 410})):
            after = "" if page.get("nextPageToken") else _text(page, "newStartPageToken")
            yield self._api.items(page, "changes"), after

    def content(self, file: File, export: str, max_bytes: int) -> bytes:
        """Return a file's bytes; with `export`, a Google document as this type."""
        where = f"/files/{quote(file['id'], safe='')}"
        asked = {"mimeType": export} if export else {"alt": "media", **_ALL_DRIVES}
        reply = self._api.get(f"{self._at}{where}{'/export' if export else ''}", asked, max_bytes)
        if reply.status != 200:
            self._refuse(reply, frozenset({404, 410}))
        return reply.body

    def _json(self, where: str, asked: Mapping[str, str], gone: frozenset[int] = frozenset({404})) -> dict[str, Any]:
        reply = self._api.get(self._at + where, {**asked, **_ALL_DRIVES})
        if reply.status != 200:
            self._refuse(reply, gone)
        return self._api.read(reply)

    def _pages(
        self, where: str, asked: Mapping[str, str], gone: frozenset[int] = frozenset({404})
    ) -> Iterator[dict[str, Any]]:
        page: dict[str, Any] = self._json(where, asked, gone)
        yield page
        while page.get("nextPageToken"):
            page = self._json(where, {**asked, "pageToken": str(page["nextPageToken"])}, gone)
            yield page

    def _refuse(self, reply: Reply, gone: frozenset[int]) -> None:
        """Raise what an answer means that is not the wanted one."""
        why, told = _why(reply), _told(reply)
        if reply.status in gone:
            raise NotFoundError(f"Google Drive: {told}")
        if reply.status == 401:
            raise SourceError(f"Google Drive refuses the sign-in: {told}", "check the key")
        if why in _NOT_TODAY:
            raise SourceUnreachableError(f"Google Drive: {told}", "the next sync tries again")
        if why in _NOT_SET_UP:
            raise SourceError(
                f"Google Drive: {told}", "enable the Drive API in the key's project, with the scope drive.readonly"
            )
        if why == "exportSizeLimitExceeded":
            raise DocumentTooLargeError(
                f"Google exports no more than 10 MB: {told}", "part the document, or leave it out"
            )
        if reply.status == 403:
            raise DocumentUnreadableError(f"Google Drive: {told}", "give the account the right to it")
        raise SourceError(f"Google Drive answers with status {reply.status}: {told}", "check the configuration")


def holders(rights: Iterable[Mapping[str, Any]]) -> list[Holder]:
    """Return who may read by these permissions: every role reads."""
    found: list[Holder] = []
    for right in rights:
        if right.get("deleted") or right.get("view") == "published" or _is_over(right.get("expirationTime")):
            continue
        link = "" if right.get("allowFileDiscovery") else "-link"  # who has none does not find it
        kind, mail = right.get("type"), str(right.get("emailAddress", ""))
        match kind:
            case "user" | "group":
                found.append(Holder(kind, (mail, str(right.get("id", "")))))
            case "domain":
                found.append(Holder("link", (f"domain{link}:{right.get('domain', '')}",)))
            case "anyone":
                found.append(Holder("link", ("anyone-link",)) if link else Holder("public", ("anyone",)))
    return found


def _is_over(ends: Any) -> bool:
    return isinstance(ends, str) and dt.datetime.fromisoformat(ends) < dt.datetime.now(dt.UTC)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _text(answer: Mapping[str, Any], name: str) -> str:
    if not isinstance(answer.get(name), str) or not answer[name]:
        raise SourceError(f"Google Drive answers without {name!r}", "check the address of the API")
    return str(answer[name])


def _error(reply: Reply) -> dict[str, Any]:
    try:
        told = json.loads(reply.body)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return told if isinstance(told, dict) else {}


def _why(reply: Reply) -> str:
    """Return the reason that Google gives for a refusal, empty where it gives none."""
    error = _error(reply)
    reasons = [
        one.get("reason") for one in [*error.get("errors", ()), *error.get("details", ())] if isinstance(one, dict)
    ]
    return next((str(reason) for reason in reasons if reason), "")


def _told(reply: Reply) -> str:
    return " ".join(str(_error(reply).get("message") or f"status {reply.status}").split())[:300]
