"""Reads the headers of mails, whatever their writers made of the rules."""

from __future__ import annotations

import email.policy
from email.message import Message

from assistant.parsing.member_names import repaired

HEADERS = ("From", "To", "Cc", "Date", "Subject")


def header(message: Message[str, str], name: str) -> str:
    """Return a header's decoded value, as it was written where it cannot be decoded, or an empty string."""
    raw = next((str(value) for known, value in message.raw_items() if known.lower() == name.lower()), "")
    return decoded(name, raw)


def decoded(name: str, raw: str) -> str:
    """Return the decoded form of what the header `name` says."""
    plain = repaired(raw)
    if plain != raw:  # bytes beyond ASCII, which the library would replace by question marks
        return plain
    try:
        return repaired(str(email.policy.default.header_fetch_parse(name, raw)))
    except Exception:  # noqa: BLE001 (the library raises nearly anything over headers that break the rules)
        return plain
