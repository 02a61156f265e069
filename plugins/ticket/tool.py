"""Sends a ticket once: a second try might make a second ticket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assistant.errors import AssistantError, ToolError
from assistant.types import ToolResult, User
from plugins.net import PoliteClient, Reply

_MOST_BYTES = 100_000  # of an answer
_SHOWN = 300  # characters of it
_LONGEST_TITLE = 200  # characters
_LONGEST_TEXT = 20_000


class TicketConfig(BaseModel):
    """Tickets, created by HTTP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^/@]+(/|$)", title="Address", description="Takes a ticket by POST, as JSON.")
    token: SecretStr = Field(SecretStr(""), title="Token", description="Sent as a bearer token.")
    fields: dict[str, Any] = Field({}, title="Fields", description="More fields of every ticket, e.g. its project.")
    private_hosts: tuple[str, ...] = Field(
        (), title="Private hosts", description="The host, where it lies in a private network."
    )
    seconds: float = Field(20, gt=0, le=120, title="Seconds", description="For each step of the request.")


class TicketTool:
    """See `interfaces.Tool`.

    Args:
        name: the tool's.
        config: where tickets go.
    """

    writes = True
    reaches_out = True
    description = "Creates a ticket for the people who look after something. Returns what the ticket system says."
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "One line.", "maxLength": _LONGEST_TITLE},
            "text": {"type": "string", "description": "What is wrong or wanted.", "maxLength": _LONGEST_TEXT},
        },
        "required": ["title", "text"],
        "additionalProperties": False,
    }

    def __init__(self, name: str, config: TicketConfig) -> None:
        self.name = name
        self._config = config
        self._client = PoliteClient(config.private_hosts, timeout_seconds=config.seconds, tries=1)

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        if unknown := set(arguments) - {"title", "text"}:
            raise ToolError(f"there is no argument {sorted(unknown)[0]!r}", "give title and text")
        title, text = _text(arguments, "title", _LONGEST_TITLE), _text(arguments, "text", _LONGEST_TEXT)
        reply = self._sent({"title": title, "text": text, "reporter": user.id} | self._config.fields)
        said = " ".join(reply.body.decode("utf-8", "replace").split())[:_SHOWN]
        if not 200 <= reply.status < 300:
            raise ToolError(f"no ticket was created: the system answers {reply.status}: {said}", "tell an admin")
        return ToolResult(f"The ticket was created: {said or reply.status}", {"status": reply.status, "answer": said})

    def _sent(self, ticket: Mapping[str, Any]) -> Reply:
        token = self._config.token.get_secret_value()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            return self._client.request(
                "POST", self._config.url, _MOST_BYTES, headers, json.dumps(ticket).encode("utf-8")
            )
        except AssistantError as error:
            raise ToolError(
                f"whether a ticket was created is not known: {error.message}", "look before a retry"
            ) from error
        except httpx.HTTPError as error:
            raise ToolError(f"whether a ticket was created is not known: {error}", "look before a retry") from error


def _text(arguments: Mapping[str, Any], name: str, most: int) -> str:
    found = arguments.get(name)
    if not isinstance(found, str) or not found.strip() or len(found) > most:
        raise ToolError(f"{name} is no text of 1 to {most:,} characters", "correct it")
    return found
