"""What the conformance kit tries the tool with that drafts mails."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar


class DraftsScene:
    """A folder for drafts."""

    example: ClassVar[dict[str, Any]] = {"to": ["ann@example.org"], "subject": "Parts", "body": "We need bolts."}

    def __init__(self, folder: Path) -> None:
        self.config = {"folder": str(folder)}


TOOL_SCENES = {"mail_draft": DraftsScene}
