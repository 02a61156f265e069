"""What the source asks of Slack's Web API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import DocumentUnreadableError, NotFoundError, SourceError, SourceUnreachableError
from plugins.cloud import CloudApi, Token
from plugins.net import PoliteClient, Reply
from plugins.slack.config import SlackConfig

Object = dict[str, Any]

_A_DAY = 86_400.0  # seconds for which Slack's token is not asked for again: it has no end
_LONGEST_WAIT = 120.0  # seconds that Slack may ask for
_GONE = frozenset(
    {"channel_not_found", "thread_not_found", "message_not_found", "file_not_found", "file_deleted", "user_not_found"}
)
_NOT_NOW = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_NOT_IN = frozenset({"not_in_channel", "access_denied", "restricted_action"})


class SlackApi:
    """Requests for one configuration. Safe to call from several threads."""

    def __init__(self, config: SlackConfig) -> None:
        self._at = config.api.rstrip("/")
        self._client = PoliteClient(
            config.private_hosts, timeout_seconds=config.timeout_seconds, longest_wait=_LONGEST_WAIT
        )
        token = Token(config.token.get_secret_value(), _A_DAY)
        self._api = CloudApi("Slack", self._client, lambda: token, lambda reply: _error(reply) == "ratelimited")

    def call(self, method: str, asked: Mapping[str, str] | None = None) -> Object:
        """Return the answer of a method.

        Raises:
            NotFoundError: the channel, thread or file is not there, or not for this token.
            DocumentUnreadableError: it is not handed out.
            SourceError: the token is refused, or lacks a scope.
            SourceUnreachableError: Slack does not answer now.
        """
        reply = self._api.get(f"{self._at}/{method}", asked)
        answer = self._api.read(reply)
        if answer.get("ok") is True:
            return answer
        error = str(answer.get("error", f"status {reply.status}"))
        if error in _GONE:
            raise NotFoundError(f"Slack: {error}")
        if error in _NOT_NOW:
            raise SourceUnreachableError(f"Slack does not answer {method} now: {error}", "the next sync goes on")
        if error in _NOT_IN:
            raise DocumentUnreadableError(f"Slack: {error}", "invite the app to the channel")
        if error == "missing_scope":
            raise SourceError(
                f"the token lacks the scope {answer.get('needed')} for {method}",
                "add it to the app and install it again, or switch off what needs it",
            )
        raise SourceError(f"Slack refuses {method}: {error}", "check the token, and that the app is still installed")

    def pages(self, method: str, name: str, asked: Mapping[str, str]) -> Iterator[Object]:
        """Yield the objects of a method's answers, page after page; raises as `call`."""
        cursor = ""
        while True:
            answer = self.call(method, {**asked, **({"cursor": cursor} if cursor else {})})
            yield from self._api.items(answer, name)
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def files(self, channel: str, since: str) -> Iterator[Object]:
        """Yield the files in a channel: an older method, with numbered pages."""
        asked = {"channel": channel, "count": "200", **({"ts_from": since} if float(since) else {})}
        page = 1
        while True:
            answer = self.call("files.list", {**asked, "page": str(page)})
            yield from self._api.items(answer, "files")
            if page >= int((answer.get("paging") or {}).get("pages") or 1):
                return
            page += 1

    def members(self, channel: str) -> list[str]:
        """Return the ids of a channel's members."""
        found: list[str] = []
        cursor = ""
        while True:
            asked = {"channel": channel, "limit": "1000", **({"cursor": cursor} if cursor else {})}
            answer = self.call("conversations.members", asked)
            if not isinstance(answer.get("members"), list):
                raise SourceError("Slack answers without 'members'", "check the address of the API")
            found += [str(one) for one in answer["members"]]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return found

    def download(self, url: str, is_page: bool, max_bytes: int) -> bytes:
        """Return a file's bytes.

        Args:
            url: as Slack tells it.
            is_page: whether the file is a web page: to whoever may not read a file, Slack shows one.
            max_bytes: of the file.

        Raises:
            DocumentUnreadableError: it is not handed out.
            DocumentTooLargeError, SourceUnreachableError: as their names say.
        """
        host = urlsplit(url).netloc
        if host not in {"files.slack.com", urlsplit(self._at).netloc}:  # the token goes along
            raise DocumentUnreadableError(f"the file lies at {host} and not at Slack", "open it there")
        reply = self._api.get(url, max_bytes=max_bytes)
        if reply.status in {404, 410}:
            raise NotFoundError("the file is gone")
        if reply.status != 200 or (reply.media_type == "text/html" and not is_page):
            raise DocumentUnreadableError(
                f"Slack does not hand out the file (status {reply.status})", "give the app the scope files:read"
            )
        return reply.body


def _error(reply: Reply) -> str:
    if reply.status != 200 or b'"ok":false' not in reply.body.replace(b" ", b"")[:100]:
        return ""
    try:
        return str(json.loads(reply.body).get("error", ""))
    except (ValueError, AttributeError):
        return ""
