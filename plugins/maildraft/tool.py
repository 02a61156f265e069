"""Writes a mail into a folder as a file that mail programs open; nothing is sent."""

from __future__ import annotations

import email.policy
import os
import uuid
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.errors import ToolError
from assistant.types import ToolResult, User

_MOST_RECIPIENTS = 20
_LONGEST_SUBJECT = 200  # characters
_LONGEST_BODY = 50_000


class MailDraftConfig(BaseModel):
    """Drafts of mails, put into a folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path = Field(title="Folder", description="Where drafts are put; it has to exist.")
    domains: tuple[str, ...] = Field(
        (), title="Domains", description="Drafts are only for addresses of these, e.g. example.org; empty: any."
    )


class MailDraftTool:
    """See `interfaces.Tool`.

    Args:
        name: the tool's.
        config: where drafts go.
    """

    writes = True
    description = "Drafts a mail: puts it into a folder, where a person looks at it and sends it, or does not."
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "to": {
                "type": "array",
                "items": {"type": "string"},
                "description": f"Addresses, 1 to {_MOST_RECIPIENTS}, e.g. ann@example.org.",
            },
            "subject": {"type": "string", "description": "One line.", "maxLength": _LONGEST_SUBJECT},
            "body": {"type": "string", "description": "Plain text.", "maxLength": _LONGEST_BODY},
        },
        "required": ["to", "subject", "body"],
        "additionalProperties": False,
    }

    def __init__(self, name: str, config: MailDraftConfig) -> None:
        self.name = name
        self._config = config

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        del user  # whoever may use the tool may have drafts written
        if unknown := set(arguments) - {"to", "subject", "body"}:
            raise ToolError(f"there is no argument {sorted(unknown)[0]!r}", "give to, subject and body")
        recipients = self._recipients(arguments.get("to"))
        subject = _text(arguments, "subject", _LONGEST_SUBJECT)
        if "\n" in subject or "\r" in subject:
            raise ToolError("subject has several lines", "write one line")
        message = EmailMessage(email.policy.SMTP)
        message["To"] = recipients
        message["Subject"] = subject
        message["X-Unsent"] = "1"  # mail programs open it for editing
        message.set_content(_text(arguments, "body", _LONGEST_BODY))
        name = f"{uuid.uuid4()}.eml"
        self._write(name, bytes(message))
        told = ", ".join(one.addr_spec for one in recipients)
        return ToolResult(f"The draft {name} to {told} is in the folder; it was not sent.", {"file": name})

    def check(self) -> str:
        """See `interfaces.CheckedTool`."""
        if not os.access(self._config.folder, os.W_OK | os.X_OK) or not self._config.folder.is_dir():
            raise ToolError(
                f"{self._config.folder} is no folder that can be written to", "make it, or correct the path"
            )
        return f"{self._config.folder} can be written to"

    def _recipients(self, given: Any) -> list[Address]:
        if not isinstance(given, list) or not 1 <= len(given) <= _MOST_RECIPIENTS:
            raise ToolError(f"to is no list of 1 to {_MOST_RECIPIENTS} addresses", "correct it")
        found = []
        for one in given:
            try:
                address = Address(addr_spec=one) if isinstance(one, str) else Address()
            except (HeaderParseError, ValueError, IndexError):
                address = Address()
            if not address.username or not address.domain:
                raise ToolError(f"{one!r} is no address", "write one as ann@example.org")
            domains = [domain.lower() for domain in self._config.domains]
            if domains and address.domain.lower() not in domains:
                raise ToolError(f"{one} is not of an allowed domain", f"allowed are: {', '.join(domains)}")
            found.append(address)
        return found

    def _write(self, name: str, data: bytes) -> None:
        """Put the file into the folder whole or not at all."""
        path = self._config.folder / name
        part = path.with_suffix(".part")
        try:
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ToolError(f"the draft cannot be written: {error.strerror}", "tell an admin") from error


def _text(arguments: Mapping[str, Any], name: str, most: int) -> str:
    found = arguments.get(name)
    if not isinstance(found, str) or not found.strip() or len(found) > most:
        raise ToolError(f"{name} is no text of 1 to {most:,} characters", "correct it")
    return found
