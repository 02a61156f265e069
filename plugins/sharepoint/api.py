"""What the source asks of Microsoft Graph, version 1.0."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from assistant.errors import (
    DocumentChangedError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from plugins.cloud import CloudApi, Holder, Token
from plugins.net import PoliteClient, Reply
from plugins.sharepoint.config import SharepointConfig

Item = dict[str, Any]

# who asks so is told of changed rights, and which items have rights of their own
_PREFER = "hierarchicalsharing, deltashowremovedasdeleted, deltatraversepermissiongaps, deltashowsharingchanges"
_GONE = frozenset({404, 410})
_EVERYONE = "c:0(.s|true"  # logins that SharePoint has for all of a tenant, with and without guests
_EMPLOYEES = "spo-grid-all-users"
_NO_READING = "sp.limited access"  # passing through a folder


class TokenTooOldError(Exception):
    """Graph has no changes since then any more."""


class GraphApi:
    """Requests for one configuration. Safe to call from several threads."""

    def __init__(self, config: SharepointConfig) -> None:
        self._config = config
        self._client = PoliteClient(config.private_hosts, timeout_seconds=config.timeout_seconds)
        self._at = config.api.rstrip("/")
        self._api = CloudApi("Microsoft Graph", self._client, self._signing_in())

    def drive(self) -> str:
        """Return the id of the library or OneDrive.

        Raises:
            SourceError: it is not there, or not for this application.
        """
        config = self._config
        if config.user:
            return _text(
                self._known(f"/users/{quote(config.user, safe='@')}/drive", f"OneDrive of {config.user}"), "id"
            )
        address = urlsplit(config.site)
        path = f":{quote(address.path)}" if address.path else ""
        site = _text(self._known(f"/sites/{address.netloc}{path}", f"site {config.site}"), "id")
        if not config.library:
            return _text(self._known(f"/sites/{quote(site, safe=',.')}/drive", f"library of {config.site}"), "id")
        found = [one for page in self._pages(f"/sites/{quote(site, safe=',.')}/drives") for one in page]
        for drive in found:
            if str(drive.get("name", "")).casefold() == config.library.casefold():
                return _text(drive, "id")
        names = ", ".join(sorted(str(drive.get("name")) for drive in found)) or "none"
        raise SourceError(f"{config.site} has no library {config.library!r}", f"there are: {names}")

    def root(self, drive: str) -> str:
        """Return the id of the drive's root."""
        return _text(self._known(f"/drives/{quote(drive)}/root", "library"), "id")

    def changes(self, drive: str, link: str) -> Iterator[tuple[list[Item], str]]:
        """Yield all items, or with a link those that changed since it was given, a page at a time.

        With the last page comes the link for the next time.

        Raises:
            TokenTooOldError: the link is not good any more.
        """
        url = link or f"{self._at}/drives/{quote(drive)}/root/delta"
        while url:
            self._check(url)
            reply = self._api.get(url, headers={"Prefer": _PREFER})
            if reply.status == 410 or (link and reply.status in {400, 404}):
                raise TokenTooOldError
            if reply.status != 200:
                self._refuse(reply)
            answer = self._api.read(reply)
            url = str(answer.get("@odata.nextLink") or "")
            yield self._api.items(answer, "value"), "" if url else _text(answer, "@odata.deltaLink")

    def item(self, drive: str, path: str) -> Item:
        """Return the item at a path of the drive; raises NotFoundError."""
        return self._json(f"/drives/{quote(drive)}/root:/{quote(path)}")

    def rights(self, drive: str, item: str) -> list[dict[str, Any]]:
        """Return all permissions on an item, inherited ones too; raises NotFoundError, DocumentUnreadableError."""
        pages = self._pages(f"/drives/{quote(drive)}/items/{quote(item)}/permissions")
        return [right for page in pages for right in page]

    def content(self, drive: str, item: str, max_bytes: int) -> bytes:
        """Return a file's bytes; raises NotFoundError, DocumentUnreadableError, DocumentTooLargeError."""
        reply = self._api.get(f"{self._at}/drives/{quote(drive)}/items/{quote(item)}/content", max_bytes=max_bytes)
        if reply.status in {301, 302, 307, 308}:
            # what Graph leads to lies elsewhere, is open to whoever knows it, and must not see the token
            reply = self._client.get(reply.headers.get("location", ""), max_bytes)
        if reply.is_busy:
            raise SourceUnreachableError(f"the download answers with status {reply.status}", "the next sync goes on")
        if reply.status != 200:
            self._refuse(reply)
        return reply.body

    def _json(self, where: str) -> dict[str, Any]:
        reply = self._api.get(self._at + where)
        if reply.status != 200:
            self._refuse(reply)
        return self._api.read(reply)

    def _known(self, where: str, what: str) -> dict[str, Any]:
        """Return what has to be there: it is the configuration's."""
        try:
            return self._json(where)
        except NotFoundError as error:
            raise SourceError(f"there is no {what}: {error.message}", "check the address and the name") from error
        except DocumentUnreadableError as error:
            raise SourceError(
                f"the application may not read the {what}: {error.message}",
                "give it the application permission Sites.FullControl.All (or Sites.Selected for this site)"
                " with an admin's consent",
            ) from error

    def _pages(self, where: str) -> Iterator[list[dict[str, Any]]]:
        url = self._at + where
        while url:
            self._check(url)
            reply = self._api.get(url)
            if reply.status != 200:
                self._refuse(reply)
            answer = self._api.read(reply)
            yield self._api.items(answer, "value")
            url = str(answer.get("@odata.nextLink", ""))

    def _check(self, url: str) -> None:
        """See that a link of an answer's, or of a cursor's, leads to Graph: the token goes along."""
        if urlsplit(url)[:2] != urlsplit(self._at)[:2]:
            raise SourceError(f"Microsoft Graph leads to {urlsplit(url).netloc}", "check the address of Graph")

    def _refuse(self, reply: Reply) -> None:
        """Raise what an answer means that is not the wanted one."""
        told = _told(reply)
        if reply.status in _GONE:
            raise NotFoundError(f"Microsoft Graph: {told}")
        if reply.status == 401:
            raise SourceError(f"Microsoft Graph refuses the sign-in: {told}", "check tenant, application and secret")
        if reply.status == 403:
            raise DocumentUnreadableError(f"Microsoft Graph: {told}", "give the application the right to it")
        if reply.status == 423:
            raise DocumentChangedError(f"Microsoft Graph: {told}", "it is tried again")
        raise SourceError(f"Microsoft Graph answers with status {reply.status}: {told}", "check the configuration")

    def _signing_in(self) -> Callable[[], Token]:
        config, client = self._config, self._client
        url = f"{config.login.rstrip('/')}/{config.tenant}/oauth2/v2.0/token"
        address = urlsplit(self._at)

        def new_token() -> Token:
            form = {
                "grant_type": "client_credentials",
                "client_id": config.client_id,
                "client_secret": config.client_secret.get_secret_value(),
                "scope": f"{address.scheme}://{address.netloc}/.default",
            }
            sent = {"Content-Type": "application/x-www-form-urlencoded"}
            reply = client.request("POST", url, 1_000_000, sent, urlencode(form).encode())
            if reply.is_busy:
                raise SourceUnreachableError(f"the sign-in answers with status {reply.status}", "the next sync goes on")
            try:
                answer = json.loads(reply.body)
                if reply.status == 200:
                    return Token(str(answer["access_token"]), float(answer["expires_in"]))
                told = str(answer.get("error_description") or answer["error"]).splitlines()[0][:300]
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                raise SourceError(
                    f"the sign-in answers with status {reply.status} and nothing to read", "check its address"
                ) from None
            raise SourceError(f"Microsoft does not let the application in: {told}", "check tenant, application, secret")

        return new_token


def holders(rights: Iterable[Mapping[str, Any]]) -> list[Holder]:
    """Return who may read by these permissions: every role reads but the one that only lets pass through."""
    found: list[Holder] = []
    for right in rights:
        roles = right.get("roles") or ()
        if (roles and all(str(role).lower() == _NO_READING for role in roles)) or _is_over(
            right.get("expirationDateTime")
        ):
            continue
        link = right.get("link") or {}
        if link.get("scope") in {"anonymous", "organization"}:
            found.append(Holder("link", (f"{'anyone' if link['scope'] == 'anonymous' else 'organization'}-link",)))
        granted = [right.get("grantedToV2") or right.get("grantedTo")]
        granted += right.get("grantedToIdentitiesV2") or right.get("grantedToIdentities") or ()
        found += [holder for one in granted if one for holder in _holder(one)]
    return found


def _holder(granted: Mapping[str, Any]) -> list[Holder]:
    """Return who stands in an identity set; nobody for an application."""
    group, person = granted.get("group"), granted.get("user") or {}
    site_group, site_user = granted.get("siteGroup"), granted.get("siteUser") or {}
    login = str(site_user.get("loginName", ""))
    if login == _EVERYONE:
        return [Holder("public", ("everyone",))]
    if _EMPLOYEES in login:
        return [Holder("link", ("everyone-but-guests",))]
    if group:
        return [Holder("group", _names(group, "email", "id", "displayName"))]
    if site_group:  # its id is a small number, the same on other sites
        return [Holder("group", _names(site_group, "displayName", "loginName"))]
    if person or site_user:
        sign_in = login.rpartition("|")[2]
        kind: Literal["user", "group"] = "group" if login.startswith("c:") else "user"  # a directory's group
        names = (*_names(person, "email"), *_names(site_user, "email"), sign_in, *_names(person, "id", "displayName"))
        return [Holder(kind, tuple(name for name in names if name))] if any(names) else []
    return []


def _names(identity: Mapping[str, Any], *fields: str) -> tuple[str, ...]:
    return tuple(str(identity[field]) for field in fields if identity.get(field))


def _is_over(ends: Any) -> bool:
    if not isinstance(ends, str) or ends.startswith("0001-"):  # the year in which nothing ends
        return False
    return dt.datetime.fromisoformat(ends) < dt.datetime.now(dt.UTC)


def _text(answer: Mapping[str, Any], name: str) -> str:
    if not isinstance(answer.get(name), str) or not answer[name]:
        raise SourceError(f"Microsoft Graph answers without {name!r}", "check its address")
    return str(answer[name])


def _told(reply: Reply) -> str:
    try:
        error = json.loads(reply.body)["error"]
        return " ".join(f"{error['code']}: {error.get('message', '')}".split())[:300]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"status {reply.status}"
