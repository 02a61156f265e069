"""What the conformance kit tries the database tool with."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any, ClassVar


class DatabaseScene:
    """A database of one table."""

    example: ClassVar[dict[str, Any]] = {"sql": "SELECT name FROM parts ORDER BY name"}

    def __init__(self, folder: Path) -> None:
        file = folder / "shop.db"
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("CREATE TABLE parts (name TEXT)")
            connection.execute("INSERT INTO parts VALUES ('bolt'), ('nut')")
        self.config = {"url": f"sqlite:///{file}", "tables": ["parts"]}


TOOL_SCENES = {"database": DatabaseScene}
