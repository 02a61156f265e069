"""The tools that admins configure: added, changed, tried, switched on and off, and for whom they are."""

from __future__ import annotations

from assistant.toolbox.desk import ToolDesk
from assistant.toolbox.offered import OfferedTool
from assistant.toolbox.values import Origin, Sketch, State, ToolInfo

__all__ = ["OfferedTool", "Origin", "Sketch", "State", "ToolDesk", "ToolInfo"]
