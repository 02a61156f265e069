"""Signs what is sent by the scheme of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256, version 1."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a new signing secret, as libraries of the scheme take it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def headers(message: str, moment: int, body: bytes, signers: Sequence[str]) -> Mapping[str, str]:
    """Return the headers by which a receiver knows what came, when, and from whom.

    Args:
        message: the id of the message, the same for every try.
        moment: of this try, in seconds since the epoch.
        body: what is sent.
        signers: secrets of `new_secret`; each signs, so that a receiver may have any of them.
    """
    signatures = " ".join(f"v1,{_signature(message, moment, body, secret)}" for secret in signers)
    return {"webhook-id": message, "webhook-timestamp": str(moment), "webhook-signature": signatures}


def _signature(message: str, moment: int, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message}.{moment}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")
