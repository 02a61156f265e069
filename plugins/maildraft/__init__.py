"""Drafts of mails as a tool: an example of one that writes."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.maildraft.tool import MailDraftConfig, MailDraftTool

__all__ = ["MANIFEST", "MailDraftConfig", "MailDraftTool", "register"]

MANIFEST = Manifest(
    "maildraft",
    "1.0",
    description="Puts drafts of mails into a folder; sends nothing.",
    permissions=Permissions(paths=("*",), writes=True),
)


def register(registry: Registry) -> None:
    """Offer the kind of tool `mail_draft`."""
    registry.add_tool_kind("mail_draft", MailDraftConfig, MailDraftTool)
