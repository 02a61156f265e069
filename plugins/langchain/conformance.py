"""What the conformance kit tries LangChain's tools with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


def shout() -> BaseTool:
    """Return a tool of LangChain that writes a text in capitals."""
    from langchain_core.tools import StructuredTool

    def louder(text: Annotated[str, Field(description="What to write.")]) -> str:
        """Write a text in capitals."""
        return text.upper()

    return StructuredTool.from_function(louder, name="louder")


class LangChainScene:
    """A tool that changes nothing."""

    example: ClassVar[dict[str, Any]] = {"text": "mind the gap"}

    def __init__(self, folder: Path) -> None:
        del folder
        self.config = {"path": f"{__name__}.shout", "writes": False}


TOOL_SCENES = {"langchain": LangChainScene}
