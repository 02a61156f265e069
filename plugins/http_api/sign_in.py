"""How calls sign in, and how what they sign in with is kept out of every text."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

from plugins.http_api.config import HttpApiConfig
from plugins.net import PORTS

_MASK = "**********"
_SHORT = 4  # a shorter text stands in too many words to be looked for


class SignIn:
    """What is sent along with each call.

    Args:
        config: has the secrets.
    """

    def __init__(self, config: HttpApiConfig) -> None:
        headers = {name: value.get_secret_value() for name, value in config.headers.items()}
        hidden = {*headers.values(), *(value.partition(" ")[2] for value in headers.values())}
        if token := config.token.get_secret_value():
            headers["Authorization"] = f"Bearer {token}"
            hidden.add(token)
        elif config.username:
            password = config.password.get_secret_value()
            pair = base64.b64encode(f"{config.username}:{password}".encode()).decode("ascii")
            headers["Authorization"] = f"Basic {pair}"
            hidden |= {pair, password}
        self.headers: Mapping[str, str] = headers
        self._hidden = sorted((text for text in hidden if len(text) >= _SHORT), key=len, reverse=True)

    def sets(self, header: str) -> bool:
        """Whether it sends this header, which nobody else may give then."""
        return header.lower() in {name.lower() for name in self.headers}

    def masked(self, text: str) -> str:
        """Return the text without what is secret: a server may say it again."""
        for secret in self._hidden:
            text = text.replace(secret, _MASK)
        return text


def origin(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address: what has to be the same for a secret to be sent there."""
    parts = urlsplit(address)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme, 0)
