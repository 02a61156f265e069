"""Gets access tokens from Google for a JSON key, by google-auth over the assistant's own client."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from assistant.errors import SourceError
from plugins.cloud import Token
from plugins.google_drive.config import DriveConfig
from plugins.net import PoliteClient, Reply

_SCOPES = ("https://www.googleapis.com/auth/drive.readonly",)
_ANSWER_BYTES = 1_000_000


class _Answer:
    """An answer as google-auth reads it."""

    def __init__(self, reply: Reply) -> None:
        self.status, self.headers, self.data = reply.status, reply.headers, reply.body


def signing_in(config: DriveConfig, client: PoliteClient) -> Callable[[], Token]:
    """Return what asks for a new token each time it is called.

    Raises (when called):
        SourceError: the key cannot be used, or Google refuses it.
        SourceUnreachableError: Google does not answer.
    """

    def request(url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> _Answer:
        data = body.encode() if isinstance(body, str) else body or b""
        return _Answer(client.request(method, url, _ANSWER_BYTES, headers, data))

    def new_token() -> Token:
        from google.auth.exceptions import GoogleAuthError

        told: Mapping[str, Any] = json.loads(config.credentials.get_secret_value())
        try:
            credentials = _credentials(told, config.subject)
            credentials.refresh(request)
        except GoogleAuthError as error:
            cause = " ".join(str(error.args[0] if error.args else error).split())[:200]
            raise SourceError(
                f"Google does not let {told.get('client_email') or 'the user of the key'} in: {cause}",
                "check the key; with a subject, that the account may act for the domain's users with drive.readonly",
            ) from None
        except (ValueError, KeyError, TypeError):  # their texts may hold parts of the key
            raise SourceError("the key is not whole", "download a new one, and give all of its JSON") from None
        ends = credentials.expiry or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        return Token(str(credentials.token), (ends - dt.datetime.now(dt.UTC).replace(tzinfo=None)).total_seconds())

    return new_token


def _credentials(told: Mapping[str, Any], subject: str) -> Any:
    if told["type"] == "service_account":
        from google.oauth2 import service_account

        account: Any = service_account.Credentials  # google-auth has no types in there
        return account.from_service_account_info(told, scopes=_SCOPES, subject=subject or None)
    from google.oauth2 import credentials

    if not told.get("refresh_token"):
        raise ValueError("no refresh token")
    user: Any = credentials.Credentials
    return user(
        None,
        refresh_token=told["refresh_token"],
        token_uri=told.get("token_uri", "https://oauth2.googleapis.com/token"),
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        scopes=list(_SCOPES),
    )
